package io.posixsocket.rpc;

import java.util.List;

/** Runs a call inside its interceptors, the first one outermost. One object per interceptor and call. */
final class InterceptorChain implements Runnable {
    private final List<Interceptor> interceptors;
    private final int next;
    private final CallContext call;
    private final Runnable core;

    private final Thread thread = Thread.currentThread();

    private boolean over; // the interceptor has returned
    private boolean proceeded;
    private RuntimeException failure; // what came out of proceed, and stays the outcome if an interceptor swallows it
    private Error error;

    private InterceptorChain(List<Interceptor> interceptors, int next, CallContext call, Runnable core) {
        this.interceptors = interceptors;
        this.next = next;
        this.call = call;
        this.core = core;
    }

    static void run(List<Interceptor> interceptors, CallContext call, Runnable core) {
        proceed(interceptors, 0, call, core);
    }

    private static void proceed(List<Interceptor> interceptors, int index, CallContext call, Runnable core) {
        if (index == interceptors.size()) {
            core.run();
            return;
        }
        Interceptor interceptor = interceptors.get(index);
        InterceptorChain rest = new InterceptorChain(interceptors, index + 1, call, core);
        try {
            interceptor.intercept(call, rest);
        } catch (StatusException e) {
            // an exception of the interceptor's own, from another call perhaps: what it says of that one is not true of
            // this one
            if (rest.proceeded && e != rest.failure && e.executed() == Executed.NO)
                throw new StatusException(e.status(), e.description(), e.details(), Executed.MAYBE, e);
            throw e;
        } finally {
            rest.over = true;
        }
        if (rest.failure != null) throw rest.failure;
        if (rest.error != null) throw rest.error;
        if (!rest.proceeded)
            throw new StatusException(
                    Status.INTERNAL,
                    "interceptor " + interceptor.getClass().getName() + " returned without proceeding with "
                            + call.method(),
                    Executed.NO,
                    null);
    }

    @Override
    public void run() {
        if (over || Thread.currentThread() != thread)
            throw new IllegalStateException(
                    "interceptor " + interceptors.get(next - 1).getClass().getName() + " proceeded with "
                            + call.method() + " on another thread, or after it had returned");
        if (proceeded)
            throw new IllegalStateException("interceptor "
                    + interceptors.get(next - 1).getClass().getName() + " proceeded twice with " + call.method());
        proceeded = true;
        try {
            proceed(interceptors, next, call, core);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        } catch (Error e) {
            error = e;
            throw e;
        }
    }
}

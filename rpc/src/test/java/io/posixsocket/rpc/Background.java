package io.posixsocket.rpc;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Something that runs on a thread of its own meanwhile. */
final class Background<T> {
    private final FutureTask<T> task;
    private final Thread thread;

    private Background(Callable<T> what, Function<Runnable, Thread> threads) {
        task = new FutureTask<>(what);
        thread = threads.apply(task);
        thread.setDaemon(true);
        thread.start();
    }

    static <T> Background<T> run(Callable<T> what) {
        return new Background<>(what, task -> new Thread(task, "background"));
    }

    /** On a virtual thread, where there are any. */
    static <T> Background<T> runVirtual(Callable<T> what) {
        return new Background<>(what, VirtualThreads::unstarted);
    }

    /** What it returned; what it threw. */
    T result() throws Exception {
        try {
            return task.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) throw cause;
            throw e;
        } catch (TimeoutException e) {
            AssertionError stuck = new AssertionError("still running: " + thread);
            stuck.setStackTrace(thread.getStackTrace());
            throw stuck;
        }
    }

    /** The failure of a call. */
    StatusException failure() throws Exception {
        try {
            throw new AssertionError("returned " + result());
        } catch (StatusException e) {
            return e;
        }
    }

    Thread thread() {
        return thread;
    }
}

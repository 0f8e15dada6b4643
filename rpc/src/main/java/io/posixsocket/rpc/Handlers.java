package io.posixsocket.rpc;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs calls in an executor of the user's. Counts those that it has not begun: it may have a queue without a bound, and those
 * that are cancelled meanwhile stay in it.
 */
final class Handlers {
    static final int DEFAULT_MAX_QUEUED = 1024;

    private static final System.Logger LOG = System.getLogger(Server.class.getName());

    private final Executor executor;
    private final int max;
    private final AtomicInteger queued = new AtomicInteger();

    Handlers(Executor executor, int max) {
        this.executor = executor;
        this.max = max;
    }

    /** Takes a place in the queue, to be used by {@link #run} or given back; false if there is none. */
    boolean enter() {
        if (queued.incrementAndGet() <= max) return true;
        leave();
        return false;
    }

    void leave() {
        queued.decrementAndGet();
    }

    int queued() {
        return queued.get();
    }

    String full() {
        return "handlers' executor has not begun as many calls as may wait for it, maxQueuedCalls is " + max;
    }

    /** Has the executor run the call; cancels it if it does not take it. May run it on the calling thread. Throws nothing. */
    void run(ServerCall call, Runnable code) {
        Task task = new Task(code);
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            task.end();
            LOG.log(System.Logger.Level.DEBUG, () -> "handlers' executor rejected " + call, e);
            reject(call, "handlers' executor takes no more calls");
        } catch (Throwable e) { // no more threads for this process, or its own fault, declared or not
            task.end();
            LOG.log(System.Logger.Level.ERROR, () -> "handlers' executor failed with " + call, e);
            reject(call, "handlers' executor failed");
        }
    }

    private static void reject(ServerCall call, String why) {
        call.cancel(new StatusException(Status.RESOURCE_EXHAUSTED, why));
    }

    /** Runs once, whatever the executor does. */
    private final class Task implements Runnable {
        private final Runnable code;
        private final AtomicBoolean counted = new AtomicBoolean(true);

        Task(Runnable code) {
            this.code = code;
        }

        boolean end() {
            if (!counted.compareAndSet(true, false)) return false;
            leave();
            return true;
        }

        @Override
        public void run() {
            if (end()) code.run();
        }
    }
}

package io.posixsocket.rpc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;

/**
 * A server's sense of time: one thread that looks at everything with a deadline when the earliest one is due. Blocks nowhere
 * but in its own wait, and runs no user code, save what an interrupt runs in the channel that a handler blocks in.
 *
 * <p>Registering a deadline is one comparison while an earlier one is known: nothing is queued per call.
 */
final class Keeper {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long NEVER_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final VarHandle EARLIEST;

    static {
        try {
            EARLIEST = MethodHandles.lookup().findVarHandle(Keeper.class, "earliest", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LongUnaryOperator look;
    private final Thread thread;

    // When to look next. Lowered by anybody, by CAS; raised by the keeper alone, before it looks: whoever registers
    // after that lowers it again, whoever registered before is seen.
    private volatile long earliest = never(System.nanoTime());
    private volatile boolean stopped;

    /** @param look acts on what is due at the given time and returns when to look again, in terms of nanoTime */
    Keeper(String name, LongUnaryOperator look) {
        this.look = look;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Looks at this time or before. What is to be found then must be visible already. */
    void wakeBy(long nanoTime) {
        for (long now = earliest; nanoTime - now < 0; now = earliest) {
            if (EARLIEST.compareAndSet(this, now, nanoTime)) {
                LockSupport.unpark(thread);
                return;
            }
        }
    }

    /** A time so late that looking then costs nothing. */
    static long never(long now) {
        return now + NEVER_NANOS;
    }

    /** The earlier of two times. */
    static long earlier(long one, long other) {
        return one - other < 0 ? one : other;
    }

    private void run() {
        while (!stopped) {
            long now = System.nanoTime();
            long wait = earliest - now;
            if (wait > 0) {
                LockSupport.parkNanos(this, wait);
                continue;
            }
            earliest = never(now);
            long next;
            try {
                next = look.applyAsLong(now);
            } catch (RuntimeException
                    | Error e) { // no memory; or a channel that a handler blocks in failed to be interrupted
                LOG.log(System.Logger.Level.ERROR, "keeper failed, looks again", e);
                next = now + RETRY_NANOS;
            }
            wakeBy(next);
        }
    }
}

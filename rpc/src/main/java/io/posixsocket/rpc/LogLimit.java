package io.posixsocket.rpc;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Logs at most a line per second of what a peer can make happen as often as it likes, and says how many it left out. A logger
 * that fails is left out as well: who warns goes on.
 */
final class LogLimit {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final System.Logger log;
    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final AtomicLong leftOut = new AtomicLong();

    LogLimit(System.Logger log) {
        this.log = log;
    }

    void warn(Supplier<String> message) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due < 0 || !next.compareAndSet(due, now + INTERVAL_NANOS)) {
            leftOut.incrementAndGet();
            return;
        }
        long before = leftOut.getAndSet(0);
        try {
            log.log(
                    System.Logger.Level.WARNING,
                    () -> message.get() + (before == 0 ? "" : " (and " + before + " more before)"));
        } catch (RuntimeException | Error e) { // a logger needs descriptors and memory too, and here they may lack
            leftOut.addAndGet(before + 1);
        }
    }
}

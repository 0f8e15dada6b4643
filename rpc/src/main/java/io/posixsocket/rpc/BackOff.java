package io.posixsocket.rpc;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The pause after a failed attempt to reach a server: 5 ms, doubled by each further failure up to 1 s, each time 20 % more or
 * less, so that many clients do not come back at once. Confined to its pool's lock.
 */
final class BackOff {
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_DOUBLINGS = 8; // 5 ms << 8 is over a second

    private int failures; // in a row
    private long until; // in terms of nanoTime, while there are failures

    void failed() {
        until = System.nanoTime() + nanos(failures);
        failures = Math.min(failures + 1, MOST_DOUBLINGS);
    }

    void reset() {
        failures = 0;
    }

    boolean isOver(long now) {
        return failures == 0 || now - until >= 0;
    }

    /** When it is over. */
    long until() {
        return until;
    }

    /** After so many failures before the last one. */
    static long nanos(int failuresBefore) {
        long nanos = Math.min(FIRST_NANOS << failuresBefore, LONGEST_NANOS);
        return (long) (nanos * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
    }
}

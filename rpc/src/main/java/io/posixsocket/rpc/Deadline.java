package io.posixsocket.rpc;

import java.time.Duration;

/** A point in time of this process's monotonic clock. A value. */
public final class Deadline implements Comparable<Deadline> {
    /** Half of what a long holds, 146 years: sums and differences stay in range. */
    private static final long MAX_NANOS = Long.MAX_VALUE / 2;

    private final long nanoTime;

    private Deadline(long nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** {@code timeout} from now. One that is zero or negative gives a deadline that has passed. */
    public static Deadline after(Duration timeout) {
        return afterNanos(saturatedNanos(timeout));
    }

    static Deadline afterNanos(long nanos) {
        return new Deadline(System.nanoTime() + Math.max(-MAX_NANOS, Math.min(MAX_NANOS, nanos)));
    }

    /** Duration.toNanos throws beyond 292 years: more than anybody waits, but no reason to fail. */
    static long saturatedNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /** As {@link #saturatedNanos}, and so that a point of nanoTime plus it stays in range. */
    static long boundedNanos(Duration duration) {
        return Math.max(-MAX_NANOS, Math.min(MAX_NANOS, saturatedNanos(duration)));
    }

    /** The time left, zero or negative when it has passed. */
    public Duration remaining() {
        return Duration.ofNanos(remainingNanos());
    }

    /** The time left in nanoseconds, zero or negative when it has passed. */
    public long remainingNanos() {
        return nanoTime - System.nanoTime();
    }

    /** Whether it has passed. */
    public boolean isExpired() {
        return remainingNanos() <= 0;
    }

    /** In terms of {@link System#nanoTime}. */
    long nanoTime() {
        return nanoTime;
    }

    /** The earlier one; null is no deadline. */
    static Deadline earlier(Deadline one, Deadline other) {
        if (one == null) return other;
        if (other == null) return one;
        return one.compareTo(other) <= 0 ? one : other;
    }

    @Override
    public int compareTo(Deadline other) {
        return Long.signum(nanoTime - other.nanoTime);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Deadline deadline && deadline.nanoTime == nanoTime;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(nanoTime);
    }

    @Override
    public String toString() {
        return remainingNanos() / 1e6 + " ms from now";
    }
}

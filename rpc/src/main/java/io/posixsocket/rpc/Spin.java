package io.posixsocket.rpc;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Whether to look for the next frame again and again for a while before blocking. A spin that finds it saves two context
 * switches; one that does not burns its whole length, and steals it from a peer that shares the core. Worse, a thread that
 * spins uses up its share of a core that others want, and then loses it for a whole time slice, milliseconds.
 *
 * <p>So spinning stops for a time after a fruitless spin, and for a long time after one in which the thread lost its core,
 * whether it found something or not. The time doubles with each failure, unless spinning has paid so often in between that
 * the failures are too few to be seen in the 99th percentile. It is a time and not a number of waits, so that slow calls,
 * where spinning can win most, are tried again as soon as fast ones.
 *
 * <p>The length is longer than waking a sleeping peer takes. Otherwise both sides would sleep for ever where that takes long
 * (27 µs on a virtual machine): the one that looks would always give up just before the other one has woken.
 *
 * <p>No yield between tries: it lets busy neighbours in for whole time slices (measured p99 of 4 ms).
 *
 * <p>Confined to the thread that reads the connection.
 */
final class Spin {
    static final Duration DEFAULT = Duration.ofNanos(50_000);

    private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;
    private static final long REST_AFTER_FRUITLESS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long MAX_REST_AFTER_FRUITLESS = TimeUnit.MILLISECONDS.toNanos(256);
    private static final long REST_AFTER_SLOW = TimeUnit.MILLISECONDS.toNanos(128);
    private static final long MAX_REST_AFTER_SLOW = TimeUnit.MILLISECONDS.toNanos(1024);
    /** Spins in a row that paid, after which a failure is forgiven. */
    private static final int LONG_ENOUGH = 256;

    private final long nanos;
    private final long slowNanos; // nobody spins so long who keeps the core
    private boolean resting;
    private long restEnds; // in terms of nanoTime, while resting
    private long rest; // the length of the last one
    private int paid; // since the last failure

    /** @param length zero: never */
    Spin(Duration length) {
        this.nanos = ONE_PROCESSOR ? 0 : length.toNanos();
        this.slowNanos = 4 * nanos;
    }

    /** How long to spin in this wait, in nanoseconds; 0 for not at all. */
    long begin() {
        if (nanos == 0) return 0;
        if (resting) {
            if (System.nanoTime() - restEnds < 0) return 0;
            resting = false;
        }
        return nanos;
    }

    /** The frame was there after this time. */
    void paid(long tookNanos) {
        if (tookNanos > slowNanos) rest(REST_AFTER_SLOW, MAX_REST_AFTER_SLOW);
        else paid++;
    }

    /** It was not there when the time was up. */
    void fruitless(long tookNanos) {
        if (tookNanos > slowNanos) rest(REST_AFTER_SLOW, MAX_REST_AFTER_SLOW);
        else rest(REST_AFTER_FRUITLESS, MAX_REST_AFTER_FRUITLESS);
    }

    private void rest(long atLeast, long atMost) {
        rest = paid >= LONG_ENOUGH ? atLeast : Math.max(atLeast, Math.min(2 * rest, atMost));
        restEnds = System.nanoTime() + rest;
        resting = true;
        paid = 0;
    }
}

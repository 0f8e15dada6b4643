package io.posixsocket.rpc;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether to look for the next frame again and again for a while before blocking. A spin that finds it saves two context
 * switches; one that does not burns its whole length, and steals it from a peer that shares the core. Worse, a thread that
 * spins uses up its share of a core that others want, and then loses it for a whole time slice, milliseconds.
 *
 * <p>So a spin in vain is paid for: each wait earns a little time, a spin in vain costs what it took, and a connection in debt
 * blocks at once. Whatever the machine does, the mean wait gets longer by no more than what it earns, and spins in vain are too
 * few to be seen in the 99th percentile. Waits earn, and not time, because the cost is to be small against the calls that bear
 * it. Long frames have waits of their own in their middle, and bear more: their bytes earn too.
 *
 * <p>After a slow spin, one in which the thread lost its core, none is made for a time, whether it found the frame or not: with
 * busy neighbours each slice lost is milliseconds for one call, and the more the two ends run the sooner it is lost. That time
 * doubles, unless so many spins have paid in between that it was an accident. A garbage collection in its middle is none of that: the
 * thread did not lose its core to anybody, and where messages are long there is one every few hundred calls.
 *
 * <p>The length is longer than waking a sleeping peer takes, even where it takes long (27 µs, now and then 70, on a virtual
 * machine). Otherwise both sides would sleep for ever there: the one that looks would always give up just before the other one
 * has woken.
 *
 * <p>No yield between tries: it lets busy neighbours in for whole time slices (measured p99 of 4 ms).
 *
 * <p>Confined to the thread that reads the connection, or to the one that writes it: each has its own.
 */
final class Spin {
    static final Duration DEFAULT = Duration.ofNanos(100_000);

    private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;
    private static final long EARNED_BY_A_WAIT = 200; // nanoseconds: one default spin in 500 waits
    /** As a share of what is carried: a byte takes 0.15 ns or more, and earns a fifth of that. */
    private static final int BYTES_PER_NANO_EARNED = 32;

    private static final long REST = TimeUnit.MILLISECONDS.toNanos(64);
    private static final long LONGEST_REST = TimeUnit.MILLISECONDS.toNanos(1024);
    /** Spins that paid, after which a slow one is an accident. */
    private static final int LONG_ENOUGH = 4096;

    /**
     * Threads of this process that are blocked in a wait of ours. Where many callers share few cores, a spin in vain delays all the
     * others, so each of them has to have earned it. No more than so many count: most of those that are blocked for long
     * are waiting for slow calls, and delay nobody.
     */
    private static final AtomicInteger BLOCKED = new AtomicInteger();

    private static final int MOST_BLOCKED = 63;

    private final long nanos;
    private final long slowNanos; // nobody spins so long who keeps the core
    private long credit; // nanoseconds; not above one spin, so that no more than two in a row are in vain
    private boolean resting;
    private long restEnds; // in terms of nanoTime, while resting
    private long rest; // the length of the last one
    private int paid; // since the last slow one
    private WeakReference<Object>
            canary; // what it holds is dead if there was a collection since begin(); null before that

    /** @param length zero: never */
    Spin(Duration length) {
        this.nanos = ONE_PROCESSOR ? 0 : length.toNanos();
        this.slowNanos = 4 * nanos;
    }

    /** How long to spin in this wait, in nanoseconds; 0 for not at all. */
    long begin() {
        if (nanos == 0) return 0;
        credit = Math.min(credit + EARNED_BY_A_WAIT, nanos);
        if (credit < 0) return 0;
        if (resting) {
            if (System.nanoTime() - restEnds < 0) return 0;
            resting = false;
        }
        if (canary == null || canary.refersTo(null)) canary = new WeakReference<>(new Object());
        return nanos;
    }

    /** The frame was there after this time. */
    void paid(long tookNanos) {
        if (isSlow(tookNanos)) rest();
        else paid++;
    }

    /** It was not there when the time was up. */
    void fruitless(long tookNanos) {
        if (isSlow(tookNanos)) rest();
        else credit -= Math.min(tookNanos, slowNanos) * (1 + Math.min(BLOCKED.get(), MOST_BLOCKED));
    }

    /** So many bytes of a frame came, or went. */
    void carried(int bytes) {
        credit += bytes / BYTES_PER_NANO_EARNED;
    }

    private boolean isSlow(long tookNanos) {
        return tookNanos > slowNanos && !canary.refersTo(null);
    }

    /** The thread is about to block. */
    void blocks() {
        if (nanos > 0) BLOCKED.incrementAndGet();
    }

    /** It has blocked. */
    void woke() {
        if (nanos > 0) BLOCKED.decrementAndGet();
    }

    private void rest() {
        rest = paid >= LONG_ENOUGH ? REST : Math.max(REST, Math.min(2 * rest, LONGEST_REST));
        restEnds = System.nanoTime() + rest;
        resting = true;
        paid = 0;
    }
}

package io.posixsocket.rpc;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Whether to look for the next frame again and again for a while before blocking. A spin that finds it saves two context
 * switches; one that does not burns its whole length, and steals it from a peer that shares the core. Worse, a thread that
 * spins uses up its share of a core that others want, and then loses it for a whole time slice, milliseconds.
 *
 * <pre>
 * LOOKING     each wait looks for a while, then blocks      BLOCKING    each wait blocks at once
 * TRYING      for a few milliseconds each wait looks
 *
 * LOOKING  -> TRYING     spins in vain have cost more than the others have earned
 * LOOKING  -> BLOCKING   the core was lost, and not long before that too, or a trial was won
 * BLOCKING -> TRYING     at certain times of the machine's clock, if waits follow each other closely
 * TRYING   -> LOOKING    the last spins of the trial found their frames
 * TRYING   -> BLOCKING   they did not: the next trial is further away
 * </pre>
 *
 * <p>LOOKING: each wait earns a little, each spin that finds its frame more, and one in vain costs what it took. A thread that
 * loses its core to others in a spin does so again soon if they are busy; once in thousands of spins is an accident, and a
 * garbage collection in its middle is none of that.
 *
 * <p>TRYING, because one end alone cannot begin. The kernel wakes a thread on the core of the one that has sent to it, supposing
 * that this one is about to sleep. If it looks instead, what it looks for cannot come. Both ends have to stay awake until the
 * kernel has moved one of them to another core, which takes it a few ticks; and from then on, for who sleeps is taken back.
 * The two know nothing of each other but read one clock, so both try at the same times. They yield the core that they may
 * share, so that calls go on meanwhile; and at the end, when it counts, they do not. The kernel may also leave them where they
 * are, to let the other core sleep. So the server's end leaves the core by itself when its yields tell that it is shared.
 *
 * <p>Outside of trials no yield: it lets busy neighbours in for whole time slices (measured p99 of 4 ms). Trials cost the same
 * where they fail, so they get rarer then, down to one in {@link #LONGEST_PERIOD}.
 *
 * <p>Where other threads of this process wait as often as this one, by as many as half of the cores, nobody looks: their peers
 * need the cores.
 *
 * <p>The length of a spin is longer than waking a sleeping peer takes, even where it takes long (27 µs, now and then 70, on a
 * virtual machine). Otherwise the one that looks would always give up just before the other one has woken.
 *
 * <p>Confined to the thread that reads the connection, or to the one that writes it: each has its own.
 */
final class Spin {
    static final Duration DEFAULT = Duration.ofNanos(100_000);

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private static final long EARNED_BY_A_WAIT = 200; // nanoseconds
    private static final long EARNED_BY_A_FIND = 2_000; // blocking would have cost more
    /** As a share of what is carried: a byte takes 0.15 ns or more, and earns a fifth of that. */
    private static final int BYTES_PER_NANO_EARNED = 32;
    /** What is earned is kept for so many spins in vain. */
    private static final int MOST_IN_VAIN = 8;
    /** Spins that found their frame, after which a slow one is an accident. */
    private static final int LONG_ENOUGH = 1024;

    /** Powers of two, so that a longer period's trials are some of a shorter one's. */
    static final long SHORTEST_PERIOD = 1L << 26; // 67 ms

    static final long LONGEST_PERIOD = SHORTEST_PERIOD << 2;

    /** The kernel looks for idle cores each tick of 4 ms, and moves a thread that has just run at the third look only. */
    static final long YIELDING = TimeUnit.MILLISECONDS.toNanos(12);

    static final long TRIAL = YIELDING + TimeUnit.MILLISECONDS.toNanos(1);
    private static final int FOUND_ENOUGH = 8;
    /** From wait to wait, while both ends block: else there are too few in a trial. */
    private static final long CLOSE = TimeUnit.MICROSECONDS.toNanos(200);

    /** Waits of all threads of this process that have blocked and ended. */
    private static final AtomicInteger BLOCKED = new AtomicInteger();

    private static final int AVERAGED = 8; // over so many waits, about
    private static final int ONE_OTHER = 1024;

    /** Yields of a trial that tell whether somebody else wants the processor. */
    static final int ENOUGH_YIELDS = 32;

    /** The processor of the thread that looks. */
    interface Processor {
        /** How often the thread has lost it to another one, at yields too; negative if nobody tells. */
        long losses();

        /** Goes to another one, if it may. */
        void leave();
    }

    private enum State {
        LOOKING,
        BLOCKING,
        TRYING
    }

    private final long nanos; // 0: never
    private final LongSupplier clock;
    private final Processor processor; // null: it may not be left

    private State state = State.LOOKING;

    // What the connection's reader has added to BLOCKED; a writer does not take its own reader for another one.
    private final Spin reader;
    private int ownBlocks; // read by the writer's thread too, which may see it late

    private int seenBlocked;
    private int seenOwn;
    private int crowd; // how often the others block per wait of ours, on an average: ONE_OTHER if once
    private final int tooMany; // for who is to look

    // LOOKING
    private long credit; // nanoseconds
    private int found; // since the core was lost last; TRYING: since one in vain
    // What it holds is dead if there was a collection since begin(); null before that.
    private WeakReference<Object> canary;

    // BLOCKING
    private long period = SHORTEST_PERIOD;
    private long lastBegin;

    // TRYING
    private long yieldingEnds;
    private long trialEnds;
    private boolean yielding;
    private int yields; // that were counted
    private long lossesBefore;
    private boolean left; // the processor, in this trial
    private long lastLeft;

    /**
     * A reader's.
     *
     * @param length zero: never
     */
    Spin(Duration length) {
        this(length, (Processor) null);
    }

    /**
     * A reader's, on one of two ends alone: if both left the processor that they share, they would meet again.
     *
     * @param length zero: never
     * @param processor of the thread that reads
     */
    Spin(Duration length, Processor processor) {
        this(length, null, PROCESSORS, System::nanoTime, processor);
    }

    /**
     * A writer's.
     *
     * @param length zero: never
     * @param reader of the same connection
     */
    Spin(Duration length, Spin reader) {
        this(length, reader, PROCESSORS, System::nanoTime, null);
    }

    /** @param clock of the machine, the same in all its processes, in nanoseconds */
    Spin(Duration length, Spin reader, int processors, LongSupplier clock, Processor processor) {
        this.reader = reader == null ? this : reader;
        this.nanos = processors == 1 ? 0 : length.toNanos();
        this.clock = clock;
        this.lastLeft = clock.getAsLong() - SHORTEST_PERIOD;
        this.processor = processor;
        this.tooMany = ONE_OTHER * Math.max(1, processors / 2) * 3 / 4;
        this.seenBlocked = BLOCKED.get();
    }

    /** How long to spin in this wait, in nanoseconds; 0 for not at all. */
    long begin() {
        if (nanos == 0) return 0;
        boolean crowded = isCrowded();
        return switch (state) {
            case LOOKING -> crowded ? 0 : look();
            case BLOCKING -> tryOrBlock(clock.getAsLong(), crowded);
            case TRYING -> goOnTrying(clock.getAsLong());
        };
    }

    private boolean isCrowded() {
        int now = BLOCKED.get();
        int own = reader.ownBlocks;
        int others = Math.max(0, now - seenBlocked - (own - seenOwn));
        seenBlocked = now;
        seenOwn = own;
        // after a pause there may be any number
        crowd += (int) (Math.min((long) others * ONE_OTHER, 2L * tooMany) - crowd) / AVERAGED;
        return crowd >= tooMany;
    }

    private long look() {
        credit = Math.min(credit + EARNED_BY_A_WAIT, MOST_IN_VAIN * nanos);
        if (canary == null || canary.refersTo(null)) canary = new WeakReference<>(new Object());
        return nanos;
    }

    private long tryOrBlock(long now, boolean crowded) {
        long sinceLast = now - lastBegin;
        lastBegin = now;
        long begin = now & -period;
        if (crowded || sinceLast > CLOSE || now - begin >= YIELDING) return 0;
        beginTrial(begin);
        return goOnTrying(now);
    }

    private void beginTrial(long begin) {
        state = State.TRYING;
        yieldingEnds = begin + YIELDING;
        trialEnds = begin + TRIAL;
        yielding = true;
        yields = 0;
        left = begin - lastLeft < SHORTEST_PERIOD; // trials may follow each other closely
    }

    private long goOnTrying(long now) {
        // never short: who gives up just before it counts, sleeps, and is woken on the other one's core
        if (now - yieldingEnds < 0) return Math.max(yieldingEnds - now, nanos);
        if (yielding) found = 0; // from here on it counts
        yielding = false;
        if (now - trialEnds < 0) return nanos;
        if (found >= FOUND_ENOUGH) {
            state = State.LOOKING;
            credit = nanos;
            found = 0;
            period = SHORTEST_PERIOD;
            return look();
        }
        state = State.BLOCKING;
        period = Math.min(2 * period, LONGEST_PERIOD);
        return 0;
    }

    /** Between two looks. */
    @SuppressWarnings("ThreadPriorityCheck") // the peer may be waiting for this very core
    void pause() {
        if (!yielding) {
            Thread.onSpinWait();
            return;
        }
        if (processor != null && !left) lookAround();
        Thread.yield();
    }

    /** Where most yields let somebody else in, it is the peer, or a neighbour who is in the way as well. */
    private void lookAround() {
        if (yields == 0) lossesBefore = processor.losses();
        if (yields++ < ENOUGH_YIELDS) return;
        yields = 0;
        if (processor.losses() - lossesBefore <= ENOUGH_YIELDS / 2) return;
        left = true;
        lastLeft = clock.getAsLong();
        processor.leave();
    }

    /** The frame was there after this time. */
    void paid(long tookNanos) {
        if (state == State.TRYING) {
            found = tookNanos <= nanos ? found + 1 : 0;
        } else if (isSlow(tookNanos)) {
            slow();
        } else {
            if (found < LONG_ENOUGH) found++;
            credit += EARNED_BY_A_FIND;
        }
    }

    /** It was not there when the time was up. */
    void fruitless(long tookNanos) {
        if (state == State.TRYING) {
            found = 0;
        } else if (isSlow(tookNanos)) {
            slow();
        } else {
            credit -= Math.min(tookNanos, nanos); // a collection in its middle is not its fault
            // perhaps the two were put on one core while they paused: then the other one is out of luck too, and tries
            if (credit < 0) beginTrial(clock.getAsLong());
        }
    }

    /** So many bytes of a frame came, or went. */
    void carried(int bytes) {
        credit += bytes / BYTES_PER_NANO_EARNED;
    }

    /** Nobody spins so long who keeps the core. */
    private boolean isSlow(long tookNanos) {
        return tookNanos > 4 * nanos && !canary.refersTo(null);
    }

    /** Others took the core: an accident, or they are busy, and it happens again soon. */
    private void slow() {
        if (found < LONG_ENOUGH) state = State.BLOCKING;
        found = 0;
    }

    /** The thread has blocked. */
    void woke() {
        if (nanos == 0) return;
        BLOCKED.incrementAndGet();
        ownBlocks++;
    }
}

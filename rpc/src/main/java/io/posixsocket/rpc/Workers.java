package io.posixsocket.rpc;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of a server, all alike: each waits in the poller, acts on one source, and returns. One of them is always
 * waiting, while there may be more: the last to leave starts another, and where there are many they keep a few in reserve. When there may be no more it says so to the keeper, who
 * refuses what comes if none is back in time ({@link Overload}).
 */
final class Workers {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());
    /** One that found nothing to do for so long goes, if another one waits. */
    private static final int RETIRE_MILLIS = 60_000;

    private static final int BUSY_PER_SPARE = 8;

    private static final long ONE_IS = 0;
    /**
     * A worker that waits for one client alone is not busy, and looks like it: it comes back within
     * {@link ServerConnection#PARK_NANOS}, a {@link Spin#TRIAL}, and the time that the kernel adds to that.
     */
    private static final long COME_BACK_NANOS = 2 * ServerConnection.PARK_NANOS;

    private final String name;
    private final Poller poller;
    private final int max;
    private final long patienceNanos;
    private final Keeper keeper;
    private final AtomicInteger idle = new AtomicInteger(); // waiting in the poller, or about to
    private final AtomicInteger alive = new AtomicInteger();
    private final AtomicInteger count = new AtomicInteger(); // started ever, for their names
    private final CountDownLatch gone = new CountDownLatch(1);
    // When the last one left and no other one could be started, in terms of nanoTime. Cleared by each that comes back,
    // before it may leave again; a thread that writes late, after another one has come back, makes a refusal a little
    // early, at worst.
    private volatile long noneIdleSince = ONE_IS;
    private volatile boolean stopped;

    private final LogLimit startFailures = new LogLimit(LOG);

    /** @param patienceNanos how long all may be busy before the keeper acts in their place */
    Workers(String name, Poller poller, int max, long patienceNanos, Keeper keeper) {
        this.name = name;
        this.poller = poller;
        this.max = max;
        this.patienceNanos = COME_BACK_NANOS + patienceNanos;
        this.keeper = keeper;
    }

    void start() {
        grow();
    }

    /** Whether a thread waits for whatever comes next: while none does, nobody waits for one connection alone. */
    boolean anyIdle() {
        return idle.get() > 0;
    }

    int alive() {
        return alive.get();
    }

    boolean isStopped() {
        return stopped;
    }

    /** When all will have been busy for too long; {@link Keeper#never} while one is idle. */
    long overloadedAt(long now) {
        long since = noneIdleSince;
        return since == ONE_IS || anyIdle() ? Keeper.never(now) : since + patienceNanos;
    }

    /** What a caller is told who is refused for that. */
    String allBusy() {
        return "all " + alive.get() + " workers are busy, maxWorkers is " + max;
    }

    /** One has left: another one is started, and if none is idle even then, the keeper is told since when. */
    private void fewIdle() {
        grow();
        if (anyIdle() || stopped) return;
        long now = System.nanoTime();
        noneIdleSince = now == ONE_IS ? 1 : now; // before the keeper is told, who looks then
        keeper.wakeBy(now + patienceNanos);
    }

    /** All go when they are back in the poller. */
    void stop() {
        stopped = true;
        if (alive.get() == 0) gone.countDown(); // they were never started
        poller.wakeAll();
    }

    /** Waits until all have gone; false when the time is up. */
    boolean awaitGone(long nanos) throws InterruptedException {
        return gone.await(nanos, TimeUnit.NANOSECONDS);
    }

    private void grow() {
        int before;
        do {
            before = alive.get();
            if (before >= max || stopped) return;
        } while (!alive.compareAndSet(before, before + 1));
        int others = before;
        idle.incrementAndGet(); // it is as good as there: two that leave meanwhile need not start two
        noneIdleSince = ONE_IS;
        boolean started = false;
        try {
            Thread worker = new Thread(this::work, name + "-worker-" + count.incrementAndGet());
            worker.setDaemon(true);
            worker.start();
            started = true;
        } catch (OutOfMemoryError e) { // no memory, or no more threads for this process: the others serve
            startFailures.warn(() -> "cannot start another worker beside " + others + ": " + e);
        } finally {
            if (!started) {
                idle.decrementAndGet();
                leave();
            }
        }
    }

    private void work() {
        boolean isIdle = true; // and counted so
        try {
            Poller.Seat seat = poller.seat();
            for (; ; ) {
                boolean event = seat.await(RETIRE_MILLIS);
                if (stopped) return;
                if (!event) {
                    if (!retire()) continue;
                    isIdle = false;
                    return;
                }
                isIdle = false;
                int left = idle.decrementAndGet();
                if (left == 0 || left < spare()) fewIdle();
                Poller.Source source = seat.source();
                if (source != null) act(source, seat.events());
                idle.incrementAndGet();
                isIdle = true;
                if (noneIdleSince != ONE_IS) noneIdleSince = ONE_IS;
            }
        } catch (IOException | RuntimeException | Error e) {
            if (!stopped) LOG.log(System.Logger.Level.ERROR, "worker cannot wait for events", e);
        } finally {
            if (isIdle && idle.decrementAndGet() == 0 && !stopped) fewIdle(); // it was the last one
            leave();
        }
    }

    private static void act(Poller.Source source, int events) {
        try {
            source.ready(events);
        } catch (Throwable e) { // our own error, or no memory: the thread serves other sources too
            LOG.log(System.Logger.Level.ERROR, () -> source + " failed", e);
        }
    }

    /**
     * How many are to wait where many are busy. One that was started, or woken, counts as waiting until it gets a core, and where
     * many want one that takes milliseconds: if each started but the next, the last of a hundred clients would wait for a
     * hundred times that.
     */
    private int spare() {
        return alive.get() / BUSY_PER_SPARE;
    }

    /** True for one that nobody will miss. */
    private boolean retire() {
        int now;
        do {
            now = idle.get();
            if (now <= Math.max(1, spare())) return false;
        } while (!idle.compareAndSet(now, now - 1));
        return true;
    }

    private void leave() {
        if (alive.decrementAndGet() == 0 && stopped) gone.countDown();
    }
}

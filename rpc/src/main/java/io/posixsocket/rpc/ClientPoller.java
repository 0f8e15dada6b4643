package io.posixsocket.rpc;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Where virtual threads wait for descriptors, those of all clients of this process: one daemon thread, which waits in a
 * {@link Poller} and wakes them. It is there from the first such wait until no client needs {@link ClientKeeper}.
 *
 * <p>Nobody parks here, for the locks that callers hold meanwhile: on JDK 21 who waits under a monitor keeps its carrier, and a
 * virtual thread before it in the queue of a lock could need that one to go on.
 */
final class ClientPoller {
    private static final System.Logger LOG = System.getLogger(Client.class.getName());
    private static final int ROUND_MILLIS = (int) TimeUnit.HOURS.toMillis(1);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int ENDED = -1;

    private static volatile ClientPoller running; // null or ended: no thread. Written under the class's monitor

    private final Poller poller = Poller.open();
    // Who wait. From 0 to ENDED when no client needs the keeper: nobody enters after that, and the thread ends. Either
    // who
    // leaves last sees that, or who says so sees that nobody waits.
    private final AtomicInteger waits = new AtomicInteger();

    private ClientPoller() throws IOException {}

    /** Puts {@code source}, for which nothing is armed yet, into the set, until {@link Place#leave}. */
    static Place enter(Poller.Source source) throws IOException {
        ClientPoller one = running;
        while (one == null || !one.begin()) one = another(one);
        boolean entered = false;
        try {
            Place place = one.new Place(source, one.poller.add(source));
            entered = true;
            return place;
        } finally {
            if (!entered) one.end();
        }
    }

    /** One that has not ended, unless it does so meanwhile. */
    private static synchronized ClientPoller another(ClientPoller ended) throws IOException {
        if (running == ended) running = start();
        return running;
    }

    private static ClientPoller start() throws IOException {
        ClientPoller one = new ClientPoller();
        boolean started = false;
        try {
            Poller.Seat seat = one.poller.seat();
            Thread thread = new Thread(() -> one.run(seat), "posixsocket-client-poller");
            thread.setDaemon(true);
            thread.start();
            started = true;
        } finally {
            if (!started) one.poller.close();
        }
        return one;
    }

    /** False if it has ended. */
    private boolean begin() {
        return waits.getAndUpdate(now -> now == ENDED ? now : now + 1) != ENDED;
    }

    private void end() {
        if (waits.decrementAndGet() == 0) stopIfUnneeded();
    }

    /** A source in the set. */
    final class Place {
        private final Poller.Source source;
        private final long key;

        private Place(Poller.Source source, long key) {
            this.source = source;
            this.key = key;
        }

        /** Asks for one event. */
        void arm(int events) {
            poller.arm(source, key, events);
        }

        /** Takes it out. Before its descriptor is closed. */
        void leave() {
            poller.remove(source, key);
            end();
        }
    }

    /** No client needs the keeper any more: after it says so. Whoever waits still will be woken, and ends this. */
    static void release() {
        ClientPoller one = running;
        if (one != null) one.stopIfUnneeded();
    }

    private void stopIfUnneeded() {
        if (!ClientKeeper.isNeeded() && waits.compareAndSet(0, ENDED)) poller.wakeAll();
    }

    private void run(Poller.Seat seat) {
        while (waits.get() != ENDED) {
            try {
                if (!seat.await(ROUND_MILLIS)) continue;
                Poller.Source source = seat.source();
                if (source != null) source.ready(seat.events());
            } catch (IOException | RuntimeException | Error e) { // no memory, mostly
                LOG.log(System.Logger.Level.ERROR, "waiting for virtual threads failed, trying again", e);
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        poller.close();
    }
}

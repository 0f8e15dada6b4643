package io.posixsocket.rpc;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where virtual threads wait for descriptors, those of all clients of this process: one daemon thread, which waits in a
 * {@link Poller} and wakes them. It is there from the first such wait until no client needs {@link ClientKeeper}.
 */
final class ClientPoller {
    private static final System.Logger LOG = System.getLogger(Client.class.getName());
    private static final int ROUND_MILLIS = (int) TimeUnit.HOURS.toMillis(1);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final ReentrantLock LOCK =
            new ReentrantLock(); // guards the next two; the poller's own come after it
    private static ClientPoller running; // null: no thread
    private int waits;

    private final Poller poller = Poller.open();
    private volatile boolean stopped;

    private ClientPoller() throws IOException {}

    /** Puts {@code source}, for which nothing is armed yet, into the set, until {@link Place#leave}. */
    static Place enter(Poller.Source source) throws IOException {
        LOCK.lock();
        try {
            if (running == null) running = start();
            Place place = running.new Place(source, running.poller.add(source));
            running.waits++;
            return place;
        } finally {
            LOCK.unlock();
        }
    }

    private static ClientPoller start() throws IOException {
        ClientPoller one = new ClientPoller();
        Thread thread = new Thread(one::run, "posixsocket-client-poller");
        thread.setDaemon(true);
        boolean started = false;
        try {
            thread.start();
            started = true;
        } finally {
            if (!started) one.poller.close();
        }
        return one;
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
            LOCK.lock();
            try {
                waits--;
                stopIfUnneeded();
            } finally {
                LOCK.unlock();
            }
        }
    }

    /** No client needs the keeper any more: after it says so. Whoever waits still will be woken, and ends this. */
    static void release() {
        LOCK.lock();
        try {
            if (running != null) running.stopIfUnneeded();
        } finally {
            LOCK.unlock();
        }
    }

    private void stopIfUnneeded() {
        if (waits > 0 || stopped || ClientKeeper.isNeeded()) return;
        stopped = true;
        running = null;
        poller.wakeAll();
    }

    private void run() {
        Poller.Seat seat = poller.seat();
        while (!stopped) {
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

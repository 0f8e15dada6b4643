package io.posixsocket.rpc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the keeper does while all workers have been busy for too long: it takes the events that they cannot take. It refuses the
 * requests, so that callers need not wait for their deadlines, hands on messages of streams that run, and sees who hangs up.
 * Confined to the keeper. Runs no user code and never blocks.
 */
final class Overload {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());

    /** How often it looks while it lasts. Between two looks events are for the first worker that is free. */
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** At one look; the keeper has other things to do. */
    private static final int MAX_EVENTS = 1024;

    private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** What a server's poller has. */
    interface Source extends Poller.Source {
        /**
         * Acts on an event, on the keeper, while all workers are busy: runs no user code and does not block. Throws nothing.
         *
         * @return false if it cannot: then {@link #watchAgain} is called soon
         */
        boolean readyWhileBusy(int events);

        /** Asks for the event again that it was given and did not act on. */
        void watchAgain();
    }

    private final Poller.Seat seat;
    private final Workers workers;
    private final List<Source> untouched = new ArrayList<>();

    Overload(Poller poller, Workers workers) {
        this.seat = poller.seat();
        this.workers = workers;
    }

    /** Acts if it is time, and returns when to look again. */
    long look(long now) {
        long due = workers.overloadedAt(now);
        if (due - now > 0) return due;
        try {
            takeEvents(now);
        } catch (IOException e) {
            // deadlines are kept all the same
            if (!workers.isStopped()) LOG.log(System.Logger.Level.ERROR, "keeper cannot take events", e);
        } finally {
            for (Source source : untouched) source.watchAgain();
            untouched.clear();
        }
        return now + INTERVAL_NANOS;
    }

    private void takeEvents(long now) throws IOException {
        for (int i = 0; i < MAX_EVENTS && !workers.anyIdle() && System.nanoTime() - now < MAX_NANOS; i++) {
            if (workers.isStopped() || !seat.await(0)) return;
            Source source = (Source) seat.source();
            if (source != null && !source.readyWhileBusy(seat.events())) untouched.add(source);
        }
    }
}

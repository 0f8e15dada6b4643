package io.posixsocket.rpc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The sense of time of all clients of this process: one daemon thread that closes idle connections, ends back-offs, and sends
 * what streams have gathered. It is there while a pool has connections, or callers that wait for its server; a client that was
 * lost without a close is let go when its connections are closed as idle. Never on the path of a unary call.
 */
final class ClientKeeper {
    /** A pool, or a stream. */
    interface Watched {
        /** Acts on what is due, without waiting; returns when to look again, in terms of nanoTime. */
        long look(long now);
    }

    // Both guarded by the class; a leaf: who is watched calls in here under its own lock, never the other way round.
    private static final Set<Watched> WATCHED = new HashSet<>();
    private static Keeper keeper; // null: no thread
    private static volatile boolean needed; // written under that lock

    private ClientKeeper() {}

    /** {@link Watched#look} is called at {@code nanoTime} or before, and again when it asks to be, until {@link #forget}. */
    static synchronized void watch(Watched one, long nanoTime) {
        if (keeper == null) {
            Keeper started = new Keeper("posixsocket-client-keeper", ClientKeeper::look);
            started.start();
            keeper = started;
        }
        WATCHED.add(one);
        needed = true;
        keeper.wakeBy(nanoTime);
    }

    static synchronized void forget(Watched one) {
        WATCHED.remove(one);
        needed = !WATCHED.isEmpty();
        if (!needed) ClientPoller.release();
    }

    /** Whether anybody is watched. */
    static boolean isNeeded() {
        return needed;
    }

    private static long look(long now) {
        long next = Keeper.never(now);
        for (Watched one : watched()) next = Keeper.earlier(next, one.look(now));
        return next;
    }

    /** Empty: the thread ends, the next {@link #watch} starts another. */
    private static synchronized List<Watched> watched() {
        if (WATCHED.isEmpty()) {
            keeper.stop();
            keeper = null;
        }
        return new ArrayList<>(WATCHED);
    }
}

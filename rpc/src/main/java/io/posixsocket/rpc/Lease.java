package io.posixsocket.rpc;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Whose a connection is, and what its pool remembers of it.
 *
 * <pre>
 * IDLE (null) -> LEASED (a thread)   by CAS: a caller for itself, the pool for a caller that waits, or the keeper
 * LEASED -> IDLE                     by the holder alone, or on its behalf when its call has ended
 * </pre>
 *
 * A connection that was thrown away stays LEASED for ever: nobody can take it by a reference that was left somewhere.
 */
final class Lease {
    private final AtomicReference<Thread> holder = new AtomicReference<>(Thread.currentThread()); // who connects

    private volatile Thread helper; // runs code of the holder's call too, for one that streams both ways; null: nobody

    private int uses; // written by the holder; a keeper that saw IDLE sees those before it

    int epoch; // of the pool when it began to connect; written before anybody else sees it
    boolean proven; // the server has replied: the holder's

    private int usesSeen = -1; // the keeper's two
    private long idleSince;

    /** Makes the connection {@code thread}'s, if it is nobody's. */
    boolean take(Thread thread) {
        if (holder.get() != null || !holder.compareAndSet(null, thread)) return false;
        uses++;
        return true;
    }

    /** The holder gives it back; whatever it did with the connection is seen by the next one. */
    void end() {
        if (helper != null) helper = null;
        holder.set(null);
    }

    /** Another thread runs code of the holder's call, until the lease ends. By the holder. */
    void helpedBy(Thread thread) {
        helper = thread;
    }

    /** Whether {@code thread} is inside a call on the connection. */
    boolean isHeldBy(Thread thread) {
        return holder.get() == thread || helper == thread;
    }

    /**
     * Takes a connection that nobody has used for {@code nanos} before {@code now}, as far as earlier questions tell: callers do
     * not note the time. For the keeper.
     */
    boolean takeIfIdleFor(long nanos, long now) {
        if (holder.get() != null) return false;
        int seen = uses;
        if (seen != usesSeen) {
            usesSeen = seen;
            idleSince = now;
            return false;
        }
        if (now - idleSince < nanos || !take(Thread.currentThread())) return false;
        if (uses == seen + 1) return true;
        end(); // used between the two looks
        return false;
    }
}

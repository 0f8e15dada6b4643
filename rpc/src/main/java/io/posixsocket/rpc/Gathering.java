package io.posixsocket.rpc;

import java.util.concurrent.TimeUnit;

/**
 * When small frames of streams go together. A message goes at once if the one before it is old; messages that come closer wait in
 * the {@link FrameWriter}, until that has enough of them, until something is sent that does not wait, or until they are due: then
 * a keeper sends them.
 *
 * <p>Guarded by whatever guards the writer, save {@link #isEmpty} and {@link #due}, which anybody may ask.
 */
final class Gathering {
    /** How soon a keeper that found the writer in use comes again. */
    static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** How soon a keeper that found the socket full comes again. */
    static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** Of two messages that come closer, the second may wait for a third. */
    private static final long CLOSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private static final long NOTHING = 0;

    private long last = System.nanoTime() - CLOSE_NANOS; // message
    private volatile long due = NOTHING; // in terms of nanoTime; NOTHING waits
    private int stuck; // bytes that a keeper could not send, when it last looked; 0: it could
    private long stuckSince;

    /** A message is to be written now. Whether it may wait for others. */
    boolean mayWait(long now) {
        boolean close = now - last < CLOSE_NANOS;
        last = now;
        return close;
    }

    /** It was written now, and so many bytes wait. True if nothing waited before: a keeper is to come when they are {@link #due}. */
    boolean begins(long now, int waiting) {
        boolean begins = waiting > 0 && due == NOTHING;
        if (waiting == 0) sent();
        else if (begins) due = now + LIMIT_NANOS == NOTHING ? 1 : now + LIMIT_NANOS;
        return begins;
    }

    /** Nothing waits any more. */
    void sent() {
        if (due == NOTHING) return; // a read costs less: every answer comes here
        due = NOTHING;
        stuck = 0;
    }

    /** A keeper could not send so many bytes. Whether they have been the same for longer than this. */
    boolean isStuck(long now, int waiting, long nanos) {
        if (waiting == stuck) return now - stuckSince > nanos;
        stuck = waiting;
        stuckSince = now;
        return false;
    }

    boolean isEmpty() {
        return due == NOTHING;
    }

    /** When what waits is to go; {@link Keeper#never} if nothing does. */
    long due(long now) {
        long when = due;
        return when == NOTHING ? Keeper.never(now) : when;
    }
}

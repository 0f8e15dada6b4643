package io.posixsocket.rpc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether a call runs, and who ended it:
 *
 * <pre>
 * RUNNING -> ENDED                    by the handler's thread
 * RUNNING -> CANCELLING -> CANCELLED  by one canceller, who interrupts the handler's thread between the two
 *
 * QUEUED  -> RUNNING                  by the thread that is to run the handler
 * QUEUED  -> CANCELLING -> CANCELLED  by one canceller: the handler never runs, and the rest is the canceller's
 * </pre>
 *
 * The handler's thread does not leave before CANCELLING has become CANCELLED: so the interrupt of a call never reaches the
 * next one on the same thread.
 */
abstract class CallState {
    private static final int RUNNING = 0;
    private static final int ENDED = 1;
    private static final int CANCELLING = 2;
    private static final int CANCELLED = 3;
    private static final int QUEUED = 4;

    private static final VarHandle STATE;
    private static final VarHandle ANSWERED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(CallState.class, "state", int.class);
            ANSWERED = lookup.findVarHandle(CallState.class, "answered", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Thread thread; // the handler's; written before RUNNING
    private volatile int state;

    private volatile boolean answered;

    private StatusException why; // written in CANCELLING, read in CANCELLED

    /** One that the calling thread runs. */
    CallState() {
        this(false);
    }

    /** @param queued whether another thread is to run it, by {@link #begin} */
    CallState(boolean queued) {
        if (!queued) thread = Thread.currentThread();
        state = queued ? QUEUED : RUNNING;
    }

    /** The calling thread runs the handler, unless this is false: it was cancelled before. At most once. */
    final boolean begin() {
        thread = Thread.currentThread();
        return STATE.compareAndSet(this, QUEUED, RUNNING);
    }

    /** What a canceller does for a call that nobody will run. */
    void abandoned(StatusException why) {
        throw new IllegalStateException(this + " was not queued");
    }

    /** Interrupts the handler and makes {@code why} the outcome. From any thread; false if the call had ended already. */
    final boolean cancel(StatusException why) {
        if (STATE.compareAndSet(this, QUEUED, CANCELLING)) {
            this.why = why;
            state = CANCELLED;
            abandoned(why);
            return true;
        }
        if (!STATE.compareAndSet(this, RUNNING, CANCELLING)) return false;
        this.why = why;
        try {
            thread.interrupt(); // closes the NIO channel that the handler blocks in: code that may fail
        } finally {
            state = CANCELLED;
        }
        return true;
    }

    /**
     * The handler has returned. Clears the thread's interrupt flag, whoever set it: it is not for the next call, nor for the
     * reply.
     *
     * @return null, or why the call was cancelled
     */
    @SuppressWarnings("ThreadPriorityCheck") // a hint, for the case that both share one core; not needed to be right
    final StatusException end() {
        boolean ended = STATE.compareAndSet(this, RUNNING, ENDED);
        if (!ended)
            while (state != CANCELLED)
                Thread.yield(); // the canceller is between two statements, or lost its core there
        Thread.interrupted();
        return ended ? null : why;
    }

    /** Whether the caller may be answered now: true for one thread once. */
    final boolean answer() {
        return ANSWERED.compareAndSet(this, false, true);
    }

    /** Whether somebody has answered, or is about to. */
    final boolean isAnswered() {
        return answered;
    }

    /** Why it was cancelled; null if it was not. */
    @SuppressWarnings("ThreadPriorityCheck") // as in end()
    final StatusException cancellation() {
        if (!isCancelled()) return null;
        while (state != CANCELLED) Thread.yield();
        return why;
    }

    /** Whether the calling thread runs the handler. */
    final boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** Whether nobody waits for the result. */
    public final boolean isCancelled() {
        int now = state;
        return now == CANCELLING || now == CANCELLED;
    }

    /** Whether the handler may still be running, or will be. */
    final boolean isRunning() {
        int now = state;
        return now == RUNNING || now == QUEUED;
    }
}

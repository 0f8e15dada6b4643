package io.posixsocket.rpc;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.locks.LockSupport;

/**
 * A caller in the queue of a pool. Served once, under the pool's lock, with one of: a connection, the right to make one, a
 * failure.
 */
final class Waiter {
    final Thread thread = Thread.currentThread();
    final boolean waitsForReady;
    /** The attempts to connect that began before it came. The failure of such a one says nothing of now. */
    final long attemptsBefore;

    private ClientConnection connection;
    private IOException failure;
    private volatile boolean served; // after the two above

    Waiter(boolean waitsForReady, long attemptsBefore) {
        this.waitsForReady = waitsForReady;
        this.attemptsBefore = attemptsBefore;
    }

    void serve(ClientConnection one) {
        connection = one;
        wake();
    }

    void mayConnect() {
        wake();
    }

    void fail(IOException e) {
        failure = e;
        wake();
    }

    private void wake() {
        served = true;
        LockSupport.unpark(thread);
    }

    boolean isServed() {
        return served;
    }

    /** Null if it is to make one itself. Once served. */
    ClientConnection connection() throws IOException {
        if (failure != null) throw failure;
        return connection;
    }

    /**
     * Blocks until it is served.
     *
     * @throws DeadlineException if the deadline has passed before
     * @throws ClosedByInterruptException if the thread is interrupted, before or meanwhile; its flag stays set
     */
    void await(Deadline deadline) throws IOException {
        while (!served) {
            if (thread.isInterrupted()) throw new ClosedByInterruptException();
            if (deadline == null) {
                LockSupport.park(this);
                continue;
            }
            long left = deadline.remainingNanos();
            if (left <= 0) throw new DeadlineException();
            LockSupport.parkNanos(this, left);
        }
    }
}

package io.posixsocket.rpc;

import io.posixsocket.OwnedFd;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The waits of virtual threads for one descriptor, which hold no carrier: the descriptor is in {@link ClientPoller}'s set, and
 * they park. Two at most, one that sends and one that receives: a set has a descriptor once.
 *
 * <p>Who waits is a user of the {@link OwnedFd}, so a close shuts the socket down, and the set reports that: it knows the number
 * by another owner, which is never closed.
 */
final class Readiness implements Poller.Source {
    private static final class Wait {
        final Thread thread = Thread.currentThread();
        final int events;
        volatile int found; // 0 until it is ready

        Wait(int events) {
            this.events = events;
        }
    }

    private final OwnedFd fd;
    private final ReentrantLock lock = new ReentrantLock(); // guards the next three; ClientPoller's locks come after it
    private final List<Wait> waits = new ArrayList<>(2);
    private ClientPoller.Place place; // null: nobody waits
    private OwnedFd shown; // the number while anybody waits, which is as long as it stays open; null before that

    Readiness(OwnedFd fd) {
        this.fd = fd;
    }

    @Override
    public OwnedFd fd() {
        return shown;
    }

    /**
     * As {@link OwnedFd#poll}, and as there an interrupt closes the descriptor. May return events that are not there any more.
     *
     * @param timeoutNanos negative: no limit
     */
    int await(int events, long timeoutNanos) throws IOException {
        Wait wait = new Wait(events);
        return fd.lend(number -> {
            try {
                begin(wait, number);
                return park(wait, timeoutNanos);
            } finally {
                end(wait);
            }
        });
    }

    private void begin(Wait wait, int number) throws IOException {
        lock.lock();
        try {
            if (shown == null) shown = OwnedFd.adopt(number);
            if (place == null) place = ClientPoller.enter(this);
            waits.add(wait);
            arm();
        } finally {
            lock.unlock();
        }
    }

    private int park(Wait wait, long timeoutNanos) throws IOException {
        long end = System.nanoTime() + Math.max(0, timeoutNanos);
        while (wait.found == 0) {
            if (wait.thread.isInterrupted()) {
                fd.close();
                throw new ClosedByInterruptException();
            }
            long left = end - System.nanoTime();
            if (timeoutNanos < 0) LockSupport.park(this);
            else if (left > 0) LockSupport.parkNanos(this, left);
            else return 0;
        }
        return wait.found;
    }

    private void end(Wait wait) {
        lock.lock();
        try {
            waits.remove(wait);
            if (!waits.isEmpty() || place == null) return;
            place.leave();
            place = null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void ready(int events) {
        lock.lock();
        try {
            for (Wait wait : waits) if ((events & (wait.events | Poller.HUP)) != 0) wake(wait, events);
            arm();
        } catch (RuntimeException | Error e) { // no memory: let them ask again themselves
            for (Wait wait : waits) wake(wait, wait.events);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private static void wake(Wait wait, int events) {
        wait.found = events;
        LockSupport.unpark(wait.thread);
    }

    /** For those who still wait. */
    private void arm() {
        int events = 0;
        for (Wait wait : waits) if (wait.found == 0) events |= wait.events;
        if (events != 0) place.arm(events);
    }
}

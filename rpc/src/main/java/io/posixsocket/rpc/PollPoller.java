package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.NOT_DEFINED;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.POLLNVAL;
import static io.posixsocket.SocketConstants.POLLRDHUP;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.Pollfd;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where there is no epoll. Of the threads that wait one leads: it is inside {@code poll} for all, and hands out what it finds;
 * the others wait for it, and one of them leads when it has left. Each round costs in proportion to the number of sources.
 *
 * <p>Who arms or removes a source wakes the leader, which asks anew. So an arm is heeded at once, and the kernel, which keeps
 * an open socket for who polls it, lets go of one that is being closed.
 */
final class PollPoller implements Poller {
    /** What the platform's poll understands. */
    private static final int KNOWN = POLLRDHUP == NOT_DEFINED ? ~RDHUP : ~0;

    /** One source. Guarded by the lock. */
    private static final class Entry {
        final Source source;
        int events; // asked for, while armed
        boolean armed = true;
        boolean removed;

        Entry(Source source) {
            this.source = source;
        }
    }

    /** Something that a thread is to act on. */
    private record Event(Entry entry, int bits) {}

    private final ReentrantLock lock = new ReentrantLock(); // a leaf; guards all below
    private final Condition changed = lock.newCondition(); // there is an event, or nobody leads, or the end has come
    private final Map<Long, Entry> entries = new HashMap<>();
    private final ArrayDeque<Event> found = new ArrayDeque<>();
    private long lastKey;
    private boolean led; // a thread is inside poll
    private boolean woken; // a byte is on its way to it
    private boolean ended;

    private final OwnedFd wakeRead;
    private final OwnedFd wakeWrite;
    private final NativeBuffer wakeByte = NativeBuffer.allocate(1);

    PollPoller() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        wakeRead = OwnedFd.adopt(pair[0]);
        wakeWrite = OwnedFd.adopt(pair[1]);
    }

    private final class PollSeat implements Seat {
        private Source source;
        private int events;

        @Override
        public boolean await(int timeoutMillis) throws IOException {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            lock.lock();
            try {
                for (boolean looked = false; ; looked = true) {
                    Event event = found.poll();
                    if (event != null || ended) {
                        source = event == null || event.entry.removed ? null : event.entry.source;
                        events = event == null ? 0 : event.bits;
                        return true;
                    }
                    long left = Math.max(0, end - System.nanoTime());
                    if (left == 0 && looked) return false;
                    if (led) waitForLeader(left);
                    else lead(left);
                }
            } finally {
                if (!led || !found.isEmpty()) changed.signal(); // whoever leaves sees to it that another one goes on
                lock.unlock();
            }
        }

        @Override
        public Source source() {
            return source;
        }

        @Override
        public int events() {
            return events;
        }
    }

    private void waitForLeader(long nanos) {
        long left = nanos;
        try {
            while (led && found.isEmpty() && !ended && left > 0) left = changed.awaitNanos(left);
        } catch (InterruptedException e) {
            // meant for a call, and none runs on a thread that waits here
        }
    }

    /** One round, by a thread that holds the lock, which it gives away meanwhile. */
    private void lead(long nanos) throws IOException {
        List<Entry> asked = new ArrayList<>();
        List<Pollfd> fds = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (!entry.armed) continue;
            try {
                fds.add(entry.source.fd().lend(fd -> new Pollfd(fd, entry.events & KNOWN)));
                asked.add(entry);
            } catch (ClosedChannelException e) {
                entry.armed = false;
            }
        }
        wakeRead.lend(fd -> fds.add(new Pollfd(fd, POLLIN)));
        Pollfd[] array = fds.toArray(new Pollfd[0]);
        led = true;
        lock.unlock();
        try {
            PosixSocket.poll(array, (int) TimeUnit.NANOSECONDS.toMillis(nanos + 999_999)); // rounded up
        } finally {
            lock.lock();
            led = false;
            if (woken) wakeRead.tryRecv(wakeByte, 0, 1);
            woken = false;
        }
        for (int i = 0; i < asked.size(); i++) {
            Entry entry = asked.get(i);
            if ((array[i].revents() & POLLNVAL) != 0) entry.armed = false; // closed behind our back
            int bits = array[i].revents() & (entry.events | HUP); // what is asked for now: it may have been armed anew
            if (bits == 0 || !entry.armed || entry.removed) continue;
            entry.armed = false;
            found.add(new Event(entry, bits));
        }
    }

    /** Under the lock. */
    private void wakeLeader() throws IOException {
        if (!led || woken || ended) return;
        woken = true;
        wakeWrite.trySend(wakeByte, 0, 1);
    }

    @Override
    public Seat seat() {
        return new PollSeat();
    }

    @Override
    public long add(Source source) throws IOException {
        lock.lock();
        try {
            if (ended) throw new ClosedChannelException();
            entries.put(++lastKey, new Entry(source));
            wakeLeader();
            return lastKey;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void arm(Source source, long key, int events) {
        lock.lock();
        try {
            Entry entry = entries.get(key);
            if (entry == null) return;
            entry.events = events;
            entry.armed = true;
            wakeLeader();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void remove(Source source, long key) {
        lock.lock();
        try {
            Entry entry = entries.remove(key);
            if (entry == null) return;
            entry.removed = true;
            wakeLeader();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void wakeAll() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        wakeWrite.close(); // a hang-up for the leader, level-triggered
    }

    @Override
    public void close() {
        wakeWrite.close();
        wakeRead.close();
    }
}

package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.EPOLLERR;
import static io.posixsocket.SocketConstants.EPOLLHUP;
import static io.posixsocket.SocketConstants.EPOLLIN;
import static io.posixsocket.SocketConstants.EPOLLONESHOT;
import static io.posixsocket.SocketConstants.EPOLLOUT;
import static io.posixsocket.SocketConstants.EPOLLRDHUP;
import static io.posixsocket.SocketConstants.EPOLL_CLOEXEC;
import static io.posixsocket.SocketConstants.EPOLL_CTL_ADD;
import static io.posixsocket.SocketConstants.EPOLL_CTL_DEL;
import static io.posixsocket.SocketConstants.EPOLL_CTL_MOD;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.EpollEvents;
import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The set that all workers of a server wait in. Sources are armed one-shot: an event hands its source to one thread.
 *
 * <p>An event carries a key that is never used again, not a descriptor: one that comes late, for a source that was removed,
 * finds nobody.
 */
final class Poller {
    /** Bytes, a connection, or the end of the stream. */
    static final int IN = EPOLLIN;

    static final int OUT = EPOLLOUT;
    /** The peer's half close. */
    static final int RDHUP = EPOLLRDHUP;
    /** The peer has closed; reported even to who asks for nothing. */
    static final int HUP = EPOLLHUP | EPOLLERR;

    /** Something with a descriptor in the set. */
    interface Source {
        OwnedFd fd();

        /** Acts on an event, on a worker. Throws nothing. */
        void ready(int events);
    }

    /** One thread's place to wait. */
    final class Seat {
        private final EpollEvents events = new EpollEvents(1);
        private Source source;

        /**
         * Waits for an event; {@link #source} is who it is for, {@link #events} what it says.
         *
         * @return false when the time is up
         */
        boolean await(int timeoutMillis) throws IOException {
            if (set.lend(epfd -> PosixSocket.epoll_wait(epfd, events, timeoutMillis)) == 0) return false;
            source = sources.get(events.data(0));
            return true;
        }

        /** Null if it was removed meanwhile, and when the poller is woken for its end. */
        Source source() {
            return source;
        }

        int events() {
            return events.events(0);
        }
    }

    private static final long WAKE_KEY = 0;

    private final OwnedFd set;
    private final OwnedFd wakeRead;
    private final OwnedFd wakeWrite;
    private final ConcurrentHashMap<Long, Source> sources = new ConcurrentHashMap<>();
    private final AtomicLong lastKey = new AtomicLong(WAKE_KEY);

    Poller() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        wakeRead = OwnedFd.adopt(pair[0]);
        wakeWrite = OwnedFd.adopt(pair[1]);
        OwnedFd made = null;
        boolean complete = false;
        try {
            made = OwnedFd.adopt(PosixSocket.epoll_create1(EPOLL_CLOEXEC));
            set = made;
            control(EPOLL_CTL_ADD, wakeRead, EPOLLIN, WAKE_KEY);
            complete = true;
        } finally {
            if (!complete) {
                wakeRead.close();
                wakeWrite.close();
                if (made != null) made.close();
            }
        }
    }

    /** Adds a source, watched for hang-up alone. Its key is for {@link #arm} and {@link #remove}. */
    long add(Source source) throws IOException {
        long key = lastKey.incrementAndGet();
        sources.put(key, source);
        try {
            control(EPOLL_CTL_ADD, source.fd(), EPOLLONESHOT, key);
        } catch (IOException e) {
            sources.remove(key);
            throw e;
        }
        return key;
    }

    /** Asks for one event; 0 for a hang-up alone. Nothing happens for a source that was removed or closed meanwhile. */
    void arm(Source source, long key, int events) {
        try {
            control(EPOLL_CTL_MOD, source.fd(), events | EPOLLONESHOT, key);
        } catch (ClosedChannelException e) {
            // who closed it has removed it: there is nothing to wait for
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes a source out. An event that is on its way finds nobody. */
    void remove(Source source, long key) {
        if (sources.remove(key) == null) return;
        try {
            control(EPOLL_CTL_DEL, source.fd(), 0, key);
        } catch (IOException e) {
            // closed already: the kernel has taken it out
        }
    }

    private void control(int op, OwnedFd fd, int events, long key) throws IOException {
        set.lend(epfd -> fd.lend(n -> {
            PosixSocket.epoll_ctl(epfd, op, n, events, key);
            return null;
        }));
    }

    Iterable<Source> sources() {
        return sources.values();
    }

    /** Wakes all who wait, now and later: their seats have no source. */
    void wakeAll() {
        wakeWrite.close(); // a hang-up, level-triggered: it stays for everybody
    }

    /** When nobody waits any more. */
    void close() {
        wakeWrite.close();
        wakeRead.close();
        set.close();
    }
}

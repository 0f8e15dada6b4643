package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.EPOLLIN;
import static io.posixsocket.SocketConstants.EPOLLONESHOT;
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

/** Any number of threads wait in one epoll set. */
final class EpollPoller implements Poller {
    private final class EpollSeat implements Seat {
        private final EpollEvents events = new EpollEvents(1);
        private Source source;

        @Override
        public boolean await(int timeoutMillis) throws IOException {
            if (set.lend(epfd -> PosixSocket.epoll_wait(epfd, events, timeoutMillis)) == 0) return false;
            source = sources.get(events.data(0));
            return true;
        }

        @Override
        public Source source() {
            return source;
        }

        @Override
        public int events() {
            return events.events(0);
        }
    }

    private static final long WAKE_KEY = 0;

    private final OwnedFd set;
    private final OwnedFd wakeRead;
    private final OwnedFd wakeWrite;
    private final ConcurrentHashMap<Long, Source> sources = new ConcurrentHashMap<>();
    private final AtomicLong lastKey = new AtomicLong(WAKE_KEY);

    EpollPoller() throws IOException {
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

    @Override
    public Seat seat() {
        return new EpollSeat();
    }

    @Override
    public long add(Source source) throws IOException {
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

    @Override
    public void arm(Source source, long key, int events) {
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

    @Override
    public void remove(Source source, long key) {
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

    @Override
    public void wakeAll() {
        wakeWrite.close(); // a hang-up, level-triggered: it stays for everybody
    }

    @Override
    public void close() {
        wakeWrite.close();
        wakeRead.close();
        set.close();
    }
}

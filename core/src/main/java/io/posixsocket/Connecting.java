package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.F_GETFL;
import static io.posixsocket.SocketConstants.O_NONBLOCK;
import static io.posixsocket.SocketConstants.POLLOUT;
import static io.posixsocket.SocketConstants.SOCK_SEQPACKET;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_ERROR;
import static io.posixsocket.SocketConstants.SO_TYPE;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** The waits of a connect that ends with its time or with close. */
final class Connecting {
    private static final int EAGAIN = Errno.EAGAIN.number();
    private static final int EINTR = Errno.EINTR.number();
    private static final int EINPROGRESS = Errno.EINPROGRESS.number();
    private static final int EALREADY = Errno.EALREADY.number();

    /** A blocked AF_UNIX connect is not woken by shutdown: it waits in slices. */
    private static final Duration SLICE = Duration.ofMillis(20);

    // Several threads may connect one socket: the first one in notes the option, the last one out puts it back.
    private int inside; // guarded by this
    private Duration before; // guarded by this

    /**
     * Blocks until connected. {@code SO_SNDTIMEO}, which it uses, is afterwards what it was.
     *
     * @param timeoutNanos negative: no limit
     * @return false once closed
     */
    boolean connect(int fd, Sockaddr addr, long timeoutNanos, BooleanSupplier closed) throws ErrnoException {
        long end = System.nanoTime() + timeoutNanos;
        int type = type(fd, addr);
        if (type != SOCK_STREAM && type != SOCK_SEQPACKET) { // never blocks, and senders shall not see our SO_SNDTIMEO
            PosixSocket.connect(fd, addr);
            return true;
        }
        begin(fd, timeoutNanos);
        try {
            int result = PosixSocket.tryConnect(fd, addr);
            while (result < 0) {
                if (closed.getAsBoolean()) return false;
                if (!isPending(addr, result)) throw new ErrnoException("connect", addr.toString(), -result);
                long left = timeoutNanos < 0 ? -1 : end - System.nanoTime();
                if (timeoutNanos >= 0 && left <= 0)
                    throw new ErrnoException("connect", addr.toString(), Errno.ETIMEDOUT.number());
                // O_NONBLOCK: the kernel does not wait for room in the backlog, nor can poll
                if (result == -EAGAIN && (PosixIo.fcntl(fd, F_GETFL, 0) & O_NONBLOCK) != 0)
                    throw new ErrnoException("connect", addr.toString(), EAGAIN);
                result = addr.family() == AF_UNIX ? PosixSocket.tryConnect(fd, addr) : awaitConnected(fd, left, result);
            }
            return true;
        } finally {
            end(fd);
        }
    }

    /** The error is connect's, whatever is found out first. */
    private static int type(int fd, Sockaddr addr) throws ErrnoException {
        try {
            return PosixSocket.getsockopt(fd, SOL_SOCKET, SO_TYPE);
        } catch (ErrnoException e) {
            throw new ErrnoException("connect", addr.toString(), e.errno().number());
        }
    }

    private synchronized void begin(int fd, long timeoutNanos) throws ErrnoException {
        if (inside == 0) {
            before = SockOpt.SO_SNDTIMEO.get(fd);
            // 0 would be no limit
            boolean isShort = timeoutNanos >= 0 && timeoutNanos < SLICE.toNanos();
            SockOpt.SO_SNDTIMEO.set(fd, isShort ? Duration.ofNanos(Math.max(1_000, timeoutNanos)) : SLICE);
        }
        inside++;
    }

    private synchronized void end(int fd) throws ErrnoException {
        if (--inside == 0) SockOpt.SO_SNDTIMEO.set(fd, before);
    }

    private static boolean isPending(Sockaddr addr, int result) {
        if (addr.family() == AF_UNIX) return result == -EAGAIN || result == -EINTR;
        return result == -EINPROGRESS || result == -EINTR || result == -EALREADY;
    }

    /** The handshake goes on in the kernel: its end makes the socket writable, SO_ERROR tells how it ended. */
    private static int awaitConnected(int fd, long left, int pending) throws ErrnoException {
        int ready = Polling.one(fd, POLLOUT, left);
        if (ready < 0) return ready;
        return ready == 0 ? pending : -PosixSocket.getsockopt(fd, SOL_SOCKET, SO_ERROR);
    }
}

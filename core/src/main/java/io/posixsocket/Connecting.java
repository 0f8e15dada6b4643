package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.POLLOUT;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_ERROR;

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

    private Connecting() {}

    /**
     * Blocks until connected. {@code SO_SNDTIMEO}, which it uses, is afterwards what it was.
     *
     * @param timeoutNanos negative: no limit
     * @return false once closed
     */
    static boolean connect(int fd, Sockaddr addr, long timeoutNanos, BooleanSupplier closed) throws ErrnoException {
        long end = System.nanoTime() + timeoutNanos;
        Duration before = SockOpt.SO_SNDTIMEO.get(fd);
        SockOpt.SO_SNDTIMEO.set(fd, SLICE);
        try {
            int result = PosixSocket.tryConnect(fd, addr);
            while (result < 0) {
                if (closed.getAsBoolean()) return false;
                if (!isPending(addr, result)) throw new ErrnoException("connect", addr.toString(), -result);
                long left = timeoutNanos < 0 ? -1 : end - System.nanoTime();
                if (timeoutNanos >= 0 && left <= 0)
                    throw new ErrnoException("connect", addr.toString(), Errno.ETIMEDOUT.number());
                result = addr.family() == AF_UNIX ? PosixSocket.tryConnect(fd, addr) : awaitConnected(fd, left, result);
            }
            return true;
        } finally {
            SockOpt.SO_SNDTIMEO.set(fd, before);
        }
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

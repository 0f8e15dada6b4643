package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_DONTWAIT;
import static io.posixsocket.SocketConstants.POLLOUT;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_NONBLOCK;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** Makes plain descriptors for a test and closes those that are left at its end. */
final class Fds implements AutoCloseable {
    /**
     * A number that nobody gets: the kernel gives out the lowest. One that was just closed may be another thread's by now, the
     * JVM's own included.
     */
    static final int NEVER_OPEN = 1000;

    static final Sockaddr LOOPBACK = Sockaddr.parse("ipv4:127.0.0.1:0");

    private final Deque<Integer> open = new ArrayDeque<>();

    int keep(int fd) {
        open.push(fd);
        return fd;
    }

    int[] keep(int[] pair) {
        keep(pair[0]);
        keep(pair[1]);
        return pair;
    }

    /** The one that was made last. */
    int last() {
        return open.getFirst();
    }

    int stream() throws ErrnoException {
        return keep(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
    }

    int tcp() throws ErrnoException {
        return keep(PosixSocket.socket(AF_INET, SOCK_STREAM, 0));
    }

    int[] streamPair() throws ErrnoException {
        return keep(PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0));
    }

    int[] datagramPair() throws ErrnoException {
        return keep(PosixSocket.socketpair(AF_UNIX, SOCK_DGRAM, 0));
    }

    int listener(Sockaddr addr) throws ErrnoException {
        int fd = keep(PosixSocket.socket(addr.family(), SOCK_STREAM, 0));
        PosixSocket.bind(fd, addr);
        PosixSocket.listen(fd, 16);
        return fd;
    }

    /** Connects to {@code addr}, whose backlog is small, until nothing more fits: the next connect must wait. */
    void fillBacklog(Sockaddr addr) throws ErrnoException {
        for (; ; ) {
            int fd = keep(PosixSocket.socket(addr.family(), SOCK_STREAM | SOCK_NONBLOCK, 0));
            int result = PosixSocket.tryConnect(fd, addr);
            if (result == -Errno.EAGAIN.number()) return;
            // TCP tells nothing: what is not connected after half a second will not be
            if (result == -Errno.EINPROGRESS.number() && Polling.one(fd, POLLOUT, 500_000_000L) == 0) return;
        }
    }

    /** Sends until the peer's buffer takes nothing more: the next send must wait. */
    static void fillBuffer(int fd) throws ErrnoException {
        NativeBuffer zeros = NativeBuffer.allocate(64 * 1024);
        for (int size = zeros.capacity(); size > 0; ) {
            int n = PosixSocket.send(fd, zeros, zeros.address(), size, MSG_DONTWAIT);
            if (n == -Errno.EAGAIN.number()) size = size / 2;
            else if (n < 0) throw new ErrnoException("send", "fd " + fd, -n);
        }
    }

    static ByteBuffer direct(int... bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(array(bytes)).flip();
    }

    static byte[] array(int... bytes) {
        byte[] array = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) array[i] = (byte) bytes[i];
        return array;
    }

    void close(int fd) throws ErrnoException {
        open.remove(fd);
        PosixSocket.close(fd);
    }

    @Override
    public void close() throws ErrnoException {
        while (!open.isEmpty()) PosixSocket.close(open.pop());
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.F_GETFL;
import static io.posixsocket.SocketConstants.MSG_DONTWAIT;
import static io.posixsocket.SocketConstants.O_NONBLOCK;
import static io.posixsocket.SocketConstants.POLLOUT;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_DOMAIN;
import static io.posixsocket.SocketConstants.SO_TYPE;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Sends to a Unix datagram socket whose queue may be full. Linux lets such a sender sleep at the receiver, where the shutdown
 * of its own socket does not wake it. So the send never blocks here: between attempts this waits in poll, which shutdown ends
 * at once. The times of the caller's {@code SO_SNDTIMEO} and {@code O_NONBLOCK} are kept.
 */
final class DatagramSend {
    // A poll of our socket sees the room of the receiver it is connected to. Of another receiver it sees nothing: ask
    // again.
    private static final long FIRST_PAUSE_NANOS = 50_000;
    private static final long LONGEST_PAUSE_NANOS = 10_000_000;

    /** One attempt with {@code flags}; EAGAIN when the receiver has no room. */
    @FunctionalInterface
    interface Attempt {
        int send(int flags) throws IOException;
    }

    private DatagramSend() {}

    /** Whether the senders of this descriptor sleep where shutdown does not wake them. */
    static boolean isNeeded(int fd) throws ErrnoException {
        if (Platform.CURRENT != Platform.LINUX) return false; // the BSDs say ENOBUFS and do not wait
        try {
            return PosixSocket.getsockopt(fd, SOL_SOCKET, SO_DOMAIN) == AF_UNIX
                    && PosixSocket.getsockopt(fd, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOTSOCK) return false; // the send itself will say so
            throw e;
        }
    }

    /**
     * Blocks until the receiver has room, the time of {@code SO_SNDTIMEO} is up, or the socket is closed.
     *
     * @param addressed whether the datagram names its receiver
     * @return what the attempt returned, or -1 once closed
     * @throws ErrnoException as the attempt; EAGAIN if the caller wants no wait, or a shorter one
     */
    static int send(int fd, int flags, boolean addressed, BooleanSupplier closed, Attempt attempt) throws IOException {
        long start = System.nanoTime();
        long limit = 0; // of SO_SNDTIMEO, not yet known
        long pause = addressed ? FIRST_PAUSE_NANOS : -1;
        for (; ; ) {
            try {
                return attempt.send(flags | MSG_DONTWAIT);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EAGAIN || (flags & MSG_DONTWAIT) != 0) throw e;
                if (closed.getAsBoolean()) return -1;
                if (limit == 0) limit = limit(fd);
                long left = limit - (System.nanoTime() - start);
                if (left <= 0) throw e;
                long wait = limit == Long.MAX_VALUE ? pause : pause < 0 ? left : Math.min(pause, left);
                int ready = Polling.one(fd, addressed ? 0 : POLLOUT, wait);
                if (ready < 0) throw new ErrnoException("poll", "fd " + fd, -ready);
                if (addressed) pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            }
        }
    }

    /** As {@link #send}, until all messages are sent. Once one is, what stops the others is told by the next call, as in C. */
    static int sendmmsg(int fd, int flags, BooleanSupplier closed, Message[] messages) throws IOException {
        boolean addressed = Arrays.stream(messages).anyMatch(message -> message.name() != null);
        int sent = 0;
        do {
            Message[] rest = Arrays.copyOfRange(messages, sent, messages.length);
            try {
                int n = send(fd, flags, addressed, closed, now -> PosixSocket.sendmmsg(fd, rest, now));
                if (n < 0) return sent > 0 ? sent : n;
                sent += n;
            } catch (ErrnoException e) {
                if (sent == 0) throw e;
                return sent;
            }
        } while (sent < messages.length);
        return sent;
    }

    /** How long the kernel would let this socket wait. */
    private static long limit(int fd) throws ErrnoException {
        if ((PosixIo.fcntl(fd, F_GETFL, 0) & O_NONBLOCK) != 0) return -1;
        long nanos = StructLayout.nanos(SockOpt.SO_SNDTIMEO.get(fd));
        return nanos == 0 ? Long.MAX_VALUE : nanos;
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.F_GETFL;
import static io.posixsocket.SocketConstants.O_ACCMODE;
import static io.posixsocket.SocketConstants.O_RDONLY;
import static io.posixsocket.SocketConstants.O_WRONLY;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.POLLOUT;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/** Read and write of one descriptor that need not be a socket: shutdown does not wake them, so they wait in slices of poll. */
final class PolledIo {
    private static final long SLICE_NANOS = 50_000_000;

    /** A pipe that poll calls writable takes so many bytes without blocking. */
    private static final int WRITE_SLICE = SocketConstants.PIPE_BUF;

    // Held from a poll that found the descriptor ready to the end of the read or write: of two that saw the same byte,
    // the
    // second would block where close does not wake it. Nothing is called under them that waits.
    private final Object reading = new Object();
    private final Object writing = new Object();

    /** One attempt, that does not block. */
    @FunctionalInterface
    private interface Attempt {
        int make() throws ErrnoException;
    }

    /** Blocks until there is a byte; 0 at the end and once closed. */
    int read(int fd, ByteBuffer buf, BooleanSupplier closed) throws ErrnoException {
        if (!buf.hasRemaining()) return PosixIo.read(fd, buf);
        return transfer(fd, POLLIN, closed, () -> {
            synchronized (reading) {
                return Polling.one(fd, POLLIN, 0) == 0 ? OwnedFd.WOULD_BLOCK : PosixIo.read(fd, buf);
            }
        });
    }

    /** Blocks until a part is taken; 0 once closed. */
    int write(int fd, ByteBuffer buf, BooleanSupplier closed) throws ErrnoException {
        if (!buf.hasRemaining()) return PosixIo.write(fd, buf);
        return transfer(fd, POLLOUT, closed, () -> {
            synchronized (writing) {
                if (Polling.one(fd, POLLOUT, 0) == 0) return OwnedFd.WOULD_BLOCK;
                int limit = buf.limit();
                buf.limit(Math.min(limit, buf.position() + WRITE_SLICE));
                try {
                    return PosixIo.write(fd, buf);
                } finally {
                    buf.limit(limit);
                }
            }
        });
    }

    private static int transfer(int fd, int events, BooleanSupplier closed, Attempt attempt) throws ErrnoException {
        boolean checked = false;
        while (!closed.getAsBoolean()) {
            int ready = Polling.one(fd, events, SLICE_NANOS);
            if (ready < 0) throw new ErrnoException("poll", "fd " + fd, -ready);
            if (ready == 0 && !checked) requireOpenFor(fd, events);
            checked = true;
            int n = ready == 0 ? OwnedFd.WOULD_BLOCK : once(attempt);
            if (n != OwnedFd.WOULD_BLOCK) return n;
        }
        return 0;
    }

    /** The wrong end of a pipe is never ready: poll would wait for ever where read and write say EBADF. */
    private static void requireOpenFor(int fd, int events) throws ErrnoException {
        int mode = PosixIo.fcntl(fd, F_GETFL, 0) & O_ACCMODE;
        if (mode == (events == POLLIN ? O_WRONLY : O_RDONLY))
            throw new ErrnoException(events == POLLIN ? "read" : "write", "fd " + fd, Errno.EBADF.number());
    }

    private static int once(Attempt attempt) throws ErrnoException {
        try {
            return attempt.make();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAGAIN) return OwnedFd.WOULD_BLOCK;
            throw e;
        }
    }
}

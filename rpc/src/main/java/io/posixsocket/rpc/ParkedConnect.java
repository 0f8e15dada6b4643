package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.F_GETFL;
import static io.posixsocket.SocketConstants.F_SETFL;
import static io.posixsocket.SocketConstants.O_NONBLOCK;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_ERROR;

import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixIo;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A connect for virtual threads: the attempts do not block, and the thread parks between them. */
final class ParkedConnect {
    /** Nothing tells when a full AF_UNIX backlog has room again. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private ParkedConnect() {}

    /**
     * As {@link OwnedFd#connect(Sockaddr)}, until the deadline. On failure the descriptor is of no use any more.
     *
     * @param deadline null for none
     * @throws DeadlineException when it has passed
     */
    static void connect(OwnedFd fd, Sockaddr address, Deadline deadline) throws IOException {
        int flags = fd.lend(n -> PosixIo.fcntl(n, F_GETFL, 0));
        fd.lend(n -> PosixIo.fcntl(n, F_SETFL, flags | O_NONBLOCK));
        for (Errno why = attempt(fd, address); why != null; why = attempt(fd, address)) {
            if (address.family() != AF_UNIX) {
                awaitHandshake(fd, address, deadline);
                break;
            }
            park(fd, deadline);
        }
        fd.lend(n -> PosixIo.fcntl(n, F_SETFL, flags)); // a platform thread may use it next
    }

    /** Null if it is connected, else what it waits for. */
    private static Errno attempt(OwnedFd fd, Sockaddr address) throws IOException {
        try {
            return fd.lend(n -> {
                PosixSocket.connect(n, address);
                return null;
            });
        } catch (ErrnoException e) {
            if (e.errno() != (address.family() == AF_UNIX ? Errno.EAGAIN : Errno.EINPROGRESS)) throw e;
            return e.errno();
        }
    }

    private static void awaitHandshake(OwnedFd fd, Sockaddr address, Deadline deadline) throws IOException {
        long left = deadline == null ? -1 : Math.max(0, deadline.remainingNanos());
        if (new Readiness(fd).await(Poller.OUT, left) == 0) throw new DeadlineException();
        int error = fd.getsockopt(SOL_SOCKET, SO_ERROR);
        if (error != 0) throw new ErrnoException("connect", address.toString(), Errno.of(error), "");
    }

    private static void park(OwnedFd fd, Deadline deadline) throws IOException {
        long left = deadline == null ? SLICE_NANOS : Math.min(SLICE_NANOS, deadline.remainingNanos());
        if (left <= 0) throw new DeadlineException();
        LockSupport.parkNanos(fd, left);
        if (!Thread.currentThread().isInterrupted()) return;
        fd.close();
        throw new ClosedByInterruptException();
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.FD_CLOEXEC;
import static io.posixsocket.SocketConstants.F_DUPFD_CLOEXEC;
import static io.posixsocket.SocketConstants.F_GETFD;
import static io.posixsocket.SocketConstants.F_SETFD;
import static io.posixsocket.SocketConstants.O_RDWR;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_TYPE;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Takes over the descriptors that a service manager passed to this process: systemd's {@code LISTEN_FDS}, or the connection
 * that inetd puts on descriptor 0.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">sd_listen_fds(3)</a>
 */
public final class SocketActivation {
    private static final int FIRST = 3;

    private static boolean taken; // guarded by the class

    private SocketActivation() {}

    /**
     * Takes over the descriptors that {@code LISTEN_PID}, {@code LISTEN_FDS} and {@code LISTEN_FDNAMES} speak of, in their
     * order, and makes them close-on-exec. What they are (listening or not, which family) is the caller's to check. Does not
     * block.
     *
     * @return none if there are no such variables or they are meant for another process
     * @throws IllegalStateException at the second call that would succeed: the first one's are owned
     * @throws IOException if the variables cannot be read, names are missing, or one of the descriptors is not open; then none
     *     is taken over
     */
    public static synchronized List<ActivatedSocket> listenFds() throws IOException {
        if (taken) throw new IllegalStateException("the descriptors of LISTEN_FDS were taken over already");
        List<ActivatedSocket> sockets =
                listenFds(System.getenv(), ProcessHandle.current().pid(), FIRST);
        taken = true;
        return sockets;
    }

    static List<ActivatedSocket> listenFds(Map<String, String> environment, long pid, int first) throws IOException {
        String listenPid = environment.get("LISTEN_PID");
        String listenFds = environment.get("LISTEN_FDS");
        if (listenPid == null || listenFds == null) return List.of();
        if (number("LISTEN_PID", listenPid) != pid) return List.of(); // a parent's, inherited
        long count = number("LISTEN_FDS", listenFds);
        if (count > Integer.MAX_VALUE - first)
            throw new IOException("LISTEN_FDS is " + count + ", too many descriptors");
        List<String> names = names(environment.get("LISTEN_FDNAMES"), (int) count);
        for (int i = 0; i < count; i++) requireOpen(first + i, listenFds);
        List<ActivatedSocket> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PosixIo.fcntl(first + i, F_SETFD, FD_CLOEXEC);
            taken.add(new ActivatedSocket(names.get(i), OwnedFd.adopt(first + i)));
        }
        return List.copyOf(taken);
    }

    private static long number(String variable, String value) throws IOException {
        if (!value.matches("\\d{1,10}")) throw new IOException(variable + " is '" + value + "', must be a number");
        return Long.parseLong(value);
    }

    private static List<String> names(String names, int count) throws IOException {
        if (names == null) return Collections.nCopies(count, "unknown");
        List<String> split = count == 0 && names.isEmpty() ? List.of() : List.of(names.split(":", -1));
        if (split.size() != count)
            throw new IOException(
                    "LISTEN_FDNAMES has " + split.size() + " names for LISTEN_FDS=" + count + ": " + names);
        return split;
    }

    private static void requireOpen(int fd, String listenFds) throws IOException {
        try {
            PosixIo.fcntl(fd, F_GETFD, 0);
        } catch (ErrnoException e) {
            throw new IOException("LISTEN_FDS=" + listenFds + ", but descriptor " + fd + " is not open", e);
        }
    }

    /**
     * Takes over the socket that inetd, or systemd with {@code StandardInput=socket}, put on descriptor 0 and perhaps on 1 and
     * 2. It gets a new number, close-on-exec, and {@code /dev/null} takes its place on those, so that what this process prints
     * does not reach the peer, and the end of the connection is this owner's to decide. Does not block.
     *
     * @throws ErrnoException ENOTSOCK if descriptor 0 is no socket, EBADF if it is not open, EMFILE
     */
    public static OwnedFd inetd() throws IOException {
        return inetd(0, 1, 2);
    }

    static OwnedFd inetd(int stdin, int... others) throws IOException {
        PosixSocket.getsockopt(stdin, SOL_SOCKET, SO_TYPE); // ENOTSOCK
        FileStatus socket = PosixFile.fstat(stdin);
        OwnedFd owned = OwnedFd.adopt(PosixIo.fcntl(stdin, F_DUPFD_CLOEXEC, FIRST));
        try (OwnedFd nothing = OwnedFd.adopt(PosixFile.open("/dev/null", O_RDWR, 0))) {
            replace(nothing, stdin);
            for (int other : others) if (leadsTo(other, socket)) replace(nothing, other);
            return owned;
        } catch (IOException e) {
            owned.close();
            throw e;
        }
    }

    private static boolean leadsTo(int fd, FileStatus socket) throws ErrnoException {
        try {
            return PosixFile.fstat(fd).isSameFile(socket);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EBADF) return false;
            throw e;
        }
    }

    /** Programs that this process starts shall find their standard descriptors: not close-on-exec. */
    private static void replace(OwnedFd nothing, int standard) throws IOException {
        nothing.lend(fd -> PosixIo.dup2(fd, standard));
        PosixIo.fcntl(standard, F_SETFD, 0);
    }
}

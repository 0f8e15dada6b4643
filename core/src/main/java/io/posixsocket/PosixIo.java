package io.posixsocket;

import static io.posixsocket.SocketConstants.EFD_CLOEXEC;
import static io.posixsocket.SocketConstants.FD_CLOEXEC;
import static io.posixsocket.SocketConstants.F_ADD_SEALS;
import static io.posixsocket.SocketConstants.F_DUPFD;
import static io.posixsocket.SocketConstants.F_DUPFD_CLOEXEC;
import static io.posixsocket.SocketConstants.F_GETFD;
import static io.posixsocket.SocketConstants.F_GETFL;
import static io.posixsocket.SocketConstants.F_GETPIPE_SZ;
import static io.posixsocket.SocketConstants.F_GET_SEALS;
import static io.posixsocket.SocketConstants.F_SETFD;
import static io.posixsocket.SocketConstants.F_SETFL;
import static io.posixsocket.SocketConstants.F_SETPIPE_SZ;
import static io.posixsocket.SocketConstants.MFD_CLOEXEC;
import static io.posixsocket.SocketConstants.NOT_DEFINED;
import static io.posixsocket.SocketConstants.O_CLOEXEC;
import static io.posixsocket.SocketConstants.O_NONBLOCK;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What any descriptor can do, sockets among them, under the manual's names: the functions of {@code <unistd.h>},
 * {@code <sys/uio.h>}, {@code <fcntl.h>} and {@code <sys/ioctl.h>}, and Linux's {@code sendfile}, {@code memfd_create} and
 * {@code eventfd}. The rules are those of {@link PosixSocket}: EINTR is not seen, every descriptor made here is
 * close-on-exec, and nothing guards a number that was closed.
 *
 * <p>All functions may be called from any thread. A thread that blocks here is not woken when the descriptor is closed;
 * {@link OwnedFd#read} and {@link OwnedFd#write} are.
 */
public final class PosixIo {
    private static final int EINTR = Errno.EINTR.number();

    /** The commands whose argument is an int or none. Another one would take it for an address. */
    private static final Set<Integer> INT_COMMANDS = defined(
            F_DUPFD,
            F_DUPFD_CLOEXEC,
            F_GETFD,
            F_SETFD,
            F_GETFL,
            F_SETFL,
            F_GETPIPE_SZ,
            F_SETPIPE_SZ,
            F_ADD_SEALS,
            F_GET_SEALS);

    private PosixIo() {}

    private static Set<Integer> defined(Integer... commands) {
        return Stream.of(commands).filter(command -> command != NOT_DEFINED).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Reads at most {@code buf.remaining()} bytes and advances the position of {@code buf} past them. Blocks until there is at
     * least one, unless the descriptor is non-blocking.
     *
     * @return bytes read; 0 at the end
     * @throws ErrnoException EAGAIN on a non-blocking descriptor, EBADF (also when it is open for writing alone), EISDIR, EINVAL
     * @throws ReadOnlyBufferException if {@code buf} is read-only
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/read.html">POSIX read</a>
     */
    public static int read(int fd, ByteBuffer buf) throws ErrnoException {
        if (buf.isReadOnly()) throw new ReadOnlyBufferException();
        int position = buf.position();
        int length = buf.remaining();
        int n;
        if (buf.isDirect()) {
            n = read(fd, buf, NativeBuffer.addressOf(buf) + position, length);
        } else {
            NativeBuffer window = BufferPool.WINDOWS.take(length);
            try {
                n = read(fd, window, window.address(), length);
                if (n > 0) buf.put(position, window.bytes(), 0, n);
            } finally {
                BufferPool.WINDOWS.give(window);
            }
        }
        if (n < 0) throw new ErrnoException("read", "fd " + fd, -n);
        buf.position(position + n);
        return n;
    }

    private static int read(int fd, Object owner, long address, int length) {
        int n;
        do n = LibC.read(fd, owner, address, length);
        while (n == -EINTR);
        return n;
    }

    /**
     * Writes at most {@code buf.remaining()} bytes and advances the position of {@code buf} past those taken. Blocks while
     * there is no room, unless the descriptor is non-blocking. Where nobody reads any more it fails with EPIPE; the signal
     * SIGPIPE, which no flag prevents here, is ignored by the JVM.
     *
     * @return bytes taken, which may be fewer than there were
     * @throws ErrnoException EAGAIN on a non-blocking descriptor, EPIPE, ENOSPC, EPERM (a sealed file), EBADF (also when it is
     *     open for reading alone)
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/write.html">POSIX write</a>
     */
    public static int write(int fd, ByteBuffer buf) throws ErrnoException {
        int position = buf.position();
        int length = buf.remaining();
        int n;
        if (buf.isDirect()) {
            n = write(fd, buf, NativeBuffer.addressOf(buf) + position, length);
        } else {
            NativeBuffer window = BufferPool.WINDOWS.take(length);
            try {
                window.bytes().put(0, buf, position, length);
                n = write(fd, window, window.address(), length);
            } finally {
                BufferPool.WINDOWS.give(window);
            }
        }
        if (n < 0) throw new ErrnoException("write", "fd " + fd, -n);
        buf.position(position + n);
        return n;
    }

    private static int write(int fd, Object owner, long address, int length) {
        int n;
        do n = LibC.write(fd, owner, address, length);
        while (n == -EINTR);
        return n;
    }

    /**
     * As {@link #read}, into several buffers, each being filled before the next.
     *
     * @throws ErrnoException as {@link #read}; EINVAL for more than {@code IOV_MAX} buffers
     * @throws ReadOnlyBufferException if one of {@code iov} is read-only
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/readv.html">POSIX readv</a>
     */
    public static long readv(int fd, ByteBuffer... iov) throws ErrnoException {
        for (ByteBuffer buf : iov) if (buf.isReadOnly()) throw new ReadOnlyBufferException();
        IoVector vector = new IoVector(iov);
        int n;
        do n = LibC.readv(fd, vector, vector.address(), iov.length);
        while (n == -EINTR);
        if (n < 0) throw new ErrnoException("readv", "fd " + fd + ", " + iov.length + " buffers", -n);
        vector.received(n);
        return n;
    }

    /**
     * As {@link #write}, from several buffers, one after the other.
     *
     * @throws ErrnoException as {@link #write}; EINVAL for more than {@code IOV_MAX} buffers
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/writev.html">POSIX writev</a>
     */
    public static long writev(int fd, ByteBuffer... iov) throws ErrnoException {
        IoVector vector = new IoVector(iov);
        vector.gather();
        int n;
        do n = LibC.writev(fd, vector, vector.address(), iov.length);
        while (n == -EINTR);
        if (n < 0) throw new ErrnoException("writev", "fd " + fd + ", " + iov.length + " buffers", -n);
        vector.sent(n);
        return n;
    }

    /**
     * A second descriptor for the same open file: position and status flags are shared. Does not block.
     *
     * @return the lowest free number, close-on-exec
     * @throws ErrnoException EBADF, EMFILE
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/dup.html">POSIX dup</a>
     */
    public static int dup(int oldfd) throws ErrnoException {
        int fd = LibC.fcntl(oldfd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0) throw new ErrnoException("dup", "fd " + oldfd, -fd);
        return fd;
    }

    /**
     * Makes {@code newfd} another descriptor for the same open file as {@code oldfd}, close-on-exec. What it was before is
     * closed, unasked: not for a number that an {@link OwnedFd} holds. Nothing happens when the two are equal.
     *
     * @return {@code newfd}
     * @throws ErrnoException EBADF, also when {@code newfd} is out of range; EBUSY while another thread opens that number
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/dup2.html">POSIX dup2</a>
     */
    public static int dup2(int oldfd, int newfd) throws ErrnoException {
        if (oldfd != newfd) return onto("dup2", oldfd, newfd);
        int flags = LibC.fcntl(oldfd, F_GETFD, 0);
        if (flags < 0) throw new ErrnoException("dup2", "fd " + oldfd + ", fd " + newfd, -flags);
        return newfd;
    }

    /**
     * As {@link #dup2}, but two equal numbers are an error. Where the platform lacks it (macOS) the flag is set a moment after
     * the descriptor is there.
     *
     * @param flags 0 or {@code O_CLOEXEC}, which is set in any case
     * @throws ErrnoException EINVAL when the two are equal or for another flag; as {@link #dup2}
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/dup3.html">POSIX dup3</a>
     */
    public static int dup3(int oldfd, int newfd, int flags) throws ErrnoException {
        if (oldfd == newfd || (flags & ~O_CLOEXEC) != 0)
            throw new ErrnoException("dup3", "fd " + oldfd + ", fd " + newfd + ", " + flags, Errno.EINVAL.number());
        return onto("dup3", oldfd, newfd);
    }

    private static int onto(String function, int oldfd, int newfd) throws ErrnoException {
        boolean dup3 = Capabilities.isNative("dup3");
        int fd;
        do fd = dup3 ? LibC.dup3(oldfd, newfd, O_CLOEXEC) : LibC.dup2(oldfd, newfd);
        while (fd == -EINTR);
        if (fd < 0) throw new ErrnoException(function, "fd " + oldfd + ", fd " + newfd, -fd);
        if (!dup3) fcntl(fd, F_SETFD, FD_CLOEXEC);
        return fd;
    }

    /**
     * As {@link #pipe2} without flags.
     *
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/pipe.html">POSIX pipe</a>
     */
    public static int[] pipe() throws ErrnoException {
        return pipe("pipe", 0);
    }

    /**
     * Creates a pipe. Does not block. Where the platform lacks it (macOS) the flags are set a moment after the descriptors are
     * there.
     *
     * @param flags 0 or a sum of {@code O_NONBLOCK} and {@code O_CLOEXEC}, the latter being set in any case
     * @return the end to read from and the end to write to
     * @throws ErrnoException EMFILE, ENFILE, EINVAL for another flag
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/pipe2.html">POSIX pipe2</a>
     */
    public static int[] pipe2(int flags) throws ErrnoException {
        return pipe("pipe2", flags);
    }

    private static int[] pipe(String function, int flags) throws ErrnoException {
        if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0)
            throw new ErrnoException(function, "" + flags, Errno.EINVAL.number());
        boolean pipe2 = Capabilities.isNative("pipe2");
        NativeBuffer pipefd = BufferPool.SMALL.take(8);
        int[] ends;
        try {
            int result = pipe2 ? LibC.pipe2(pipefd, flags | O_CLOEXEC) : LibC.pipe(pipefd);
            if (result < 0) throw new ErrnoException(function, "" + flags, -result);
            ends = new int[] {pipefd.bytes().getInt(0), pipefd.bytes().getInt(4)};
        } finally {
            BufferPool.SMALL.give(pipefd);
        }
        if (!pipe2) flagEnds(ends, flags);
        return ends;
    }

    /** The emulation's second half. */
    static void flagEnds(int[] ends, int flags) throws ErrnoException {
        try {
            for (int end : ends) {
                fcntl(end, F_SETFD, FD_CLOEXEC);
                if ((flags & O_NONBLOCK) != 0) fcntl(end, F_SETFL, fcntl(end, F_GETFL, 0) | O_NONBLOCK);
            }
        } catch (ErrnoException e) {
            for (int end : ends) LibC.close(end);
            throw e;
        }
    }

    /**
     * Reads and sets what belongs to a descriptor ({@code F_GETFD}), to its open file ({@code F_GETFL}), to a pipe
     * ({@code F_GETPIPE_SZ}) or to a memory file ({@code F_ADD_SEALS}). Does not block. Locks are not carried: those of POSIX
     * belong to the process and end when any descriptor of the file is closed; {@link PosixFile#flock} has none of that.
     *
     * @param cmd one of {@code F_DUPFD} and {@code F_DUPFD_CLOEXEC}, which do the same here, {@code F_GETFD}, {@code F_SETFD},
     *     {@code F_GETFL}, {@code F_SETFL}, {@code F_GETPIPE_SZ}, {@code F_SETPIPE_SZ}, {@code F_ADD_SEALS}, {@code F_GET_SEALS}
     * @param arg the command's argument, 0 where it has none
     * @return the value asked for, the new descriptor, or 0
     * @throws IllegalArgumentException for another command
     * @throws UnsupportedOperationException for one that this platform lacks
     * @throws ErrnoException EBADF, EINVAL, EMFILE, EPERM (a sealed file), EBUSY
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/fcntl.html">POSIX fcntl</a>
     */
    public static int fcntl(int fd, int cmd, int arg) throws ErrnoException {
        if (cmd == NOT_DEFINED)
            throw new UnsupportedOperationException("fcntl: this command is not defined on " + Platform.NAME);
        if (!INT_COMMANDS.contains(cmd))
            throw new IllegalArgumentException(
                    "fcntl command " + cmd + " is not carried: its argument is not an int, or it is unknown");
        int result = LibC.fcntl(fd, cmd == F_DUPFD ? F_DUPFD_CLOEXEC : cmd, arg);
        if (result < 0) throw new ErrnoException("fcntl", "fd " + fd + ", " + cmd + ", " + arg, -result);
        return result;
    }

    /**
     * Asks for an int: {@code FIONREAD} (bytes that can be read at once), {@code SIOCATMARK}, {@code SIOCOUTQ} (bytes not yet
     * taken by the peer). Does not block.
     *
     * @param request one whose argument is the address of an int
     * @throws ErrnoException ENOTTY when the descriptor has no such thing, EBADF, EINVAL
     * @throws UnsupportedOperationException for a request that this platform lacks
     * @see <a href="https://man7.org/linux/man-pages/man2/ioctl.2.html">ioctl(2)</a>
     */
    public static int ioctl(int fd, int request) throws ErrnoException {
        return ioctl(fd, request, 0);
    }

    /**
     * Passes an int: {@code FIONBIO} with 0 or 1. Does not block.
     *
     * @return the int as the system left it
     * @throws ErrnoException as {@link #ioctl(int, int)}
     */
    public static int ioctl(int fd, int request, int arg) throws ErrnoException {
        if (request == NOT_DEFINED)
            throw new UnsupportedOperationException("ioctl: this request is not defined on " + Platform.NAME);
        NativeBuffer argp = BufferPool.SMALL.take(256); // should it be more than an int after all, it has room
        try {
            for (int i = 0; i < 256; i += 8) argp.bytes().putLong(i, 0);
            argp.bytes().putInt(0, arg);
            int result = LibC.ioctl(fd, request, argp);
            if (result < 0)
                throw new ErrnoException("ioctl", "fd " + fd + ", 0x" + Integer.toHexString(request), -result);
            return argp.bytes().getInt(0);
        } finally {
            BufferPool.SMALL.give(argp);
        }
    }

    /**
     * Copies from a file to another descriptor inside the kernel (Linux). Blocks while {@code out_fd} has no room, unless it is
     * non-blocking. Unlike C's, this changes the position of {@code in_fd} only where {@code offset} is -1.
     *
     * @param out_fd where the bytes go: a socket, a pipe, a file
     * @param in_fd a file that can be mapped: no socket
     * @param offset where to begin in {@code in_fd}; -1 for its own position, which then advances
     * @param count bytes to copy at most; the system stops at 2,147,479,552
     * @return bytes copied, which may be fewer; 0 at the end of the file
     * @throws ErrnoException EAGAIN, EPIPE, EBADF, EINVAL ({@code offset} is below -1); EINVAL or ESPIPE when {@code in_fd}
     *     is a socket
     * @throws UnsupportedOperationException on another platform
     * @see <a href="https://man7.org/linux/man-pages/man2/sendfile.2.html">sendfile(2)</a>
     */
    public static long sendfile(int out_fd, int in_fd, long offset, long count) throws ErrnoException {
        Capabilities.require("sendfile");
        NativeBuffer at = offset == -1 ? null : NativeBuffer.allocate(8);
        if (at != null) StructLayout.putLong(at.bytes(), 0, offset);
        long n;
        do n = LibC.sendfile(out_fd, in_fd, at, count);
        while (n == -EINTR);
        if (n < 0)
            throw new ErrnoException(
                    "sendfile", "fd " + out_fd + ", fd " + in_fd + ", " + offset + ", " + count, (int) -n);
        return n;
    }

    /**
     * Creates a file that lives in memory alone (Linux). Does not block. With {@code MFD_ALLOW_SEALING},
     * {@code fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)} makes it immutable before it is passed on.
     *
     * @param name for people, in {@code /proc}; at most 249 bytes
     * @param flags 0 or a sum of {@code MFD_ALLOW_SEALING}, {@code MFD_HUGETLB}, {@code MFD_NOEXEC_SEAL}, {@code MFD_EXEC},
     *     {@code MFD_CLOEXEC}, the last being set in any case
     * @throws IllegalArgumentException if {@code name} has a NUL
     * @throws ErrnoException EINVAL for a longer name or another flag, EMFILE, ENFILE, ENOMEM
     * @throws UnsupportedOperationException on another platform
     * @see <a href="https://man7.org/linux/man-pages/man2/memfd_create.2.html">memfd_create(2)</a>
     */
    public static int memfd_create(String name, int flags) throws ErrnoException {
        Capabilities.require("memfd_create");
        byte[] bytes = CMemory.requireNoNul("name", name);
        NativeBuffer memory = BufferPool.SMALL.take(bytes.length + 1);
        try {
            CMemory.putString(memory, 0, bytes);
            int fd = LibC.memfdCreate(memory, flags | MFD_CLOEXEC);
            if (fd < 0) throw new ErrnoException("memfd_create", name + ", " + flags, -fd);
            return fd;
        } finally {
            BufferPool.SMALL.give(memory);
        }
    }

    /**
     * Creates a counter that can be waited for (Linux). Does not block. Reading takes 8 bytes in the platform's byte order, the
     * count, and sets it to 0, or waits while it is 0; writing 8 bytes adds to it.
     *
     * @param initval 0 to 4294967295
     * @param flags 0 or a sum of {@code EFD_NONBLOCK}, {@code EFD_SEMAPHORE} and {@code EFD_CLOEXEC}, the last being set in any
     *     case
     * @throws IllegalArgumentException if {@code initval} is out of range
     * @throws ErrnoException EINVAL for another flag, EMFILE, ENFILE, ENOMEM
     * @throws UnsupportedOperationException on another platform
     * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
     */
    public static int eventfd(long initval, int flags) throws ErrnoException {
        Capabilities.require("eventfd");
        if (initval < 0 || initval > 0xffffffffL)
            throw new IllegalArgumentException("initval is " + initval + ", must be from 0 to 4294967295");
        int fd = LibC.eventfd((int) initval, flags | EFD_CLOEXEC);
        if (fd < 0) throw new ErrnoException("eventfd", initval + ", " + flags, -fd);
        return fd;
    }
}

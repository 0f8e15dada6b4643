package io.posixsocket;

import jnr.posix.FileStat;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * The file functions that keeping a socket's path safe needs, under the manual's names: most of them jnr-posix's, which is
 * loaded on first use (0.15 s). The umask is left alone: a running JVM has other threads.
 *
 * <p>All functions may be called from any thread. They block only as the file system does.
 */
public final class PosixFile {
    /** {@link #open}: reading and writing. */
    public static final int O_RDWR = SocketConstants.O_RDWR;
    /** {@link #open}: create the file if it is missing. */
    public static final int O_CREAT = SocketConstants.O_CREAT;
    /** {@link #open}: ELOOP if the last part of the path is a symbolic link. */
    public static final int O_NOFOLLOW = SocketConstants.O_NOFOLLOW;

    /** {@link #flock}: one holder. */
    public static final int LOCK_EX = 2;
    /** {@link #flock}: fail with EAGAIN instead of waiting. */
    public static final int LOCK_NB = 4;
    /** {@link #flock}: unlock. */
    public static final int LOCK_UN = 8;

    private static final int O_CLOEXEC = SocketConstants.O_CLOEXEC;

    /** Loaded by the first function that needs it. */
    private static final class Native {
        static final POSIX CALLS = POSIXFactory.getNativePOSIX();
    }

    private PosixFile() {}

    /**
     * Opens a file, close-on-exec.
     *
     * @param flags {@link #O_RDWR} or 0 (reading), with or without {@link #O_CREAT} and {@link #O_NOFOLLOW}
     * @param mode the permission bits of a file that is created, less the umask
     * @return the descriptor
     * @throws IllegalArgumentException if {@code path} has a NUL
     * @throws ErrnoException ENOENT, EACCES, ELOOP, EMFILE, EROFS, …
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html">POSIX open</a>
     */
    public static int open(String path, int flags, int mode) throws ErrnoException {
        byte[] bytes = CMemory.requireNoNul("path", path);
        NativeBuffer pathname = BufferPool.SMALL.take(bytes.length + 1);
        try {
            CMemory.putString(pathname, 0, bytes);
            int fd;
            do fd = LibC.open(pathname, flags | O_CLOEXEC, mode);
            while (fd == -Errno.EINTR.number());
            if (fd < 0) throw new ErrnoException("open", path, -fd);
            return fd;
        } finally {
            BufferPool.SMALL.give(pathname);
        }
    }

    /**
     * Sets the permission bits of an open file. On Linux this works on a Unix socket before {@code bind} and decides the
     * mode (less the umask) with which {@code bind} makes the path: the only way without a moment in which others may
     * connect.
     *
     * @throws ErrnoException EBADF, EPERM, EROFS
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/fchmod.html">POSIX fchmod</a>
     */
    public static void fchmod(int fd, int mode) throws ErrnoException {
        if (Native.CALLS.fchmod(fd, mode) != 0)
            throw new ErrnoException("fchmod", "fd " + fd + ", 0" + Integer.toOctalString(mode), Native.CALLS.errno());
    }

    /**
     * What a path leads to, a symbolic link itself included.
     *
     * @throws IllegalArgumentException if {@code path} has a NUL
     * @throws ErrnoException ENOENT, ENOTDIR, EACCES, ELOOP
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/lstat.html">POSIX lstat</a>
     */
    public static FileStatus lstat(String path) throws ErrnoException {
        CMemory.requireNoNul("path", path);
        FileStat stat = Native.CALLS.allocateStat();
        if (Native.CALLS.lstat(path, stat) != 0) throw new ErrnoException("lstat", path, Native.CALLS.errno());
        return FileStatus.of(stat);
    }

    /**
     * What an open descriptor leads to.
     *
     * @throws ErrnoException EBADF
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/fstat.html">POSIX fstat</a>
     */
    public static FileStatus fstat(int fd) throws ErrnoException {
        FileStat stat = Native.CALLS.allocateStat();
        if (Native.CALLS.fstat(fd, stat) != 0) throw new ErrnoException("fstat", "fd " + fd, Native.CALLS.errno());
        return FileStatus.of(stat);
    }

    /**
     * Locks or unlocks an open file, for all that share this opening of it. The lock ends with the last of its descriptors,
     * a crash included. Blocks while another opening holds it, unless {@link #LOCK_NB} is given.
     *
     * @param operation {@link #LOCK_EX} or {@link #LOCK_UN}, with or without {@link #LOCK_NB}
     * @throws ErrnoException EAGAIN when another opening holds it, under {@link #LOCK_NB}; EBADF, ENOLCK
     * @see <a href="https://man7.org/linux/man-pages/man2/flock.2.html">flock(2)</a>
     */
    public static void flock(int fd, int operation) throws ErrnoException {
        int result;
        do result = Native.CALLS.flock(fd, operation);
        while (result != 0 && Native.CALLS.errno() == Errno.EINTR.number());
        if (result != 0) throw new ErrnoException("flock", "fd " + fd + ", " + operation, Native.CALLS.errno());
    }
}

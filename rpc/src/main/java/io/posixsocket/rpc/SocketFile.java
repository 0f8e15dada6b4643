package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.FileStatus;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixFile;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The path of a listening Unix socket, and the lock file beside it, both ours from bind to release.
 *
 * <p>The path is made with mode 0600: by {@code fchmod} before {@code bind}, so that there is no moment in which others may
 * connect, and without the umask, which belongs to all threads. What a crash left is taken over: only by the holder of the
 * lock, only a socket, only our own, and never one that still answers.
 */
final class SocketFile {
    static final int DEFAULT_MODE = 0600;

    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** The lock file is removed by its last holder: who opened it before that has to open it anew. */
    private static final int LOCK_TRIES = 100;

    private final String path;
    private final FileStatus bound;
    private final String lockPath;
    private final OwnedFd lock;
    private final AtomicBoolean released = new AtomicBoolean();

    private SocketFile(String path, FileStatus bound, String lockPath, OwnedFd lock) {
        this.path = path;
        this.bound = bound;
        this.lockPath = lockPath;
        this.lock = lock;
    }

    /** Binds {@code socket} to the path of {@code address}, with these permission bits whatever the umask is. */
    static SocketFile bind(OwnedFd socket, SockaddrUn address, int mode) throws IOException {
        String path = pathOf(address);
        requireSafeParents(address);
        String lockPath = path + ".lock";
        OwnedFd lock = lock(address, lockPath);
        boolean done = false;
        try {
            removeStale(address, path);
            socket.lend(fd -> {
                PosixFile.fchmod(fd, DEFAULT_MODE);
                return null;
            });
            socket.bind(address);
            try {
                if (mode != DEFAULT_MODE) Files.setPosixFilePermissions(Path.of(path), permissions(mode));
                SocketFile file = new SocketFile(path, PosixFile.lstat(path), lockPath, lock);
                done = true;
                return file;
            } finally {
                if (!done) Files.deleteIfExists(Path.of(path));
            }
        } finally {
            if (!done) unlock(lockPath, lock);
        }
    }

    /** Java's file functions take text: a path that does not survive the way there and back would be another one to them. */
    private static String pathOf(SockaddrUn address) {
        String path;
        try {
            path = address.path().toString();
        } catch (InvalidPathException e) { // not in the charset of this JVM's file names
            throw new IllegalArgumentException("cannot listen at " + address + ": " + e.getMessage(), e);
        }
        if (!SockaddrUn.path(path).equals(address))
            throw new IllegalArgumentException(
                    "cannot listen at " + address + ": the path is not UTF-8, or not as Java writes it, " + path);
        return path;
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        StringBuilder permissions = new StringBuilder("rwxrwxrwx");
        for (int i = 0; i < 9; i++) if ((mode & 0400 >> i) == 0) permissions.setCharAt(i, '-');
        return PosixFilePermissions.fromString(permissions.toString());
    }

    /** Whoever may write to a directory on the way may put another socket in place of ours. */
    private static void requireSafeParents(SockaddrUn address) throws IOException {
        Path parent = address.path().toAbsolutePath().getParent();
        if (parent == null)
            throw new ErrnoException("bind", address.toString(), Errno.EADDRINUSE, "the path is the root directory");
        if (!Files.isDirectory(parent))
            throw new ErrnoException(
                    "bind",
                    address.toString(),
                    Files.exists(parent) ? Errno.ENOTDIR : Errno.ENOENT,
                    parent + (Files.exists(parent) ? " is no directory" : ", the directory, is missing"));
        for (Path directory = parent.toRealPath(); directory != null; directory = directory.getParent()) {
            FileStatus status = PosixFile.lstat(directory.toString());
            if ((status.permissions() & OTHERS_WRITE) != 0 && (status.permissions() & STICKY) == 0)
                throw new ErrnoException(
                        "bind",
                        address.toString(),
                        Errno.EPERM,
                        "directory " + directory + " has mode 0" + Integer.toOctalString(status.permissions())
                                + ", others may write to it and replace the socket: chmod o-w, or +t");
        }
    }

    private static OwnedFd lock(SockaddrUn address, String lockPath) throws IOException {
        for (int i = 0; i < LOCK_TRIES; i++) {
            OwnedFd lock = OwnedFd.adopt(PosixFile.open(
                    lockPath, PosixFile.O_RDWR | PosixFile.O_CREAT | PosixFile.O_NOFOLLOW, DEFAULT_MODE));
            boolean locked = false;
            try {
                locked = lock.lend(fd -> {
                    PosixFile.flock(fd, PosixFile.LOCK_EX | PosixFile.LOCK_NB);
                    return isStill(lockPath, PosixFile.fstat(fd));
                });
                if (locked) return lock;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EAGAIN) throw e;
                String holder = holder(address);
                throw inUse(
                        address,
                        lockPath + " is locked by " + (holder == null ? "a process that does not listen yet" : holder));
            } finally {
                if (!locked) lock.close();
            }
        }
        throw inUse(address, lockPath + " is made and removed all the time");
    }

    private static boolean isStill(String path, FileStatus file) throws ErrnoException {
        try {
            return PosixFile.lstat(path).isSameFile(file);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) return false;
            throw e;
        }
    }

    private static void removeStale(SockaddrUn address, String path) throws IOException {
        FileStatus found;
        try {
            found = PosixFile.lstat(path);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) return;
            throw e;
        }
        if (!found.isSocket()) throw inUse(address, "the path is there and is no socket");
        if (found.uid() != PosixSocket.geteuid())
            throw inUse(address, "the path belongs to uid " + found.uid() + ", we are " + PosixSocket.geteuid());
        String holder = holder(address);
        if (holder != null) throw inUse(address, "held by " + holder);
        Files.deleteIfExists(Path.of(path));
    }

    /** Who listens there; null if nobody does. */
    private static String holder(SockaddrUn address) throws IOException {
        try (OwnedFd probe = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0))) {
            probe.connect(address, PROBE_NANOS);
            int pid = probe.peerCredentials().pid();
            return pid == 0 ? "a process of another pid namespace" : "pid " + pid;
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case ECONNREFUSED, ENOENT -> null;
                case ETIMEDOUT -> "a process that takes no connection, its backlog is full";
                default -> "a process that cannot be asked (" + e.errno() + ")";
            };
        }
    }

    private static ErrnoException inUse(SockaddrUn address, String hint) {
        return new ErrnoException("bind", address.toString(), Errno.EADDRINUSE, hint);
    }

    /** Removes path and lock file, unless they are not ours any more. Once; further calls do nothing. */
    void release() {
        if (!released.compareAndSet(false, true)) return;
        try {
            if (isStill(path, bound)) Files.deleteIfExists(Path.of(path));
        } catch (IOException e) {
            System.getLogger(Server.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove socket " + path + ": " + e.getMessage());
        } finally {
            unlock(lockPath, lock);
        }
    }

    /** Removed while it is locked: nobody can hold the lock of a file that another one is about to lock. */
    private static void unlock(String lockPath, OwnedFd lock) {
        try {
            // somebody who cleans up may have removed ours, and another server have made its own
            if (lock.lend(fd -> isStill(lockPath, PosixFile.fstat(fd)))) Files.deleteIfExists(Path.of(lockPath));
        } catch (IOException e) {
            System.getLogger(Server.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove lock file " + lockPath + ": " + e.getMessage());
        } finally {
            lock.close();
        }
    }
}

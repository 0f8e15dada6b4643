package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_NOSIGNAL;
import static io.posixsocket.SocketConstants.NOT_DEFINED;
import static io.posixsocket.SocketConstants.SOCK_CLOEXEC;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_PEERCRED;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.Map;

/**
 * The POSIX socket functions under the manual's names, on plain descriptors. C code ports line by line, save that buffers
 * know their length, addresses are values, and errors are {@link ErrnoException}.
 *
 * <p>What differs from C, everywhere:
 *
 * <ul>
 *   <li>EINTR is not seen: the call is made again with the time that remains, a time set by {@code SO_RCVTIMEO} or
 *       {@code SO_SNDTIMEO} begins anew. {@code close} is never repeated.
 *   <li>Every descriptor made here is close-on-exec, every {@code send} has {@code MSG_NOSIGNAL}.
 *   <li>A constant that this platform lacks ({@link SocketConstants#NOT_DEFINED}) is refused with an
 *       {@link UnsupportedOperationException} naming function and platform.
 * </ul>
 *
 * <p>All functions may be called from any thread. Nothing here guards a descriptor: a number that was closed may already be
 * somebody else's, and closing it does not wake a thread that blocks on it. {@link OwnedFd} guards both; prefer it.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/sys_socket.h.html">POSIX sys/socket.h</a>
 */
public final class PosixSocket {
    private static final int EINTR = Errno.EINTR.number();
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;

    private PosixSocket() {}

    /**
     * Creates a socket. Does not block.
     *
     * @param domain {@code AF_UNIX}, {@code AF_INET}, {@code AF_INET6}
     * @param type {@code SOCK_STREAM}, {@code SOCK_DGRAM} or {@code SOCK_SEQPACKET}; with {@code SOCK_NONBLOCK} or not
     * @param protocol 0 for the domain's and type's own
     * @return the descriptor, close-on-exec
     * @throws ErrnoException EMFILE, ENFILE, EAFNOSUPPORT, EPROTONOSUPPORT, EPROTOTYPE, ENOBUFS
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/socket.html">POSIX socket</a>
     */
    public static int socket(int domain, int type, int protocol) throws ErrnoException {
        requireDefined("socket", domain, type, protocol);
        if (SOCK_CLOEXEC != NOT_DEFINED) {
            int fd = LibC.socket(domain, type | SOCK_CLOEXEC, protocol);
            if (fd < 0) throw new ErrnoException("socket", domain + ", " + type + ", " + protocol, -fd);
            return fd;
        }
        int fd = LibC.socket(domain, type, protocol);
        if (fd < 0) throw new ErrnoException("socket", domain + ", " + type + ", " + protocol, -fd);
        return closeOnExec("socket", fd);
    }

    /**
     * Creates two sockets that are connected to each other. Does not block.
     *
     * @param domain {@code AF_UNIX}
     * @return two descriptors, close-on-exec
     * @throws ErrnoException EMFILE, ENFILE, EOPNOTSUPP, EAFNOSUPPORT
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/socketpair.html">POSIX socketpair</a>
     */
    public static int[] socketpair(int domain, int type, int protocol) throws ErrnoException {
        requireDefined("socketpair", domain, type, protocol);
        NativeBuffer sv = BufferPool.SMALL.take(8);
        try {
            int flags = SOCK_CLOEXEC != NOT_DEFINED ? SOCK_CLOEXEC : 0;
            int result = LibC.socketpair(domain, type | flags, protocol, sv);
            if (result < 0) throw new ErrnoException("socketpair", domain + ", " + type + ", " + protocol, -result);
            int[] pair = {sv.bytes().getInt(0), sv.bytes().getInt(4)};
            if (flags == 0) {
                closeOnExec("socketpair", pair[0]);
                closeOnExec("socketpair", pair[1]);
            }
            return pair;
        } finally {
            BufferPool.SMALL.give(sv);
        }
    }

    /**
     * Gives a socket its local address. Does not block (a path on a slow file system excepted).
     *
     * @throws ErrnoException EADDRINUSE, EACCES, ENOENT for a missing directory, ENOTDIR, EROFS, EINVAL when already bound
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/bind.html">POSIX bind</a>
     */
    public static void bind(int sockfd, Sockaddr addr) throws ErrnoException {
        NativeBuffer native_ = BufferPool.SMALL.take(SockaddrLayout.LENGTH_OFFSET);
        try {
            int length = SockaddrLayout.encode(addr, native_.bytes());
            int result;
            do result = LibC.bind(sockfd, native_, length);
            while (result == -EINTR); // it waits for another bind of the same socket
            if (result < 0) throw new ErrnoException("bind", addr.toString(), -result);
        } finally {
            BufferPool.SMALL.give(native_);
        }
    }

    /**
     * Makes a bound socket accept connections. Does not block.
     *
     * @param backlog how many connections may wait to be accepted; the system cuts it to its own limit
     * @throws ErrnoException EADDRINUSE, EOPNOTSUPP; EDESTADDRREQ when not bound, EINVAL on Linux
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/listen.html">POSIX listen</a>
     */
    public static void listen(int sockfd, int backlog) throws ErrnoException {
        int result;
        do result = LibC.listen(sockfd, backlog);
        while (result == -EINTR);
        if (result < 0) throw new ErrnoException("listen", "fd " + sockfd, -result);
    }

    /**
     * Accepts a connection. Blocks until one comes, unless the socket is non-blocking.
     *
     * @return the new descriptor, blocking and close-on-exec
     * @throws ErrnoException EAGAIN on a non-blocking socket, EMFILE, ENFILE, ECONNABORTED, EINVAL when not listening or
     *     shut down
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/accept.html">POSIX accept</a>
     */
    public static int accept(int sockfd) throws ErrnoException {
        int fd = tryAccept(sockfd);
        if (fd < 0) throw new ErrnoException("accept", "fd " + sockfd, -fd);
        return fd;
    }

    /** As {@link #accept}, but an errno is returned, negated. */
    static int tryAccept(int sockfd) throws ErrnoException {
        int fd;
        if (SOCK_CLOEXEC != NOT_DEFINED) {
            do fd = LibC.accept4(sockfd, SOCK_CLOEXEC);
            while (fd == -EINTR);
            return fd;
        }
        do fd = LibC.accept(sockfd);
        while (fd == -EINTR);
        return fd < 0 ? fd : closeOnExec("accept", fd);
    }

    /**
     * As {@link #accept}, with flags for the new descriptor.
     *
     * @param flags 0 or a sum of {@code SOCK_NONBLOCK} and {@code SOCK_CLOEXEC}, the latter being set in any case
     * @throws UnsupportedOperationException where the platform lacks accept4
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/accept.html">POSIX accept4</a>
     */
    public static int accept4(int sockfd, int flags) throws ErrnoException {
        requireDefined("accept4", flags, SOCK_CLOEXEC, 0);
        Capabilities.require("accept4");
        int fd;
        do fd = LibC.accept4(sockfd, flags | SOCK_CLOEXEC);
        while (fd == -EINTR);
        if (fd < 0) throw new ErrnoException("accept4", "fd " + sockfd, -fd);
        return fd;
    }

    /**
     * As {@link #accept} and {@link #accept4}, and tells who connected, which {@link #getpeername} no longer does once the peer
     * has gone: what C returns through {@code addr}. The descriptor comes owned, as all do that come with something else.
     *
     * @param flags 0 or a sum of {@code SOCK_NONBLOCK} and {@code SOCK_CLOEXEC}, the latter being set in any case
     * @throws ErrnoException as accept
     * @throws UnsupportedOperationException for flags where the platform lacks accept4
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/accept.html">POSIX accept</a>
     */
    public static Accepted acceptfrom(int sockfd, int flags) throws ErrnoException {
        requireDefined("accept4", flags, 0, 0);
        if (flags != 0) Capabilities.require("accept4");
        return MessageCalls.accept(sockfd, flags);
    }

    /**
     * Connects a socket. Blocks until the peer's system has taken the connection: on {@code AF_UNIX} while its backlog is
     * full, on TCP for the handshake. A signal does not end the wait.
     *
     * @throws ErrnoException ECONNREFUSED when nobody listens, ENOENT for a missing path, EACCES, EAGAIN (a non-blocking
     *     AF_UNIX socket, backlog full), EINPROGRESS (another non-blocking socket), ETIMEDOUT, EISCONN, EPROTOTYPE
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/connect.html">POSIX connect</a>
     */
    public static void connect(int sockfd, Sockaddr addr) throws ErrnoException {
        int result = tryConnect(sockfd, addr);
        if (result == -EINTR && addr.family() != AF_UNIX) {
            // the attempt goes on in the kernel; a second connect would say EALREADY
            Pollfd[] writable = {new Pollfd(sockfd, SocketConstants.POLLOUT)};
            poll(writable, -1);
            result = -getsockopt(sockfd, SOL_SOCKET, SocketConstants.SO_ERROR);
        }
        while (result == -EINTR) result = tryConnect(sockfd, addr);
        if (result < 0) throw new ErrnoException("connect", addr.toString(), -result);
    }

    /** One attempt: 0 or the negated errno, EINTR included. */
    static int tryConnect(int sockfd, Sockaddr addr) {
        NativeBuffer native_ = BufferPool.SMALL.take(SockaddrLayout.LENGTH_OFFSET);
        try {
            return LibC.connect(sockfd, native_, SockaddrLayout.encode(addr, native_.bytes()));
        } finally {
            BufferPool.SMALL.give(native_);
        }
    }

    /**
     * The address that a socket is bound to.
     *
     * @return an unnamed {@link SockaddrUn} for an unbound Unix socket
     * @throws ErrnoException EBADF, ENOTSOCK
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getsockname.html">POSIX getsockname</a>
     */
    public static Sockaddr getsockname(int sockfd) throws ErrnoException {
        return name("getsockname", sockfd, true);
    }

    /**
     * The address that a socket is connected to.
     *
     * @return an unnamed {@link SockaddrUn} when the peer's Unix socket is not bound, as a client's mostly is
     * @throws ErrnoException ENOTCONN, EBADF, ENOTSOCK
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getpeername.html">POSIX getpeername</a>
     */
    public static Sockaddr getpeername(int sockfd) throws ErrnoException {
        return name("getpeername", sockfd, false);
    }

    private static Sockaddr name(String function, int sockfd, boolean own) throws ErrnoException {
        int at = SockaddrLayout.LENGTH_OFFSET;
        NativeBuffer addr = BufferPool.SMALL.take(at + 4);
        try {
            addr.bytes().putInt(at, at);
            int result = own ? LibC.getsockname(sockfd, addr, at) : LibC.getpeername(sockfd, addr, at);
            if (result < 0) throw new ErrnoException(function, "fd " + sockfd, -result);
            return SockaddrLayout.decode(addr.bytes(), addr.bytes().getInt(at));
        } finally {
            BufferPool.SMALL.give(addr);
        }
    }

    /**
     * Reads an option whose value is an int.
     *
     * @throws ErrnoException ENOPROTOOPT, EBADF, ENOTSOCK; EINVAL if the option's value is no int
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getsockopt.html">POSIX getsockopt</a>
     */
    public static int getsockopt(int sockfd, int level, int optname) throws ErrnoException {
        requireDefined("getsockopt", level, optname, 0);
        NativeBuffer optval = BufferPool.SMALL.take(16);
        try {
            optval.bytes().putLong(0, 0).putInt(8, 8);
            int result = LibC.getsockopt(sockfd, level, optname, optval, 8);
            int length = optval.bytes().getInt(8);
            if (result == 0 && length != 4) result = -Errno.EINVAL.number(); // a timeval, a linger, a name
            if (result < 0)
                throw new ErrnoException("getsockopt", "fd " + sockfd + ", " + level + ", " + optname, -result);
            return optval.bytes().getInt(0);
        } finally {
            BufferPool.SMALL.give(optval);
        }
    }

    /**
     * Sets an option whose value is an int.
     *
     * @throws ErrnoException ENOPROTOOPT, EINVAL, EPERM, EBADF, ENOTSOCK
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/setsockopt.html">POSIX setsockopt</a>
     */
    public static void setsockopt(int sockfd, int level, int optname, int optval) throws ErrnoException {
        requireDefined("setsockopt", level, optname, 0);
        NativeBuffer native_ = BufferPool.SMALL.take(4);
        try {
            native_.bytes().putInt(0, optval);
            set(sockfd, level, optname, native_, 4, optval);
        } finally {
            BufferPool.SMALL.give(native_);
        }
    }

    /**
     * Reads an option of any type as the bytes that the system gives.
     *
     * @param maxlen how many bytes to ask for; some options give no more than that, others fail if it is too few
     * @return as many as there were, in the platform's byte order
     * @throws IllegalArgumentException if {@code maxlen} is negative
     * @throws ErrnoException ENOPROTOOPT, EINVAL, ERANGE, EBADF, ENOTSOCK
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getsockopt.html">POSIX getsockopt</a>
     */
    public static byte[] getsockopt(int sockfd, int level, int optname, int maxlen) throws ErrnoException {
        requireDefined("getsockopt", level, optname, 0);
        if (maxlen < 0) throw new IllegalArgumentException("maxlen is " + maxlen + ", must be at least 0");
        int at = (maxlen + 3) & ~3; // a socklen_t is aligned
        NativeBuffer optval = BufferPool.SMALL.take(at + 4);
        try {
            optval.bytes().putInt(at, maxlen);
            int result = LibC.getsockopt(sockfd, level, optname, optval, at);
            if (result < 0)
                throw new ErrnoException("getsockopt", "fd " + sockfd + ", " + level + ", " + optname, -result);
            byte[] value = new byte[Math.min(maxlen, optval.bytes().getInt(at))];
            optval.bytes().get(0, value);
            return value;
        } finally {
            BufferPool.SMALL.give(optval);
        }
    }

    /**
     * Sets an option of any type to the bytes given, which have the platform's layout.
     *
     * @throws ErrnoException ENOPROTOOPT, EINVAL, EPERM, EBADF, ENOTSOCK
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/setsockopt.html">POSIX setsockopt</a>
     */
    public static void setsockopt(int sockfd, int level, int optname, byte[] optval) throws ErrnoException {
        requireDefined("setsockopt", level, optname, 0);
        NativeBuffer native_ = BufferPool.SMALL.take(optval.length);
        try {
            native_.bytes().put(0, optval);
            set(sockfd, level, optname, native_, optval.length, optval.length + " bytes");
        } finally {
            BufferPool.SMALL.give(native_);
        }
    }

    /**
     * Reads an option that knows its type.
     *
     * @throws ErrnoException ENOPROTOOPT, EBADF, ENOTSOCK, ENOTCONN for what is known of peers only; EINVAL if what the system
     *     gives is too short for the type
     * @throws UnsupportedOperationException where the platform lacks the option
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getsockopt.html">POSIX getsockopt</a>
     */
    public static <T> T getsockopt(int sockfd, SockOpt<T> option) throws ErrnoException {
        return option.get(sockfd);
    }

    /**
     * Sets an option that knows its type.
     *
     * @throws IllegalArgumentException if {@code optval} is none of the values that the type has: a negative duration
     * @throws ErrnoException ENOPROTOOPT (also for what can only be read), EINVAL, EDOM, EPERM, ENODEV, EBADF, ENOTSOCK
     * @throws UnsupportedOperationException where the platform lacks the option
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/setsockopt.html">POSIX setsockopt</a>
     */
    public static <T> void setsockopt(int sockfd, SockOpt<T> option, T optval) throws ErrnoException {
        option.set(sockfd, optval);
    }

    private static void set(int sockfd, int level, int optname, NativeBuffer optval, int optlen, Object value)
            throws ErrnoException {
        int result = LibC.setsockopt(sockfd, level, optname, optval, optlen);
        if (result < 0)
            throw new ErrnoException(
                    "setsockopt", "fd " + sockfd + ", " + level + ", " + optname + ", " + value, -result);
    }

    /**
     * Who holds the other end of a connected Unix socket: {@code SO_PEERCRED} and {@code SO_PEERGROUPS} on Linux,
     * {@code LOCAL_PEERCRED} and {@code LOCAL_PEERPID} on macOS. Does not block.
     *
     * @throws ErrnoException ENOTCONN, EBADF, ENOTSOCK; EOPNOTSUPP on a socket that is no Unix socket
     */
    public static PeerCredentials peerCredentials(int sockfd) throws ErrnoException {
        if (Platform.CURRENT == Platform.BSD) return Xucred.read(sockfd);
        requireDefined("getsockopt", SOL_SOCKET, SO_PEERCRED, 0);
        return PeerUcred.read(sockfd);
    }

    /**
     * A descriptor of the process that holds the other end of a connected Unix socket ({@code SO_PEERPIDFD}, Linux 6.5). It
     * stands for that process alone, whatever becomes of its number, and is readable once the process has ended. Does not
     * block.
     *
     * @return close-on-exec; the caller owns it
     * @throws ErrnoException ENODATA if the kernel noted no process, ESRCH if it has ended, ENOPROTOOPT on an older kernel,
     *     EBADF, ENOTSOCK
     * @throws UnsupportedOperationException where the platform lacks SO_PEERPIDFD
     * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
     */
    public static OwnedFd peerPidfd(int sockfd) throws ErrnoException {
        if (!PeerPidfd.OPTION.isDefined())
            throw new UnsupportedOperationException("peerPidfd: " + Platform.NAME + " lacks it");
        return OwnedFd.adopt(PeerPidfd.OPTION.get(sockfd));
    }

    /** Apart, because this class would bring {@link SockOpt} and all its options along with the first socket. */
    private static final class PeerPidfd {
        static final SockOpt<Integer> OPTION = SockOpt.ofInt("SO_PEERPIDFD", SOL_SOCKET, SocketConstants.SO_PEERPIDFD);
    }

    /**
     * Sends at most {@code buf.remaining()} bytes and advances the position of {@code buf} past those taken. Blocks while
     * the peer's buffer is full, unless {@code MSG_DONTWAIT} is given or the socket is non-blocking. A direct buffer is
     * sent as it lies, a heap buffer is copied first.
     *
     * @param flags 0 or a sum of {@code MSG_DONTWAIT}, {@code MSG_EOR}, {@code MSG_OOB}; {@code MSG_NOSIGNAL} is always set
     * @return bytes taken, which may be fewer than there were
     * @throws ErrnoException EAGAIN, EPIPE, ECONNRESET, EMSGSIZE, ENOTCONN, ENOBUFS
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/send.html">POSIX send</a>
     */
    public static int send(int sockfd, ByteBuffer buf, int flags) throws ErrnoException {
        requireDefined("send", flags, 0, 0);
        int position = buf.position();
        int length = buf.remaining();
        int n;
        if (buf.isDirect()) {
            n = send(sockfd, buf, NativeBuffer.addressOf(buf) + position, length, flags);
        } else {
            NativeBuffer window = BufferPool.WINDOWS.take(length);
            try {
                window.bytes().put(0, buf, position, length);
                n = send(sockfd, window, window.address(), length, flags);
            } finally {
                BufferPool.WINDOWS.give(window);
            }
        }
        if (n < 0) throw new ErrnoException("send", "fd " + sockfd, -n);
        buf.position(position + n);
        return n;
    }

    /** The count, or the negated errno. */
    static int send(int sockfd, Object owner, long address, int length, int flags) {
        int n;
        do n = LibC.send(sockfd, owner, address, length, flags | NOSIGNAL);
        while (n == -EINTR);
        return n;
    }

    private static final int NOSIGNAL = MSG_NOSIGNAL == NOT_DEFINED ? 0 : MSG_NOSIGNAL;

    /**
     * Receives at most {@code buf.remaining()} bytes and advances the position of {@code buf} past them. Blocks until bytes
     * arrive or the peer shuts down its side, unless {@code MSG_DONTWAIT} is given or the socket is non-blocking.
     *
     * @param flags 0 or a sum of {@code MSG_PEEK}, {@code MSG_DONTWAIT}, {@code MSG_WAITALL}, {@code MSG_TRUNC}
     * @return bytes received; 0 at the end of the stream (and for an empty datagram). With {@code MSG_TRUNC} the length of
     *     the whole datagram, of which only what fits was stored
     * @throws ErrnoException EAGAIN when nothing is there under {@code MSG_DONTWAIT}; ECONNRESET, ENOTCONN
     * @throws ReadOnlyBufferException if {@code buf} is read-only
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/recv.html">POSIX recv</a>
     */
    public static int recv(int sockfd, ByteBuffer buf, int flags) throws ErrnoException {
        requireDefined("recv", flags, 0, 0);
        if (buf.isReadOnly()) throw new ReadOnlyBufferException();
        int position = buf.position();
        int length = buf.remaining();
        int n;
        int stored;
        if (buf.isDirect()) {
            n = recv(sockfd, buf, NativeBuffer.addressOf(buf) + position, length, flags);
            stored = Math.min(n, length);
        } else {
            NativeBuffer window = BufferPool.WINDOWS.take(length);
            try {
                n = recv(sockfd, window, window.address(), length, flags);
                stored = Math.min(n, length);
                if (n > 0) buf.put(position, window.bytes(), 0, stored);
            } finally {
                BufferPool.WINDOWS.give(window);
            }
        }
        if (n < 0) throw new ErrnoException("recv", "fd " + sockfd, -n);
        buf.position(position + stored);
        return n;
    }

    /** The count, or the negated errno. */
    static int recv(int sockfd, Object owner, long address, int length, int flags) {
        int n;
        do n = LibC.recv(sockfd, owner, address, length, flags);
        while (n == -EINTR);
        return n;
    }

    /**
     * As {@link #send(int, ByteBuffer, int)}, from a part of an array.
     *
     * @throws IndexOutOfBoundsException if the range is not inside {@code buf}
     */
    public static int send(int sockfd, byte[] buf, int offset, int length, int flags) throws ErrnoException {
        return send(sockfd, ByteBuffer.wrap(buf, offset, length), flags);
    }

    /**
     * As {@link #recv(int, ByteBuffer, int)}, into a part of an array.
     *
     * @throws IndexOutOfBoundsException if the range is not inside {@code buf}
     */
    public static int recv(int sockfd, byte[] buf, int offset, int length, int flags) throws ErrnoException {
        return recv(sockfd, ByteBuffer.wrap(buf, offset, length), flags);
    }

    /**
     * As {@link #send(int, ByteBuffer, int)}, to an address.
     *
     * @param addr where a datagram goes; a connected stream socket refuses one or ignores it
     * @throws ErrnoException as send, and ENOENT, ECONNREFUSED, EACCES, EDESTADDRREQ, EISCONN, ENETUNREACH, EAFNOSUPPORT,
     *     EPROTOTYPE
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/sendto.html">POSIX sendto</a>
     */
    public static int sendto(int sockfd, ByteBuffer buf, int flags, Sockaddr addr) throws ErrnoException {
        requireDefined("sendto", flags, addr.family(), 0);
        return MessageCalls.sendto(sockfd, buf, flags, addr);
    }

    /**
     * As {@link #sendto(int, ByteBuffer, int, Sockaddr)}, from a part of an array.
     *
     * @throws IndexOutOfBoundsException if the range is not inside {@code buf}
     */
    public static int sendto(int sockfd, byte[] buf, int offset, int length, int flags, Sockaddr addr)
            throws ErrnoException {
        return sendto(sockfd, ByteBuffer.wrap(buf, offset, length), flags, addr);
    }

    /**
     * As {@link #recv(int, ByteBuffer, int)}, and tells who sent it.
     *
     * @return bytes received and the sender's address
     * @throws ErrnoException as recv
     * @throws ReadOnlyBufferException if {@code buf} is read-only
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/recvfrom.html">POSIX recvfrom</a>
     */
    public static Received recvfrom(int sockfd, ByteBuffer buf, int flags) throws ErrnoException {
        requireDefined("recvfrom", flags, 0, 0);
        return MessageCalls.recvfrom(sockfd, buf, flags);
    }

    /**
     * As {@link #recvfrom(int, ByteBuffer, int)}, into a part of an array.
     *
     * @throws IndexOutOfBoundsException if the range is not inside {@code buf}
     */
    public static Received recvfrom(int sockfd, byte[] buf, int offset, int length, int flags) throws ErrnoException {
        return recvfrom(sockfd, ByteBuffer.wrap(buf, offset, length), flags);
    }

    /**
     * Sends several buffers, to an address if the message has one, with ancillary data if it has any. Blocks while the peer's
     * buffer is full, unless {@code MSG_DONTWAIT} is given or the socket is non-blocking. Advances the buffers past the bytes
     * taken.
     *
     * <p>When a stream takes only a part, the ancillary data has gone with it: set another before the rest
     * is sent, {@code message.clear()} for none, or it goes twice.
     *
     * @param flags 0 or a sum of {@code MSG_DONTWAIT}, {@code MSG_EOR}, {@code MSG_OOB}; {@code MSG_NOSIGNAL} is always set
     * @return bytes taken, which may be fewer than there were on a stream
     * @throws ErrnoException as send and sendto, and EMSGSIZE for too many buffers, EPERM for credentials that are not the
     *     sender's, ETOOMANYREFS, EINVAL
     * @throws java.nio.channels.ClosedChannelException if a descriptor to send is closed
     * @throws IllegalStateException if another call uses {@code message}
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/sendmsg.html">POSIX sendmsg</a>
     */
    public static int sendmsg(int sockfd, Message message, int flags) throws IOException {
        requireDefined("sendmsg", flags, 0, 0);
        return MessageCalls.sendmsg(sockfd, message, flags);
    }

    /**
     * Receives into several buffers, and the sender's address, ancillary data and flags besides. Blocks until bytes arrive or
     * the peer shuts down its side, unless {@code MSG_DONTWAIT} is given or the socket is non-blocking. Advances the buffers
     * past the bytes stored. What {@code message} had received before is cleared, by failing calls too.
     *
     * @param flags 0 or a sum of {@code MSG_PEEK}, {@code MSG_DONTWAIT}, {@code MSG_WAITALL}, {@code MSG_TRUNC};
     *     {@code MSG_CMSG_CLOEXEC} is always set
     * @return bytes received; 0 at the end of the stream (and for an empty datagram). With {@code MSG_TRUNC} the length of
     *     the whole datagram, of which only what fits was stored
     * @throws ErrnoException EAGAIN when nothing is there under {@code MSG_DONTWAIT}; ECONNRESET, ENOTCONN; EMSGSIZE for too
     *     many buffers
     * @throws ReadOnlyBufferException if one of the buffers is read-only
     * @throws IllegalStateException if another call uses {@code message}
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/recvmsg.html">POSIX recvmsg</a>
     */
    public static int recvmsg(int sockfd, Message message, int flags) throws ErrnoException {
        requireDefined("recvmsg", flags, 0, 0);
        return MessageCalls.recvmsg(sockfd, message, flags);
    }

    /**
     * Sends several messages in one call (Linux). Blocks as {@link #sendmsg} does.
     *
     * @return how many were sent, at least 1 if there were any; each one's {@link Message#length()} tells its bytes
     * @throws ErrnoException as sendmsg, if the very first message failed
     * @throws IllegalStateException if another call uses one of the messages, or one is there twice
     * @throws UnsupportedOperationException on another platform
     * @see <a href="https://man7.org/linux/man-pages/man2/sendmmsg.2.html">sendmmsg(2)</a>
     */
    public static int sendmmsg(int sockfd, Message[] messages, int flags) throws IOException {
        requireLinux("sendmmsg");
        requireDefined("sendmmsg", flags, 0, 0);
        return MessageCalls.sendmmsg(sockfd, messages.clone(), flags);
    }

    /**
     * Receives several messages in one call (Linux). Blocks until all are filled, or with {@code MSG_WAITFORONE} (0x10000)
     * until one is.
     *
     * @param timeout null for no limit. The kernel looks at it only after a message has come: alone it ends no wait
     * @return how many were received; each one's {@link Message#length()} tells its bytes
     * @throws IllegalArgumentException if {@code timeout} is negative
     * @throws ErrnoException as recvmsg, if not even one message was received
     * @throws IllegalStateException if another call uses one of the messages, or one is there twice
     * @throws UnsupportedOperationException on another platform
     * @see <a href="https://man7.org/linux/man-pages/man2/recvmmsg.2.html">recvmmsg(2)</a>
     */
    public static int recvmmsg(int sockfd, Message[] messages, int flags, Duration timeout) throws ErrnoException {
        requireLinux("recvmmsg");
        requireDefined("recvmmsg", flags, 0, 0);
        if (timeout != null && timeout.isNegative())
            throw new IllegalArgumentException("timeout is " + timeout + ", must not be negative");
        return MessageCalls.recvmmsg(sockfd, messages.clone(), flags, timeout);
    }

    /**
     * Whether the next byte to be received is the one that was sent with {@code MSG_OOB}. Does not block.
     *
     * @throws ErrnoException EBADF; EINVAL or ENOTTY if {@code sockfd} is no socket that has a mark
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/sockatmark.html">POSIX sockatmark</a>
     */
    public static boolean sockatmark(int sockfd) throws ErrnoException {
        int result = LibC.sockatmark(sockfd);
        if (result < 0) throw new ErrnoException("sockatmark", "fd " + sockfd, -result);
        return result != 0;
    }

    /**
     * Ends one or both directions of a connection, for every process that holds it. Wakes threads that block in recv, and
     * on Linux in accept. Does not block and does not close the descriptor.
     *
     * @param how {@code SHUT_RD}, {@code SHUT_WR} or {@code SHUT_RDWR}
     * @throws ErrnoException ENOTCONN, EBADF, ENOTSOCK, EINVAL
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/shutdown.html">POSIX shutdown</a>
     */
    public static void shutdown(int sockfd, int how) throws ErrnoException {
        int result = LibC.shutdown(sockfd, how);
        if (result < 0) throw new ErrnoException("shutdown", "fd " + sockfd + ", " + how, -result);
    }

    /**
     * Closes a descriptor. Its number may be given out again before this returns, and a thread that blocks on it is not
     * woken: see {@link OwnedFd}.
     *
     * @throws ErrnoException EBADF, EIO; EINTR is none, the descriptor being closed all the same
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/close.html">POSIX close</a>
     */
    public static void close(int fd) throws ErrnoException {
        int result = LibC.close(fd);
        if (result < 0 && result != -EINTR) throw new ErrnoException("close", "fd " + fd, -result);
    }

    /**
     * Waits until one of several descriptors is ready.
     *
     * @param timeout milliseconds; 0 returns at once, a negative one waits without limit
     * @return how many of {@code fds} have {@link Pollfd#revents()} other than 0; 0 when the time is up
     * @throws ErrnoException EINVAL (more of them than the process may have descriptors), ENOMEM
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/poll.html">POSIX poll</a>
     */
    public static int poll(Pollfd[] fds, int timeout) throws ErrnoException {
        return Polling.poll(fds, timeout);
    }

    /**
     * As {@link #poll}, to the nanosecond. Not with a signal mask: a JVM's signals are the JVM's own. Where the platform lacks
     * ppoll (macOS) the time is rounded up to a millisecond.
     *
     * @param timeout zero returns at once, null waits without limit
     * @return how many of {@code fds} have {@link Pollfd#revents()} other than 0; 0 when the time is up
     * @throws IllegalArgumentException if {@code timeout} is negative
     * @throws ErrnoException EINVAL (more of them than the process may have descriptors), ENOMEM
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/ppoll.html">POSIX ppoll</a>
     */
    public static int ppoll(Pollfd[] fds, Duration timeout) throws ErrnoException {
        return Polling.ppoll(fds, timeout);
    }

    /**
     * Waits until one of several descriptors below 1024 is ready, to the microsecond; {@link #poll} does the same without that
     * limit. The sets are changed: they hold the ready ones afterwards, as in C; after an exception they are as before.
     *
     * @param nfds the highest descriptor in any set, plus 1
     * @param readfds asked for input, hang-up included; null for none
     * @param writefds asked for room to write; null for none
     * @param exceptfds asked for out-of-band data; null for none
     * @param timeout zero returns at once, null waits without limit
     * @return how many are ready, in all sets together; 0 when the time is up
     * @throws IllegalArgumentException if {@code nfds} is above 1024 or negative, or {@code timeout} is negative
     * @throws ErrnoException EBADF
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/select.html">POSIX select</a>
     */
    public static int select(int nfds, FdSet readfds, FdSet writefds, FdSet exceptfds, Duration timeout)
            throws ErrnoException {
        return Polling.select(Polling.Select.SELECT, nfds, new FdSet[] {readfds, writefds, exceptfds}, timeout);
    }

    /**
     * As {@link #select}, to the nanosecond. Not with a signal mask: a JVM's signals are the JVM's own.
     *
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/pselect.html">POSIX pselect</a>
     */
    public static int pselect(int nfds, FdSet readfds, FdSet writefds, FdSet exceptfds, Duration timeout)
            throws ErrnoException {
        return Polling.select(Polling.Select.PSELECT, nfds, new FdSet[] {readfds, writefds, exceptfds}, timeout);
    }

    /**
     * Those functions that some platforms lack, by the manual's names, and how each is there on this one: the same answer from
     * the start of the process to its end. All others that this library offers are on every platform where it runs. A kernel
     * that is older than its C library can still refuse one, with ENOSYS.
     *
     * @return unmodifiable, sorted by name
     */
    public static Map<String, Support> capabilities() {
        return Capabilities.ALL;
    }

    /**
     * Creates an epoll set (Linux). Does not block.
     *
     * @param flags 0 or {@code EPOLL_CLOEXEC}, which is set in any case
     * @return its descriptor
     * @throws ErrnoException EMFILE, ENFILE, ENOMEM
     * @throws UnsupportedOperationException on another platform
     * @see <a href="https://man7.org/linux/man-pages/man2/epoll_create.2.html">epoll_create1(2)</a>
     */
    public static int epoll_create1(int flags) throws ErrnoException {
        requireLinux("epoll_create1");
        int fd = LibC.epollCreate1(flags | SocketConstants.EPOLL_CLOEXEC);
        if (fd < 0) throw new ErrnoException("epoll_create1", "" + flags, -fd);
        return fd;
    }

    /**
     * Adds, changes or removes a descriptor of an epoll set (Linux). Does not block.
     *
     * @param op {@code EPOLL_CTL_ADD}, {@code EPOLL_CTL_MOD} or {@code EPOLL_CTL_DEL}
     * @param events a sum of {@code EPOLLIN}, {@code EPOLLOUT}, {@code EPOLLRDHUP}, {@code EPOLLONESHOT}, …
     * @param data comes back with each event. A descriptor's number is a poor choice: it may be another socket's by then
     * @throws ErrnoException EEXIST, ENOENT, ENOSPC, EPERM (a regular file), EBADF
     * @throws UnsupportedOperationException on another platform
     * @see <a href="https://man7.org/linux/man-pages/man2/epoll_ctl.2.html">epoll_ctl(2)</a>
     */
    public static void epoll_ctl(int epfd, int op, int fd, int events, long data) throws ErrnoException {
        requireLinux("epoll_ctl");
        int result = tryEpollCtl(epfd, op, fd, events, data);
        if (result < 0) throw new ErrnoException("epoll_ctl", "fd " + epfd + ", " + op + ", fd " + fd, -result);
    }

    private static int tryEpollCtl(int epfd, int op, int fd, int events, long data) {
        NativeBuffer event = BufferPool.SMALL.take(EpollEvents.SIZE);
        try {
            EpollEvents.put(event.bytes(), events, data);
            return LibC.epollCtl(epfd, op, fd, event);
        } finally {
            BufferPool.SMALL.give(event);
        }
    }

    /**
     * Waits for events of an epoll set (Linux). Any number of threads may wait on one set.
     *
     * @param timeout milliseconds; 0 returns at once, a negative one waits without limit
     * @return how many of {@code events} were filled; 0 when the time is up
     * @throws ErrnoException EBADF, EINVAL
     * @throws UnsupportedOperationException on another platform
     * @see <a href="https://man7.org/linux/man-pages/man2/epoll_wait.2.html">epoll_wait(2)</a>
     */
    public static int epoll_wait(int epfd, EpollEvents events, int timeout) throws ErrnoException {
        requireLinux("epoll_wait");
        return Polling.epollWait(epfd, events, timeout);
    }

    /** The effective user id of this process, 0 to 4294967295. Does not block and does not fail. */
    public static long geteuid() {
        return LibC.geteuid();
    }

    static int closeOnExec(String function, int fd) throws ErrnoException {
        try {
            setCloseOnExec(function, fd);
            return fd;
        } catch (ErrnoException e) {
            LibC.close(fd);
            throw e;
        }
    }

    static void setCloseOnExec(String function, int fd) throws ErrnoException {
        int result = LibC.fcntl(fd, F_SETFD, FD_CLOEXEC);
        if (result < 0) throw new ErrnoException(function, "fd " + fd + ", FD_CLOEXEC", -result);
    }

    /** The sign bit says that one of the constants in the sum is not defined here. */
    static void requireDefined(String function, int first, int second, int third) {
        if ((first | second | third) < 0)
            throw new UnsupportedOperationException(
                    function + ": one of its arguments is not defined on " + Platform.NAME);
    }

    private static void requireLinux(String function) {
        if (Platform.CURRENT != Platform.LINUX)
            throw new UnsupportedOperationException(function + ": " + Platform.NAME + " does not have it");
    }
}

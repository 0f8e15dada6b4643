package io.posixsocket;

import jnr.constants.Constant;
import jnr.constants.platform.AddressFamily;
import jnr.constants.platform.IPProto;
import jnr.constants.platform.Shutdown;
import jnr.constants.platform.Sock;
import jnr.constants.platform.SocketLevel;
import jnr.constants.platform.SocketMessage;
import jnr.constants.platform.SocketOption;
import jnr.constants.platform.TCP;

/**
 * The constants of {@code <sys/socket.h>}, {@code <poll.h>}, {@code <sys/epoll.h>} and their kin, with this platform's
 * values: from jnr-constants, and by hand for those that it lacks.
 *
 * <p>What this platform lacks is {@link #NOT_DEFINED}; a function given it throws {@link UnsupportedOperationException}.
 * The values are read when the class is loaded, so they are no constant expressions: {@code switch} does not take them.
 */
public final class SocketConstants {
    /** The value of a constant that this platform lacks: the sign bit alone. */
    public static final int NOT_DEFINED = Integer.MIN_VALUE;

    // <sys/socket.h>: address families
    public static final int AF_UNSPEC = of(AddressFamily.AF_UNSPEC);
    public static final int AF_UNIX = of(AddressFamily.AF_UNIX);
    public static final int AF_INET = of(AddressFamily.AF_INET);
    public static final int AF_INET6 = of(AddressFamily.AF_INET6);

    // <sys/socket.h>: socket types, and the flags that Linux takes with them
    public static final int SOCK_STREAM = of(Sock.SOCK_STREAM);
    public static final int SOCK_DGRAM = of(Sock.SOCK_DGRAM);
    public static final int SOCK_SEQPACKET = of(Sock.SOCK_SEQPACKET);
    public static final int SOCK_NONBLOCK = of(Sock.SOCK_NONBLOCK);
    public static final int SOCK_CLOEXEC = of(Sock.SOCK_CLOEXEC);

    // <sys/socket.h>: shutdown
    public static final int SHUT_RD = of(Shutdown.SHUT_RD);
    public static final int SHUT_WR = of(Shutdown.SHUT_WR);
    public static final int SHUT_RDWR = of(Shutdown.SHUT_RDWR);

    /** The longest backlog that listen takes without cutting it; Linux cuts by net.core.somaxconn besides. */
    public static final int SOMAXCONN = linuxOrBsd(4096, 128);

    // <sys/socket.h>: levels and options
    public static final int SOL_SOCKET = of(SocketLevel.SOL_SOCKET);
    public static final int SO_ACCEPTCONN = of(SocketOption.SO_ACCEPTCONN);
    public static final int SO_BROADCAST = of(SocketOption.SO_BROADCAST);
    public static final int SO_DOMAIN = of(SocketOption.SO_DOMAIN);
    public static final int SO_ERROR = of(SocketOption.SO_ERROR);
    public static final int SO_KEEPALIVE = of(SocketOption.SO_KEEPALIVE);
    public static final int SO_PASSCRED = of(SocketOption.SO_PASSCRED);
    /** Read it with {@link PosixSocket#peerCredentials(int)}. */
    public static final int SO_PEERCRED = of(SocketOption.SO_PEERCRED);

    public static final int SO_PROTOCOL = of(SocketOption.SO_PROTOCOL);
    public static final int SO_RCVBUF = of(SocketOption.SO_RCVBUF);
    /** A timeval: set it with {@link PosixSocket#setsockopt(int, int, int, java.time.Duration)}. */
    public static final int SO_RCVTIMEO = of(SocketOption.SO_RCVTIMEO);

    public static final int SO_REUSEADDR = of(SocketOption.SO_REUSEADDR);
    public static final int SO_REUSEPORT = of(SocketOption.SO_REUSEPORT);
    public static final int SO_SNDBUF = of(SocketOption.SO_SNDBUF);
    /** A timeval: set it with {@link PosixSocket#setsockopt(int, int, int, java.time.Duration)}. */
    public static final int SO_SNDTIMEO = of(SocketOption.SO_SNDTIMEO);

    public static final int SO_TYPE = of(SocketOption.SO_TYPE);

    // <netinet/in.h>, <netinet/tcp.h>
    public static final int IPPROTO_TCP = of(IPProto.IPPROTO_TCP);
    public static final int IPPROTO_UDP = of(IPProto.IPPROTO_UDP);
    public static final int TCP_NODELAY = of(TCP.TCP_NODELAY);

    // <sys/socket.h>: flags of send and recv
    public static final int MSG_DONTWAIT = of(SocketMessage.MSG_DONTWAIT);
    public static final int MSG_EOR = of(SocketMessage.MSG_EOR);
    public static final int MSG_NOSIGNAL = of(SocketMessage.MSG_NOSIGNAL);
    public static final int MSG_OOB = of(SocketMessage.MSG_OOB);
    public static final int MSG_PEEK = of(SocketMessage.MSG_PEEK);
    public static final int MSG_TRUNC = of(SocketMessage.MSG_TRUNC);
    public static final int MSG_WAITALL = of(SocketMessage.MSG_WAITALL);

    // <poll.h>: the same numbers on Linux and the BSDs, POLLRDHUP being Linux's own
    public static final int POLLIN = 0x001;
    public static final int POLLPRI = 0x002;
    public static final int POLLOUT = 0x004;
    public static final int POLLERR = 0x008;
    public static final int POLLHUP = 0x010;
    public static final int POLLNVAL = 0x020;
    public static final int POLLRDHUP = linuxOrBsd(0x2000, NOT_DEFINED);

    // <sys/epoll.h>, Linux alone. EPOLLET takes the sign bit, therefore there is no NOT_DEFINED among these: on another
    // platform the functions say that they are missing.
    public static final int EPOLLIN = 0x001;
    public static final int EPOLLPRI = 0x002;
    public static final int EPOLLOUT = 0x004;
    public static final int EPOLLERR = 0x008;
    public static final int EPOLLHUP = 0x010;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int EPOLLEXCLUSIVE = 1 << 28;
    public static final int EPOLLONESHOT = 1 << 30;
    public static final int EPOLLET = 1 << 31;
    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;
    public static final int EPOLL_CLOEXEC = of(Sock.SOCK_CLOEXEC);

    private SocketConstants() {}

    /** jnr-constants answers with an invented number for a name that it does not know here: ask defined() first. */
    private static int of(Constant constant) {
        return constant.defined() ? constant.intValue() : NOT_DEFINED;
    }

    private static int linuxOrBsd(int linux, int bsd) {
        return Platform.CURRENT == Platform.LINUX ? linux : bsd;
    }
}

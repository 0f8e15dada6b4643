package io.posixsocket;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A socket option that knows its level, its number and the type of its value:
 * {@code PosixSocket.setsockopt(fd, SockOpt.SO_RCVTIMEO, Duration.ofSeconds(1))}. What is not listed here is made by
 * {@link #ofInt}, {@link #ofBoolean} and {@link #ofBytes}, or set by the functions that take level and number.
 *
 * <p>An option that this platform lacks is not {@link #isDefined}; a function given it throws
 * {@link UnsupportedOperationException}. Some options can only be read, or only be set: the system then says
 * {@code ENOPROTOOPT}.
 *
 * @param <T> the type of the value
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/V2_chap02.html#tag_16_10_16">POSIX use of
 *     options</a>
 */
public final class SockOpt<T> {
    private static final OptionType<IpMreq> MREQ =
            new OptionType<>(IpMreq.SIZE, IpMreq.SIZE, IpMreq::decode, IpMreq::encode);
    private static final OptionType<Ipv6Mreq> MREQ6 =
            new OptionType<>(Ipv6Mreq.SIZE, Ipv6Mreq.SIZE, Ipv6Mreq::decode, Ipv6Mreq::encode);

    // SOL_SOCKET
    /** Whether the socket listens; can only be read. */
    public static final SockOpt<Boolean> SO_ACCEPTCONN = flag("SO_ACCEPTCONN", SocketConstants.SO_ACCEPTCONN);

    /** The interface that alone is used, by name; empty for any (Linux). */
    public static final SockOpt<String> SO_BINDTODEVICE =
            socket("SO_BINDTODEVICE", SocketConstants.SO_BINDTODEVICE, OptionType.STRING);

    /** Whether datagrams may go to a broadcast address. */
    public static final SockOpt<Boolean> SO_BROADCAST = flag("SO_BROADCAST", SocketConstants.SO_BROADCAST);

    /** Whether the system records debugging information. */
    public static final SockOpt<Boolean> SO_DEBUG = flag("SO_DEBUG", SocketConstants.SO_DEBUG);

    /** The address family; can only be read. */
    public static final SockOpt<Integer> SO_DOMAIN = number("SO_DOMAIN", SocketConstants.SO_DOMAIN);

    /** Whether routing is passed over. */
    public static final SockOpt<Boolean> SO_DONTROUTE = flag("SO_DONTROUTE", SocketConstants.SO_DONTROUTE);

    /** The pending error, 0 if there is none; reading clears it. Can only be read. */
    public static final SockOpt<Integer> SO_ERROR = number("SO_ERROR", SocketConstants.SO_ERROR);

    /** Whether an idle connection is probed. */
    public static final SockOpt<Boolean> SO_KEEPALIVE = flag("SO_KEEPALIVE", SocketConstants.SO_KEEPALIVE);

    /** What close does with bytes that the peer has not yet taken. */
    public static final SockOpt<Linger> SO_LINGER = socket(
            "SO_LINGER",
            SocketConstants.SO_LINGER,
            new OptionType<>(Linger.SIZE, Linger.SIZE, Linger::decode, Linger::encode));

    /** Whether urgent bytes stay in the stream. */
    public static final SockOpt<Boolean> SO_OOBINLINE = flag("SO_OOBINLINE", SocketConstants.SO_OOBINLINE);

    /** Whether messages come with {@link ControlMessage.ScmCredentials} (Linux). */
    public static final SockOpt<Boolean> SO_PASSCRED = flag("SO_PASSCRED", SocketConstants.SO_PASSCRED);

    /** Whether messages come with {@link ControlMessage.ScmPidfd} (Linux 6.5). */
    public static final SockOpt<Boolean> SO_PASSPIDFD = flag("SO_PASSPIDFD", SocketConstants.SO_PASSPIDFD);

    /** Who holds the other end (Linux); can only be read. {@link PosixSocket#peerCredentials} knows more. */
    public static final SockOpt<Ucred> SO_PEERCRED = socket(
            "SO_PEERCRED",
            SocketConstants.SO_PEERCRED,
            new OptionType<>(Ucred.SIZE, Ucred.SIZE, Ucred::decode, OptionType::neverSet));

    /** The supplementary groups of who holds the other end (Linux); can only be read. */
    public static final SockOpt<List<Long>> SO_PEERGROUPS =
            socket("SO_PEERGROUPS", SocketConstants.SO_PEERGROUPS, OptionType.IDS);

    /** The protocol; can only be read. */
    public static final SockOpt<Integer> SO_PROTOCOL = number("SO_PROTOCOL", SocketConstants.SO_PROTOCOL);

    /** Bytes of the receive buffer. Linux doubles what is set. */
    public static final SockOpt<Integer> SO_RCVBUF = number("SO_RCVBUF", SocketConstants.SO_RCVBUF);

    /** The fewest bytes that recv waits for. */
    public static final SockOpt<Integer> SO_RCVLOWAT = number("SO_RCVLOWAT", SocketConstants.SO_RCVLOWAT);

    /** How long a receiving call blocks; zero for no limit. The system rounds up to its clock tick, some milliseconds. */
    public static final SockOpt<Duration> SO_RCVTIMEO =
            socket("SO_RCVTIMEO", SocketConstants.SO_RCVTIMEO, OptionType.TIMEVAL);

    /** Whether bind takes a local address that lingers from an earlier connection. */
    public static final SockOpt<Boolean> SO_REUSEADDR = flag("SO_REUSEADDR", SocketConstants.SO_REUSEADDR);

    /** Whether several sockets may bind to one address. */
    public static final SockOpt<Boolean> SO_REUSEPORT = flag("SO_REUSEPORT", SocketConstants.SO_REUSEPORT);

    /** Bytes of the send buffer. Linux doubles what is set. */
    public static final SockOpt<Integer> SO_SNDBUF = number("SO_SNDBUF", SocketConstants.SO_SNDBUF);

    /** The least room that send waits for; Linux lets it only be read. */
    public static final SockOpt<Integer> SO_SNDLOWAT = number("SO_SNDLOWAT", SocketConstants.SO_SNDLOWAT);

    /** How long a sending call blocks; zero for no limit. The system rounds up to its clock tick, some milliseconds. */
    public static final SockOpt<Duration> SO_SNDTIMEO =
            socket("SO_SNDTIMEO", SocketConstants.SO_SNDTIMEO, OptionType.TIMEVAL);

    /** Whether datagrams come with {@link ControlMessage.ScmTimestamp}. */
    public static final SockOpt<Boolean> SO_TIMESTAMP = flag("SO_TIMESTAMP", SocketConstants.SO_TIMESTAMP);

    /** {@code SOCK_STREAM} and its kin; can only be read. */
    public static final SockOpt<Integer> SO_TYPE = number("SO_TYPE", SocketConstants.SO_TYPE);

    // IPPROTO_IP
    /** Joins a multicast group; can only be set. */
    public static final SockOpt<IpMreq> IP_ADD_MEMBERSHIP =
            ip("IP_ADD_MEMBERSHIP", SocketConstants.IP_ADD_MEMBERSHIP, MREQ);

    /** Leaves a multicast group; can only be set. */
    public static final SockOpt<IpMreq> IP_DROP_MEMBERSHIP =
            ip("IP_DROP_MEMBERSHIP", SocketConstants.IP_DROP_MEMBERSHIP, MREQ);

    /** The interface that multicasts leave by, as one of its addresses. */
    public static final SockOpt<Inet4Address> IP_MULTICAST_IF = ip(
            "IP_MULTICAST_IF",
            SocketConstants.IP_MULTICAST_IF,
            new OptionType<>(4, 4, bytes -> StructLayout.inet4(bytes, 0), Inet4Address::getAddress));

    /** Whether this host gets its own multicasts. */
    public static final SockOpt<Boolean> IP_MULTICAST_LOOP =
            ip("IP_MULTICAST_LOOP", SocketConstants.IP_MULTICAST_LOOP, OptionType.BOOLEAN);

    /** The hops that a multicast may take. */
    public static final SockOpt<Integer> IP_MULTICAST_TTL =
            ip("IP_MULTICAST_TTL", SocketConstants.IP_MULTICAST_TTL, OptionType.INT);

    /** Whether datagrams come with {@link ControlMessage.IpPktinfo}. */
    public static final SockOpt<Boolean> IP_PKTINFO = ip("IP_PKTINFO", SocketConstants.IP_PKTINFO, OptionType.BOOLEAN);

    /** The type of service byte. */
    public static final SockOpt<Integer> IP_TOS = ip("IP_TOS", SocketConstants.IP_TOS, OptionType.INT);

    /** The hops that a packet may take. */
    public static final SockOpt<Integer> IP_TTL = ip("IP_TTL", SocketConstants.IP_TTL, OptionType.INT);

    // IPPROTO_IPV6
    /** Joins a multicast group; can only be set. */
    public static final SockOpt<Ipv6Mreq> IPV6_JOIN_GROUP =
            ipv6("IPV6_JOIN_GROUP", SocketConstants.IPV6_JOIN_GROUP, MREQ6);

    /** Leaves a multicast group; can only be set. */
    public static final SockOpt<Ipv6Mreq> IPV6_LEAVE_GROUP =
            ipv6("IPV6_LEAVE_GROUP", SocketConstants.IPV6_LEAVE_GROUP, MREQ6);

    /** The hops that a multicast may take. */
    public static final SockOpt<Integer> IPV6_MULTICAST_HOPS =
            ipv6("IPV6_MULTICAST_HOPS", SocketConstants.IPV6_MULTICAST_HOPS, OptionType.INT);

    /** The interface that multicasts leave by, as its index. */
    public static final SockOpt<Integer> IPV6_MULTICAST_IF =
            ipv6("IPV6_MULTICAST_IF", SocketConstants.IPV6_MULTICAST_IF, OptionType.INT);

    /** Whether this host gets its own multicasts. */
    public static final SockOpt<Boolean> IPV6_MULTICAST_LOOP =
            ipv6("IPV6_MULTICAST_LOOP", SocketConstants.IPV6_MULTICAST_LOOP, OptionType.BOOLEAN);

    /** Whether datagrams come with {@link ControlMessage.Ipv6Pktinfo}. */
    public static final SockOpt<Boolean> IPV6_RECVPKTINFO =
            ipv6("IPV6_RECVPKTINFO", SocketConstants.IPV6_RECVPKTINFO, OptionType.BOOLEAN);

    /** The hops that a packet may take. */
    public static final SockOpt<Integer> IPV6_UNICAST_HOPS =
            ipv6("IPV6_UNICAST_HOPS", SocketConstants.IPV6_UNICAST_HOPS, OptionType.INT);

    /** Whether the socket keeps to IPv6 and takes no IPv4 in mapped form. */
    public static final SockOpt<Boolean> IPV6_V6ONLY =
            ipv6("IPV6_V6ONLY", SocketConstants.IPV6_V6ONLY, OptionType.BOOLEAN);

    // IPPROTO_TCP
    /** The name of the congestion control algorithm. */
    public static final SockOpt<String> TCP_CONGESTION =
            tcp("TCP_CONGESTION", SocketConstants.TCP_CONGESTION, OptionType.STRING);

    /** Whether segments that are not full are held back (Linux). */
    public static final SockOpt<Boolean> TCP_CORK = tcp("TCP_CORK", SocketConstants.TCP_CORK, OptionType.BOOLEAN);

    /** The state of the connection (Linux); can only be read. */
    public static final SockOpt<TcpInfo> TCP_INFO = tcp(
            "TCP_INFO",
            SocketConstants.TCP_INFO,
            new OptionType<>(TcpInfo.SIZE, TcpInfo.SIZE, TcpInfo::decode, OptionType::neverSet));

    /** How many unanswered probes end an idle connection. */
    public static final SockOpt<Integer> TCP_KEEPCNT = tcp("TCP_KEEPCNT", SocketConstants.TCP_KEEPCNT, OptionType.INT);

    /** Seconds of silence before the first probe. */
    public static final SockOpt<Integer> TCP_KEEPIDLE =
            tcp("TCP_KEEPIDLE", SocketConstants.TCP_KEEPIDLE, OptionType.INT);

    /** Seconds between two probes. */
    public static final SockOpt<Integer> TCP_KEEPINTVL =
            tcp("TCP_KEEPINTVL", SocketConstants.TCP_KEEPINTVL, OptionType.INT);

    /** Whether small segments go at once. */
    public static final SockOpt<Boolean> TCP_NODELAY =
            tcp("TCP_NODELAY", SocketConstants.TCP_NODELAY, OptionType.BOOLEAN);

    /** Milliseconds that sent bytes may stay unacknowledged before the connection ends; 0 for the system's own rule. */
    public static final SockOpt<Integer> TCP_USER_TIMEOUT =
            tcp("TCP_USER_TIMEOUT", SocketConstants.TCP_USER_TIMEOUT, OptionType.INT);

    private final String name;
    private final int level;
    private final int optname;
    private final OptionType<T> type;

    private SockOpt(String name, int level, int optname, OptionType<T> type) {
        this.name = Objects.requireNonNull(name, "name");
        this.level = level;
        this.optname = optname;
        this.type = type;
    }

    /** An option whose value is an int, under the name that messages show. */
    public static SockOpt<Integer> ofInt(String name, int level, int optname) {
        return new SockOpt<>(name, level, optname, OptionType.INT);
    }

    /** An option whose value is an int, 0 for false and 1 for true. */
    public static SockOpt<Boolean> ofBoolean(String name, int level, int optname) {
        return new SockOpt<>(name, level, optname, OptionType.BOOLEAN);
    }

    /** An option whose value is a struct of at most 240 bytes that nobody typed yet, in the platform's layout. */
    public static SockOpt<byte[]> ofBytes(String name, int level, int optname) {
        return new SockOpt<>(name, level, optname, OptionType.BYTES);
    }

    private static SockOpt<Boolean> flag(String name, int optname) {
        return socket(name, optname, OptionType.BOOLEAN);
    }

    private static SockOpt<Integer> number(String name, int optname) {
        return socket(name, optname, OptionType.INT);
    }

    private static <T> SockOpt<T> socket(String name, int optname, OptionType<T> type) {
        return new SockOpt<>(name, SocketConstants.SOL_SOCKET, optname, type);
    }

    private static <T> SockOpt<T> ip(String name, int optname, OptionType<T> type) {
        return new SockOpt<>(name, SocketConstants.IPPROTO_IP, optname, type);
    }

    private static <T> SockOpt<T> ipv6(String name, int optname, OptionType<T> type) {
        return new SockOpt<>(name, SocketConstants.IPPROTO_IPV6, optname, type);
    }

    private static <T> SockOpt<T> tcp(String name, int optname, OptionType<T> type) {
        return new SockOpt<>(name, SocketConstants.IPPROTO_TCP, optname, type);
    }

    /** The name as in the manual: {@code SO_RCVTIMEO}. */
    public String name() {
        return name;
    }

    /** The level: {@code SOL_SOCKET}, {@code IPPROTO_TCP}, … */
    public int level() {
        return level;
    }

    /** The number, {@link SocketConstants#NOT_DEFINED} if this platform lacks the option. */
    public int optname() {
        return optname;
    }

    /** Whether this platform has the option. An older kernel may lack it all the same and say {@code ENOPROTOOPT}. */
    public boolean isDefined() {
        return (level | optname) >= 0;
    }

    T get(int sockfd) throws ErrnoException {
        requireDefined("getsockopt");
        int capacity = type.maxLength();
        for (; ; ) {
            NativeBuffer optval = BufferPool.SMALL.take(capacity + 4);
            try {
                ByteBuffer bytes = optval.bytes();
                bytes.putInt(capacity, capacity);
                int result = LibC.getsockopt(sockfd, level, optname, optval, capacity);
                int length = bytes.getInt(capacity);
                // ERANGE comes with the length that would have been enough
                if (result == -Errno.ERANGE.number() && length > capacity) {
                    capacity = (length + 3) & ~3;
                    continue;
                }
                if (result == 0 && length < type.minLength()) result = -Errno.EINVAL.number();
                if (result < 0) throw new ErrnoException("getsockopt", "fd " + sockfd + ", " + name, -result);
                return type.decode().apply(bytes.slice(0, length).order(bytes.order()));
            } finally {
                BufferPool.SMALL.give(optval);
            }
        }
    }

    void set(int sockfd, T value) throws ErrnoException {
        requireDefined("setsockopt");
        byte[] encoded = type.encode().apply(value);
        NativeBuffer optval = BufferPool.SMALL.take(encoded.length);
        try {
            optval.bytes().put(0, encoded);
            int result = LibC.setsockopt(sockfd, level, optname, optval, encoded.length);
            if (result < 0)
                throw new ErrnoException("setsockopt", "fd " + sockfd + ", " + name + ", " + value, -result);
        } finally {
            BufferPool.SMALL.give(optval);
        }
    }

    private void requireDefined(String function) {
        if (!isDefined()) throw new UnsupportedOperationException(function + ": " + Platform.NAME + " lacks " + name);
    }

    @Override
    public String toString() {
        return name;
    }
}

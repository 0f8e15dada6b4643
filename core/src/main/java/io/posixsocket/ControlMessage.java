package io.posixsocket;

import static io.posixsocket.SocketConstants.SOL_SOCKET;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Ancillary data: what travels with a {@link Message} beside its bytes, in the manual's words a {@code cmsghdr} and what
 * follows it.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/sys_socket.h.html">POSIX sys/socket.h</a>
 * @see <a href="https://man7.org/linux/man-pages/man3/cmsg.3.html">cmsg(3)</a>
 */
public sealed interface ControlMessage {
    /** {@code cmsg_level}. */
    int level();

    /** {@code cmsg_type}. */
    int type();

    /**
     * The bytes that one control message takes in {@link Message#controlCapacity}: {@code CMSG_SPACE}.
     *
     * @param dataLength bytes of its data: 4 for each descriptor, 12 for {@link ScmCredentials}
     */
    static int space(int dataLength) {
        if (dataLength < 0) throw new IllegalArgumentException("dataLength is " + dataLength + ", must be at least 0");
        return CmsgLayout.space(dataLength);
    }

    /**
     * Open files, on a Unix socket. When sent, the descriptors are lent: they stay the sender's, open until the call has
     * returned, and the receiver gets others for the same open files; closing one during the call shuts it down for both. When
     * received, they are the message's until {@link Message#takeFds}; they are close-on-exec and not interruptible. A plain number
     * is sent by {@link Raw}.
     *
     * @param fds at most 253 on Linux
     */
    record ScmRights(List<OwnedFd> fds) implements ControlMessage {
        /** The list is copied. */
        public ScmRights {
            fds = List.copyOf(fds);
        }

        /** These descriptors. */
        public ScmRights(OwnedFd... fds) {
            this(List.of(fds));
        }

        @Override
        public int level() {
            return SOL_SOCKET;
        }

        @Override
        public int type() {
            return SocketConstants.SCM_RIGHTS;
        }
    }

    /**
     * Who sent the message, on a Unix socket (Linux). The kernel checks what a sender says of itself, and puts the truth
     * where it says nothing. The receiver asks for it by {@link SockOpt#SO_PASSCRED}.
     */
    record ScmCredentials(Ucred ucred) implements ControlMessage {
        /** Not null. */
        public ScmCredentials {
            Objects.requireNonNull(ucred, "ucred");
        }

        @Override
        public int level() {
            return SOL_SOCKET;
        }

        @Override
        public int type() {
            return SocketConstants.SCM_CREDENTIALS;
        }
    }

    /**
     * The process that sent the message, on a Unix socket (Linux 6.5): a descriptor that stands for it alone and is readable
     * once it has ended. Received only, if {@link SockOpt#SO_PASSPIDFD} is set. It is the message's until {@link Message#takeFds},
     * close-on-exec and not interruptible. Where the kernel could not make one it sends a negated errno, which is {@link Raw}.
     *
     * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
     */
    record ScmPidfd(OwnedFd pidfd) implements ControlMessage {
        /** Not null. */
        public ScmPidfd {
            Objects.requireNonNull(pidfd, "pidfd");
        }

        @Override
        public int level() {
            return SOL_SOCKET;
        }

        @Override
        public int type() {
            return SocketConstants.SCM_PIDFD;
        }
    }

    /** When the datagram arrived, to the microsecond. Received only, if {@link SockOpt#SO_TIMESTAMP} is set. */
    record ScmTimestamp(Instant time) implements ControlMessage {
        /** Not null. */
        public ScmTimestamp {
            Objects.requireNonNull(time, "time");
        }

        @Override
        public int level() {
            return SOL_SOCKET;
        }

        @Override
        public int type() {
            return SocketConstants.SCM_TIMESTAMP;
        }
    }

    /**
     * Where an IPv4 datagram arrived, or from where it is to be sent. Received if {@link SockOpt#IP_PKTINFO} is set.
     *
     * @param ifindex the interface; 0 when sending lets the system choose
     * @param specDst the local address, and the source address when sending
     * @param addr the destination in the packet's header; not used when sending
     */
    record IpPktinfo(int ifindex, Inet4Address specDst, Inet4Address addr) implements ControlMessage {
        /** The addresses are not null. */
        public IpPktinfo {
            Objects.requireNonNull(specDst, "specDst");
            Objects.requireNonNull(addr, "addr");
        }

        @Override
        public int level() {
            return SocketConstants.IPPROTO_IP;
        }

        @Override
        public int type() {
            return SocketConstants.IP_PKTINFO;
        }
    }

    /**
     * Where an IPv6 datagram arrived, or from where it is to be sent. Received if {@link SockOpt#IPV6_RECVPKTINFO} is set.
     *
     * @param addr the destination in the packet's header, and the source address when sending
     * @param ifindex the interface; 0 when sending lets the system choose
     */
    record Ipv6Pktinfo(Inet6Address addr, int ifindex) implements ControlMessage {
        /** The address is not null; a scope in it is dropped, {@code ifindex} says it. */
        public Ipv6Pktinfo {
            addr = StructLayout.withoutScope(addr.getAddress());
        }

        @Override
        public int level() {
            return SocketConstants.IPPROTO_IPV6;
        }

        @Override
        public int type() {
            return SocketConstants.IPV6_PKTINFO;
        }
    }

    /**
     * What has no class of its own here, and what arrived cut short.
     *
     * @param data in the platform's layout, without header and padding
     */
    @SuppressWarnings("ArrayRecordComponent") // copied in and out, and compared by content
    record Raw(int level, int type, byte[] data) implements ControlMessage {
        /** The bytes are copied. */
        public Raw {
            data = data.clone();
        }

        /** A copy of the bytes. */
        @Override
        public byte[] data() {
            return data.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Raw raw && level == raw.level && type == raw.type && Arrays.equals(data, raw.data);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * level + type) + Arrays.hashCode(data);
        }

        @Override
        public String toString() {
            return "Raw[level=" + level + ", type=" + type + ", data=" + data.length + " bytes]";
        }
    }
}

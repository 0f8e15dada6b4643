package io.posixsocket;

import jnr.constants.Constant;
import jnr.constants.platform.AddressFamily;
import jnr.constants.platform.AddressInfo;
import jnr.constants.platform.ErrnoAddressInfo;
import jnr.constants.platform.Fcntl;
import jnr.constants.platform.INAddr;
import jnr.constants.platform.INet;
import jnr.constants.platform.INet6;
import jnr.constants.platform.IP;
import jnr.constants.platform.IPProto;
import jnr.constants.platform.IPv6;
import jnr.constants.platform.Local;
import jnr.constants.platform.Multicast;
import jnr.constants.platform.NameInfo;
import jnr.constants.platform.OpenFlags;
import jnr.constants.platform.ProtocolFamily;
import jnr.constants.platform.Shutdown;
import jnr.constants.platform.Sock;
import jnr.constants.platform.SocketControlMessage;
import jnr.constants.platform.SocketLevel;
import jnr.constants.platform.SocketMessage;
import jnr.constants.platform.SocketOption;
import jnr.constants.platform.TCP;
import jnr.constants.platform.UDP;

/**
 * The constants of {@code <sys/socket.h>}, {@code <netinet/in.h>}, {@code <netdb.h>}, {@code <poll.h>},
 * {@code <sys/epoll.h>}, {@code <fcntl.h>} and their kin, with this platform's values. The groups carry the names of the
 * headers. Where the values are from: {@code LINUX ? … : of(…)} is Linux's headers, elsewhere jnr-constants; {@code linux(…)}
 * and {@code linuxOrBsd(…)} are the headers of Linux (the generic ones, which x86, ARM and RISC-V share) and of macOS, for names
 * that jnr-constants lacks.
 *
 * <p>What this platform lacks is {@link #NOT_DEFINED}; a function given it throws {@link UnsupportedOperationException}.
 * The values are read when the class is loaded, so they are no constant expressions: {@code switch} does not take them.
 */
public final class SocketConstants {
    /** Whether the first of two values is this platform's; {@link Platform#GENERIC_LINUX} says why. */
    private static final boolean LINUX = Platform.GENERIC_LINUX;

    /** The value of a constant that this platform lacks: the sign bit alone. */
    public static final int NOT_DEFINED = Integer.MIN_VALUE;

    // <sys/socket.h>: address families; AF_LOCAL and AF_FILE are other names of AF_UNIX
    public static final int AF_UNSPEC = LINUX ? 0 : of(AddressFamily.AF_UNSPEC);
    public static final int AF_UNIX = LINUX ? 1 : of(AddressFamily.AF_UNIX);
    public static final int AF_LOCAL = LINUX ? 1 : of(AddressFamily.AF_LOCAL);
    public static final int AF_INET = LINUX ? 2 : of(AddressFamily.AF_INET);
    public static final int AF_INET6 = LINUX ? 10 : of(AddressFamily.AF_INET6);
    public static final int AF_AX25 = LINUX ? 3 : of(AddressFamily.AF_AX25);
    public static final int AF_IPX = LINUX ? 4 : of(AddressFamily.AF_IPX);
    public static final int AF_APPLETALK = LINUX ? 5 : of(AddressFamily.AF_APPLETALK);
    public static final int AF_NETROM = linux(6);
    public static final int AF_BRIDGE = linux(7);
    public static final int AF_ATMPVC = linux(8);
    public static final int AF_X25 = linux(9);
    public static final int AF_ROSE = linux(11);
    public static final int AF_DECnet = LINUX ? 12 : of(AddressFamily.AF_DECnet);
    public static final int AF_NETBEUI = linux(13);
    public static final int AF_SECURITY = linux(14);
    public static final int AF_KEY = LINUX ? 15 : of(AddressFamily.AF_KEY);
    public static final int AF_NETLINK = LINUX ? 16 : of(AddressFamily.AF_NETLINK);
    public static final int AF_ROUTE = LINUX ? 16 : of(AddressFamily.AF_ROUTE);
    public static final int AF_PACKET = linux(17);
    public static final int AF_ASH = linux(18);
    public static final int AF_ECONET = linux(19);
    public static final int AF_ATMSVC = linux(20);
    public static final int AF_RDS = LINUX ? 21 : of(AddressFamily.AF_RDS);
    public static final int AF_SNA = LINUX ? 22 : of(AddressFamily.AF_SNA);
    public static final int AF_IRDA = linux(23);
    public static final int AF_PPPOX = LINUX ? 24 : of(AddressFamily.AF_PPPOX);
    public static final int AF_WANPIPE = linux(25);
    public static final int AF_LLC = LINUX ? 26 : of(AddressFamily.AF_LLC);
    public static final int AF_IB = LINUX ? 27 : of(AddressFamily.AF_IB);
    public static final int AF_MPLS = LINUX ? 28 : of(AddressFamily.AF_MPLS);
    public static final int AF_CAN = LINUX ? 29 : of(AddressFamily.AF_CAN);
    public static final int AF_TIPC = LINUX ? 30 : of(AddressFamily.AF_TIPC);
    public static final int AF_BLUETOOTH = LINUX ? 31 : of(AddressFamily.AF_BLUETOOTH);
    public static final int AF_IUCV = linux(32);
    public static final int AF_RXRPC = linux(33);
    public static final int AF_ISDN = LINUX ? 34 : of(AddressFamily.AF_ISDN);
    public static final int AF_PHONET = linux(35);
    public static final int AF_IEEE802154 = linux(36);
    public static final int AF_CAIF = linux(37);
    public static final int AF_ALG = LINUX ? 38 : of(AddressFamily.AF_ALG);
    public static final int AF_NFC = linux(39);
    public static final int AF_VSOCK = LINUX ? 40 : of(AddressFamily.AF_VSOCK);
    public static final int AF_KCM = LINUX ? 41 : of(AddressFamily.AF_KCM);
    public static final int AF_QIPCRTR = linux(42);
    public static final int AF_SMC = linux(43);
    public static final int AF_XDP = LINUX ? 44 : of(AddressFamily.AF_XDP);
    public static final int AF_MCTP = linux(45);

    // <sys/socket.h>: protocol families, the same numbers
    public static final int PF_UNSPEC = LINUX ? 0 : of(ProtocolFamily.PF_UNSPEC);
    public static final int PF_UNIX = LINUX ? 1 : of(ProtocolFamily.PF_UNIX);
    public static final int PF_LOCAL = LINUX ? 1 : of(ProtocolFamily.PF_LOCAL);
    public static final int PF_INET = LINUX ? 2 : of(ProtocolFamily.PF_INET);
    public static final int PF_INET6 = LINUX ? 10 : of(ProtocolFamily.PF_INET6);
    public static final int PF_AX25 = linux(3);
    public static final int PF_IPX = LINUX ? 4 : of(ProtocolFamily.PF_IPX);
    public static final int PF_APPLETALK = LINUX ? 5 : of(ProtocolFamily.PF_APPLETALK);
    public static final int PF_NETROM = linux(6);
    public static final int PF_BRIDGE = linux(7);
    public static final int PF_ATMPVC = linux(8);
    public static final int PF_X25 = linux(9);
    public static final int PF_ROSE = linux(11);
    public static final int PF_DECnet = LINUX ? 12 : of(ProtocolFamily.PF_DECnet);
    public static final int PF_NETBEUI = linux(13);
    public static final int PF_SECURITY = linux(14);
    public static final int PF_KEY = LINUX ? 15 : of(ProtocolFamily.PF_KEY);
    public static final int PF_NETLINK = LINUX ? 16 : of(ProtocolFamily.PF_NETLINK);
    public static final int PF_ROUTE = LINUX ? 16 : of(ProtocolFamily.PF_ROUTE);
    public static final int PF_PACKET = linux(17);
    public static final int PF_ASH = linux(18);
    public static final int PF_ECONET = linux(19);
    public static final int PF_ATMSVC = linux(20);
    public static final int PF_RDS = LINUX ? 21 : of(ProtocolFamily.PF_RDS);
    public static final int PF_SNA = LINUX ? 22 : of(ProtocolFamily.PF_SNA);
    public static final int PF_IRDA = linux(23);
    public static final int PF_PPPOX = LINUX ? 24 : of(ProtocolFamily.PF_PPPOX);
    public static final int PF_WANPIPE = linux(25);
    public static final int PF_LLC = LINUX ? 26 : of(ProtocolFamily.PF_LLC);
    public static final int PF_IB = LINUX ? 27 : of(ProtocolFamily.PF_IB);
    public static final int PF_MPLS = LINUX ? 28 : of(ProtocolFamily.PF_MPLS);
    public static final int PF_CAN = LINUX ? 29 : of(ProtocolFamily.PF_CAN);
    public static final int PF_TIPC = LINUX ? 30 : of(ProtocolFamily.PF_TIPC);
    public static final int PF_BLUETOOTH = LINUX ? 31 : of(ProtocolFamily.PF_BLUETOOTH);
    public static final int PF_IUCV = linux(32);
    public static final int PF_RXRPC = linux(33);
    public static final int PF_ISDN = LINUX ? 34 : of(ProtocolFamily.PF_ISDN);
    public static final int PF_PHONET = linux(35);
    public static final int PF_IEEE802154 = linux(36);
    public static final int PF_CAIF = linux(37);
    public static final int PF_ALG = LINUX ? 38 : of(ProtocolFamily.PF_ALG);
    public static final int PF_NFC = linux(39);
    public static final int PF_VSOCK = LINUX ? 40 : of(ProtocolFamily.PF_VSOCK);
    public static final int PF_KCM = LINUX ? 41 : of(ProtocolFamily.PF_KCM);
    public static final int PF_QIPCRTR = linux(42);
    public static final int PF_SMC = linux(43);
    public static final int PF_XDP = LINUX ? 44 : of(ProtocolFamily.PF_XDP);
    public static final int PF_MCTP = linux(45);

    // <sys/socket.h>: socket types, and the flags that are given with them
    public static final int SOCK_STREAM = LINUX ? 1 : of(Sock.SOCK_STREAM);
    public static final int SOCK_DGRAM = LINUX ? 2 : of(Sock.SOCK_DGRAM);
    public static final int SOCK_SEQPACKET = LINUX ? 5 : of(Sock.SOCK_SEQPACKET);
    public static final int SOCK_RAW = LINUX ? 3 : of(Sock.SOCK_RAW);
    public static final int SOCK_RDM = LINUX ? 4 : of(Sock.SOCK_RDM);
    public static final int SOCK_DCCP = linux(6);
    public static final int SOCK_PACKET = linux(10);
    public static final int SOCK_NONBLOCK = LINUX ? 2048 : of(Sock.SOCK_NONBLOCK);
    public static final int SOCK_CLOEXEC = LINUX ? 524288 : of(Sock.SOCK_CLOEXEC);

    // <sys/socket.h>: shutdown
    public static final int SHUT_RD = LINUX ? 0 : of(Shutdown.SHUT_RD);
    public static final int SHUT_WR = LINUX ? 1 : of(Shutdown.SHUT_WR);
    public static final int SHUT_RDWR = LINUX ? 2 : of(Shutdown.SHUT_RDWR);

    /** The longest backlog that listen takes without cutting it; Linux cuts by net.core.somaxconn besides. */
    public static final int SOMAXCONN = linuxOrBsd(4096, 128);

    // <sys/socket.h>: the levels of options
    public static final int SOL_SOCKET = LINUX ? 1 : of(SocketLevel.SOL_SOCKET);
    public static final int SOL_RAW = linux(255);
    public static final int SOL_DECNET = linux(261);
    public static final int SOL_X25 = linux(262);
    public static final int SOL_PACKET = linux(263);
    public static final int SOL_ATM = linux(264);
    public static final int SOL_AAL = linux(265);
    public static final int SOL_IRDA = linux(266);
    public static final int SOL_NETBEUI = linux(267);
    public static final int SOL_LLC = linux(268);
    public static final int SOL_DCCP = linux(269);
    public static final int SOL_NETLINK = linux(270);
    public static final int SOL_TIPC = linux(271);
    public static final int SOL_RXRPC = linux(272);
    public static final int SOL_PPPOL2TP = linux(273);
    public static final int SOL_BLUETOOTH = linux(274);
    public static final int SOL_PNPIPE = linux(275);
    public static final int SOL_RDS = linux(276);
    public static final int SOL_IUCV = linux(277);
    public static final int SOL_CAIF = linux(278);
    public static final int SOL_ALG = linux(279);
    public static final int SOL_NFC = linux(280);
    public static final int SOL_KCM = linux(281);
    public static final int SOL_TLS = linux(282);
    public static final int SOL_XDP = linux(283);
    public static final int SOL_MPTCP = linux(284);
    public static final int SOL_MCTP = linux(285);
    public static final int SOL_SMC = linux(286);
    public static final int SOL_IP = LINUX ? 0 : of(SocketLevel.SOL_IP);
    public static final int SOL_IPV6 = LINUX ? 41 : of(SocketLevel.SOL_IPV6);
    public static final int SOL_TCP = LINUX ? 6 : of(SocketLevel.SOL_TCP);
    public static final int SOL_UDP = LINUX ? 17 : of(SocketLevel.SOL_UDP);
    public static final int SOL_LOCAL = linuxOrBsd(NOT_DEFINED, 0);

    // <sys/socket.h>: options of SOL_SOCKET, POSIX
    public static final int SO_ACCEPTCONN = LINUX ? 30 : of(SocketOption.SO_ACCEPTCONN);
    public static final int SO_BROADCAST = LINUX ? 6 : of(SocketOption.SO_BROADCAST);
    public static final int SO_DEBUG = LINUX ? 1 : of(SocketOption.SO_DEBUG);
    public static final int SO_DOMAIN = LINUX ? 39 : of(SocketOption.SO_DOMAIN);
    public static final int SO_DONTROUTE = LINUX ? 5 : of(SocketOption.SO_DONTROUTE);
    public static final int SO_ERROR = LINUX ? 4 : of(SocketOption.SO_ERROR);
    public static final int SO_KEEPALIVE = LINUX ? 9 : of(SocketOption.SO_KEEPALIVE);
    public static final int SO_LINGER = LINUX ? 13 : of(SocketOption.SO_LINGER);
    public static final int SO_OOBINLINE = LINUX ? 10 : of(SocketOption.SO_OOBINLINE);
    public static final int SO_PROTOCOL = LINUX ? 38 : of(SocketOption.SO_PROTOCOL);
    public static final int SO_RCVBUF = LINUX ? 8 : of(SocketOption.SO_RCVBUF);
    public static final int SO_RCVLOWAT = LINUX ? 18 : of(SocketOption.SO_RCVLOWAT);
    /** A timeval: set it with {@link SockOpt#SO_RCVTIMEO}. */
    public static final int SO_RCVTIMEO = LINUX ? 20 : of(SocketOption.SO_RCVTIMEO);

    public static final int SO_REUSEADDR = LINUX ? 2 : of(SocketOption.SO_REUSEADDR);
    public static final int SO_SNDBUF = LINUX ? 7 : of(SocketOption.SO_SNDBUF);
    public static final int SO_SNDLOWAT = LINUX ? 19 : of(SocketOption.SO_SNDLOWAT);
    /** A timeval: set it with {@link SockOpt#SO_SNDTIMEO}. */
    public static final int SO_SNDTIMEO = LINUX ? 21 : of(SocketOption.SO_SNDTIMEO);

    public static final int SO_TYPE = LINUX ? 3 : of(SocketOption.SO_TYPE);

    // <sys/socket.h>: options of SOL_SOCKET, Linux and the BSDs; socket(7)
    public static final int SO_SNDBUFFORCE = LINUX ? 32 : of(SocketOption.SO_SNDBUFFORCE);
    public static final int SO_RCVBUFFORCE = LINUX ? 33 : of(SocketOption.SO_RCVBUFFORCE);
    public static final int SO_NO_CHECK = LINUX ? 11 : of(SocketOption.SO_NO_CHECK);
    public static final int SO_PRIORITY = LINUX ? 12 : of(SocketOption.SO_PRIORITY);
    public static final int SO_BSDCOMPAT = linux(14);
    public static final int SO_REUSEPORT = LINUX ? 15 : of(SocketOption.SO_REUSEPORT);
    public static final int SO_PASSCRED = LINUX ? 16 : of(SocketOption.SO_PASSCRED);
    /** Read it with {@link PosixSocket#peerCredentials(int)}. */
    public static final int SO_PEERCRED = LINUX ? 17 : of(SocketOption.SO_PEERCRED);

    public static final int SO_SECURITY_AUTHENTICATION = LINUX ? 22 : of(SocketOption.SO_SECURITY_AUTHENTICATION);
    public static final int SO_SECURITY_ENCRYPTION_TRANSPORT =
            LINUX ? 23 : of(SocketOption.SO_SECURITY_ENCRYPTION_TRANSPORT);
    public static final int SO_SECURITY_ENCRYPTION_NETWORK =
            LINUX ? 24 : of(SocketOption.SO_SECURITY_ENCRYPTION_NETWORK);
    public static final int SO_BINDTODEVICE = LINUX ? 25 : of(SocketOption.SO_BINDTODEVICE);
    public static final int SO_ATTACH_FILTER = LINUX ? 26 : of(SocketOption.SO_ATTACH_FILTER);
    public static final int SO_DETACH_FILTER = LINUX ? 27 : of(SocketOption.SO_DETACH_FILTER);
    public static final int SO_GET_FILTER = LINUX ? 26 : of(SocketOption.SO_GET_FILTER);
    public static final int SO_PEERNAME = LINUX ? 28 : of(SocketOption.SO_PEERNAME);
    public static final int SO_PEERSEC = LINUX ? 31 : of(SocketOption.SO_PEERSEC);
    public static final int SO_PASSSEC = LINUX ? 34 : of(SocketOption.SO_PASSSEC);
    public static final int SO_MARK = LINUX ? 36 : of(SocketOption.SO_MARK);
    public static final int SO_RXQ_OVFL = LINUX ? 40 : of(SocketOption.SO_RXQ_OVFL);
    public static final int SO_WIFI_STATUS = LINUX ? 41 : of(SocketOption.SO_WIFI_STATUS);
    public static final int SO_PEEK_OFF = LINUX ? 42 : of(SocketOption.SO_PEEK_OFF);
    public static final int SO_NOFCS = LINUX ? 43 : of(SocketOption.SO_NOFCS);
    public static final int SO_LOCK_FILTER = LINUX ? 44 : of(SocketOption.SO_LOCK_FILTER);
    public static final int SO_SELECT_ERR_QUEUE = LINUX ? 45 : of(SocketOption.SO_SELECT_ERR_QUEUE);
    public static final int SO_BUSY_POLL = LINUX ? 46 : of(SocketOption.SO_BUSY_POLL);
    public static final int SO_MAX_PACING_RATE = LINUX ? 47 : of(SocketOption.SO_MAX_PACING_RATE);
    public static final int SO_BPF_EXTENSIONS = LINUX ? 48 : of(SocketOption.SO_BPF_EXTENSIONS);
    public static final int SO_INCOMING_CPU = linux(49);
    public static final int SO_ATTACH_BPF = linux(50);
    public static final int SO_DETACH_BPF = linux(27);
    public static final int SO_ATTACH_REUSEPORT_CBPF = linux(51);
    public static final int SO_ATTACH_REUSEPORT_EBPF = linux(52);
    public static final int SO_CNX_ADVICE = linux(53);
    public static final int SO_MEMINFO = linux(55);
    public static final int SO_INCOMING_NAPI_ID = linux(56);
    public static final int SO_COOKIE = linux(57);
    public static final int SO_PEERGROUPS = linux(59);
    public static final int SO_ZEROCOPY = linux(60);
    public static final int SO_TXTIME = linux(61);
    public static final int SO_BINDTOIFINDEX = linux(62);
    public static final int SO_DETACH_REUSEPORT_BPF = linux(68);
    public static final int SO_PREFER_BUSY_POLL = linux(69);
    public static final int SO_BUSY_POLL_BUDGET = linux(70);
    public static final int SO_NETNS_COOKIE = linux(71);
    public static final int SO_BUF_LOCK = linux(72);
    public static final int SO_RESERVE_MEM = linux(73);
    public static final int SO_TXREHASH = linux(74);
    public static final int SO_RCVMARK = linux(75);
    public static final int SO_TIMESTAMP = LINUX ? 29 : of(SocketOption.SO_TIMESTAMP);
    public static final int SO_TIMESTAMPNS = LINUX ? 35 : of(SocketOption.SO_TIMESTAMPNS);
    public static final int SO_TIMESTAMPING = LINUX ? 37 : of(SocketOption.SO_TIMESTAMPING);
    public static final int SO_PASSPIDFD = linux(76);
    public static final int SO_PEERPIDFD = linux(77);
    public static final int SO_NOSIGPIPE = LINUX ? NOT_DEFINED : of(SocketOption.SO_NOSIGPIPE);
    public static final int SO_USELOOPBACK = LINUX ? NOT_DEFINED : of(SocketOption.SO_USELOOPBACK);

    // <sys/un.h>: options of SOL_LOCAL, macOS
    public static final int LOCAL_PEERCRED = LINUX ? NOT_DEFINED : of(Local.LOCAL_PEERCRED);
    public static final int LOCAL_PEERPID = linuxOrBsd(NOT_DEFINED, 2);
    public static final int LOCAL_PEEREPID = linuxOrBsd(NOT_DEFINED, 3);

    // <sys/socket.h>: flags of send and recv, and what recvmsg says
    public static final int MSG_OOB = LINUX ? 1 : of(SocketMessage.MSG_OOB);
    public static final int MSG_PEEK = LINUX ? 2 : of(SocketMessage.MSG_PEEK);
    public static final int MSG_DONTROUTE = LINUX ? 4 : of(SocketMessage.MSG_DONTROUTE);
    public static final int MSG_CTRUNC = LINUX ? 8 : of(SocketMessage.MSG_CTRUNC);
    public static final int MSG_TRUNC = LINUX ? 32 : of(SocketMessage.MSG_TRUNC);
    public static final int MSG_DONTWAIT = LINUX ? 64 : of(SocketMessage.MSG_DONTWAIT);
    public static final int MSG_EOR = LINUX ? 128 : of(SocketMessage.MSG_EOR);
    public static final int MSG_WAITALL = LINUX ? 256 : of(SocketMessage.MSG_WAITALL);
    public static final int MSG_NOSIGNAL = LINUX ? 16384 : of(SocketMessage.MSG_NOSIGNAL);
    public static final int MSG_CMSG_CLOEXEC = linux(0x40000000);
    public static final int MSG_CONFIRM = LINUX ? 2048 : of(SocketMessage.MSG_CONFIRM);
    public static final int MSG_ERRQUEUE = LINUX ? 8192 : of(SocketMessage.MSG_ERRQUEUE);
    public static final int MSG_FASTOPEN = LINUX ? 536870912 : of(SocketMessage.MSG_FASTOPEN);
    public static final int MSG_FIN = LINUX ? 512 : of(SocketMessage.MSG_FIN);
    public static final int MSG_MORE = LINUX ? 32768 : of(SocketMessage.MSG_MORE);
    public static final int MSG_PROXY = LINUX ? 16 : of(SocketMessage.MSG_PROXY);
    public static final int MSG_RST = LINUX ? 4096 : of(SocketMessage.MSG_RST);
    public static final int MSG_SYN = LINUX ? 1024 : of(SocketMessage.MSG_SYN);
    public static final int MSG_TRYHARD = linux(4);
    public static final int MSG_WAITFORONE = linux(0x10000);
    public static final int MSG_BATCH = linux(0x40000);
    public static final int MSG_ZEROCOPY = linux(0x4000000);

    // <sys/socket.h>: types of ancillary data
    public static final int SCM_RIGHTS = LINUX ? 1 : of(SocketControlMessage.SCM_RIGHTS);
    public static final int SCM_CREDENTIALS = LINUX ? 2 : of(SocketControlMessage.SCM_CREDENTIALS);
    public static final int SCM_TIMESTAMP = LINUX ? 29 : of(SocketControlMessage.SCM_TIMESTAMP);
    public static final int SCM_TIMESTAMPNS = LINUX ? 35 : of(SocketControlMessage.SCM_TIMESTAMPNS);
    public static final int SCM_TIMESTAMPING = LINUX ? 37 : of(SocketControlMessage.SCM_TIMESTAMPING);
    public static final int SCM_TIMESTAMPING_OPT_STATS = linux(54);
    public static final int SCM_TIMESTAMPING_PKTINFO = linux(58);
    public static final int SCM_TXTIME = linux(61);
    public static final int SCM_WIFI_STATUS = LINUX ? 41 : of(SocketControlMessage.SCM_WIFI_STATUS);
    public static final int SCM_PIDFD = linux(4);

    // <netinet/in.h>: protocols
    public static final int IPPROTO_IP = LINUX ? 0 : of(IPProto.IPPROTO_IP);
    public static final int IPPROTO_ICMP = LINUX ? 1 : of(IPProto.IPPROTO_ICMP);
    public static final int IPPROTO_IGMP = LINUX ? 2 : of(IPProto.IPPROTO_IGMP);
    public static final int IPPROTO_IPIP = LINUX ? 4 : of(IPProto.IPPROTO_IPIP);
    public static final int IPPROTO_TCP = LINUX ? 6 : of(IPProto.IPPROTO_TCP);
    public static final int IPPROTO_EGP = LINUX ? 8 : of(IPProto.IPPROTO_EGP);
    public static final int IPPROTO_PUP = LINUX ? 12 : of(IPProto.IPPROTO_PUP);
    public static final int IPPROTO_UDP = LINUX ? 17 : of(IPProto.IPPROTO_UDP);
    public static final int IPPROTO_IDP = LINUX ? 22 : of(IPProto.IPPROTO_IDP);
    public static final int IPPROTO_TP = LINUX ? 29 : of(IPProto.IPPROTO_TP);
    public static final int IPPROTO_DCCP = linux(33);
    public static final int IPPROTO_IPV6 = LINUX ? 41 : of(IPProto.IPPROTO_IPV6);
    public static final int IPPROTO_RSVP = LINUX ? 46 : of(IPProto.IPPROTO_RSVP);
    public static final int IPPROTO_GRE = LINUX ? 47 : of(IPProto.IPPROTO_GRE);
    public static final int IPPROTO_ESP = LINUX ? 50 : of(IPProto.IPPROTO_ESP);
    public static final int IPPROTO_AH = LINUX ? 51 : of(IPProto.IPPROTO_AH);
    public static final int IPPROTO_MTP = LINUX ? 92 : of(IPProto.IPPROTO_MTP);
    public static final int IPPROTO_BEETPH = linux(94);
    public static final int IPPROTO_ENCAP = LINUX ? 98 : of(IPProto.IPPROTO_ENCAP);
    public static final int IPPROTO_PIM = LINUX ? 103 : of(IPProto.IPPROTO_PIM);
    public static final int IPPROTO_COMP = LINUX ? 108 : of(IPProto.IPPROTO_COMP);
    public static final int IPPROTO_SCTP = LINUX ? 132 : of(IPProto.IPPROTO_SCTP);
    public static final int IPPROTO_UDPLITE = linux(136);
    public static final int IPPROTO_MPLS = linux(137);
    public static final int IPPROTO_ETHERNET = linux(143);
    public static final int IPPROTO_RAW = LINUX ? 255 : of(IPProto.IPPROTO_RAW);
    public static final int IPPROTO_MPTCP = linux(262);
    public static final int IPPROTO_HOPOPTS = LINUX ? 0 : of(IPProto.IPPROTO_HOPOPTS);
    public static final int IPPROTO_ROUTING = LINUX ? 43 : of(IPProto.IPPROTO_ROUTING);
    public static final int IPPROTO_FRAGMENT = LINUX ? 44 : of(IPProto.IPPROTO_FRAGMENT);
    public static final int IPPROTO_ICMPV6 = LINUX ? 58 : of(IPProto.IPPROTO_ICMPV6);
    public static final int IPPROTO_NONE = LINUX ? 59 : of(IPProto.IPPROTO_NONE);
    public static final int IPPROTO_DSTOPTS = LINUX ? 60 : of(IPProto.IPPROTO_DSTOPTS);
    public static final int IPPROTO_MH = linux(135);

    // <netinet/in.h>: IPv4 addresses in host byte order; INADDR_BROADCAST and INADDR_NONE take the sign bit
    public static final int INADDR_ANY = LINUX ? 0 : of(INAddr.INADDR_ANY);
    public static final int INADDR_BROADCAST = LINUX ? -1 : of(INAddr.INADDR_BROADCAST);
    public static final int INADDR_LOOPBACK = LINUX ? 2130706433 : of(INAddr.INADDR_LOOPBACK);
    public static final int INADDR_NONE = LINUX ? -1 : of(INAddr.INADDR_NONE);
    public static final int INADDR_UNSPEC_GROUP = LINUX ? -536870912 : of(INAddr.INADDR_UNSPEC_GROUP);
    public static final int INADDR_ALLHOSTS_GROUP = LINUX ? -536870911 : of(INAddr.INADDR_ALLHOSTS_GROUP);
    public static final int INADDR_ALLRTRS_GROUP = LINUX ? -536870910 : of(INAddr.INADDR_ALLRTRS_GROUP);
    public static final int INADDR_MAX_LOCAL_GROUP = LINUX ? -536870657 : of(INAddr.INADDR_MAX_LOCAL_GROUP);

    // <netinet/in.h>: bytes of the longest text of an address, its NUL included
    public static final int INET_ADDRSTRLEN = LINUX ? 16 : of(INet.INET_ADDRSTRLEN);
    public static final int INET6_ADDRSTRLEN = LINUX ? 46 : of(INet6.INET6_ADDRSTRLEN);

    // <netinet/in.h>: options of IPPROTO_IP; ip(7)
    public static final int IP_OPTIONS = LINUX ? 4 : of(IP.IP_OPTIONS);
    public static final int IP_HDRINCL = LINUX ? 3 : of(IP.IP_HDRINCL);
    public static final int IP_TOS = LINUX ? 1 : of(IP.IP_TOS);
    public static final int IP_TTL = LINUX ? 2 : of(IP.IP_TTL);
    public static final int IP_RECVOPTS = LINUX ? 6 : of(IP.IP_RECVOPTS);
    public static final int IP_RECVRETOPTS = LINUX ? 7 : of(IP.IP_RECVRETOPTS);
    public static final int IP_RETOPTS = LINUX ? 7 : of(IP.IP_RETOPTS);
    public static final int IP_MULTICAST_IF = LINUX ? 32 : of(IP.IP_MULTICAST_IF);
    public static final int IP_MULTICAST_TTL = LINUX ? 33 : of(IP.IP_MULTICAST_TTL);
    public static final int IP_MULTICAST_LOOP = LINUX ? 34 : of(IP.IP_MULTICAST_LOOP);
    public static final int IP_ADD_MEMBERSHIP = LINUX ? 35 : of(IP.IP_ADD_MEMBERSHIP);
    public static final int IP_DROP_MEMBERSHIP = LINUX ? 36 : of(IP.IP_DROP_MEMBERSHIP);
    public static final int IP_UNBLOCK_SOURCE = LINUX ? 37 : of(IP.IP_UNBLOCK_SOURCE);
    public static final int IP_BLOCK_SOURCE = LINUX ? 38 : of(IP.IP_BLOCK_SOURCE);
    public static final int IP_ADD_SOURCE_MEMBERSHIP = LINUX ? 39 : of(IP.IP_ADD_SOURCE_MEMBERSHIP);
    public static final int IP_DROP_SOURCE_MEMBERSHIP = LINUX ? 40 : of(IP.IP_DROP_SOURCE_MEMBERSHIP);
    public static final int IP_MSFILTER = LINUX ? 41 : of(IP.IP_MSFILTER);
    public static final int IP_MULTICAST_ALL = linux(49);
    public static final int IP_UNICAST_IF = linux(50);
    public static final int IP_ROUTER_ALERT = LINUX ? 5 : of(IP.IP_ROUTER_ALERT);
    public static final int IP_PKTINFO = LINUX ? 8 : of(IP.IP_PKTINFO);
    public static final int IP_PKTOPTIONS = LINUX ? 9 : of(IP.IP_PKTOPTIONS);
    public static final int IP_PMTUDISC = linux(10);
    public static final int IP_MTU_DISCOVER = LINUX ? 10 : of(IP.IP_MTU_DISCOVER);
    public static final int IP_RECVERR = LINUX ? 11 : of(IP.IP_RECVERR);
    public static final int IP_RECVTTL = LINUX ? 12 : of(IP.IP_RECVTTL);
    public static final int IP_RECVTOS = LINUX ? 13 : of(IP.IP_RECVTOS);
    public static final int IP_MTU = LINUX ? 14 : of(IP.IP_MTU);
    public static final int IP_FREEBIND = LINUX ? 15 : of(IP.IP_FREEBIND);
    public static final int IP_IPSEC_POLICY = LINUX ? 16 : of(IP.IP_IPSEC_POLICY);
    public static final int IP_XFRM_POLICY = LINUX ? 17 : of(IP.IP_XFRM_POLICY);
    public static final int IP_PASSSEC = LINUX ? 18 : of(IP.IP_PASSSEC);
    public static final int IP_TRANSPARENT = LINUX ? 19 : of(IP.IP_TRANSPARENT);
    public static final int IP_ORIGDSTADDR = linux(20);
    public static final int IP_RECVORIGDSTADDR = linux(20);
    public static final int IP_MINTTL = LINUX ? 21 : of(IP.IP_MINTTL);
    public static final int IP_NODEFRAG = linux(22);
    public static final int IP_CHECKSUM = linux(23);
    public static final int IP_BIND_ADDRESS_NO_PORT = linux(24);
    public static final int IP_RECVFRAGSIZE = linux(25);
    public static final int IP_RECVERR_RFC4884 = linux(26);
    public static final int IP_PMTUDISC_DONT = LINUX ? 0 : of(IP.IP_PMTUDISC_DONT);
    public static final int IP_PMTUDISC_WANT = LINUX ? 1 : of(IP.IP_PMTUDISC_WANT);
    public static final int IP_PMTUDISC_DO = LINUX ? 2 : of(IP.IP_PMTUDISC_DO);
    public static final int IP_PMTUDISC_PROBE = linux(3);
    public static final int IP_PMTUDISC_INTERFACE = linux(4);
    public static final int IP_PMTUDISC_OMIT = linux(5);
    public static final int IP_DEFAULT_MULTICAST_TTL = LINUX ? 1 : of(IP.IP_DEFAULT_MULTICAST_TTL);
    public static final int IP_DEFAULT_MULTICAST_LOOP = LINUX ? 1 : of(IP.IP_DEFAULT_MULTICAST_LOOP);
    public static final int IP_MAX_MEMBERSHIPS = LINUX ? 20 : of(IP.IP_MAX_MEMBERSHIPS);

    // <netinet/in.h>: options of IPPROTO_IP and IPPROTO_IPV6
    public static final int MCAST_JOIN_GROUP = LINUX ? 42 : of(Multicast.MCAST_JOIN_GROUP);
    public static final int MCAST_BLOCK_SOURCE = LINUX ? 43 : of(Multicast.MCAST_BLOCK_SOURCE);
    public static final int MCAST_UNBLOCK_SOURCE = LINUX ? 44 : of(Multicast.MCAST_UNBLOCK_SOURCE);
    public static final int MCAST_LEAVE_GROUP = LINUX ? 45 : of(Multicast.MCAST_LEAVE_GROUP);
    public static final int MCAST_JOIN_SOURCE_GROUP = LINUX ? 46 : of(Multicast.MCAST_JOIN_SOURCE_GROUP);
    public static final int MCAST_LEAVE_SOURCE_GROUP = LINUX ? 47 : of(Multicast.MCAST_LEAVE_SOURCE_GROUP);
    public static final int MCAST_MSFILTER = LINUX ? 48 : of(Multicast.MCAST_MSFILTER);
    public static final int MCAST_EXCLUDE = LINUX ? 0 : of(Multicast.MCAST_EXCLUDE);
    public static final int MCAST_INCLUDE = LINUX ? 1 : of(Multicast.MCAST_INCLUDE);

    // <netinet/in.h>: options of IPPROTO_IPV6, POSIX's first; ipv6(7)
    public static final int IPV6_JOIN_GROUP = LINUX ? 20 : of(IPv6.IPV6_JOIN_GROUP);
    public static final int IPV6_LEAVE_GROUP = LINUX ? 21 : of(IPv6.IPV6_LEAVE_GROUP);
    public static final int IPV6_MULTICAST_HOPS = LINUX ? 18 : of(IPv6.IPV6_MULTICAST_HOPS);
    public static final int IPV6_MULTICAST_IF = LINUX ? 17 : of(IPv6.IPV6_MULTICAST_IF);
    public static final int IPV6_MULTICAST_LOOP = LINUX ? 19 : of(IPv6.IPV6_MULTICAST_LOOP);
    public static final int IPV6_UNICAST_HOPS = LINUX ? 16 : of(IPv6.IPV6_UNICAST_HOPS);
    public static final int IPV6_V6ONLY = LINUX ? 26 : of(IPv6.IPV6_V6ONLY);
    public static final int IPV6_ADDRFORM = linux(1);
    public static final int IPV6_CHECKSUM = LINUX ? 7 : of(IPv6.IPV6_CHECKSUM);
    public static final int IPV6_NEXTHOP = linuxOrBsd(9, 48);
    public static final int IPV6_AUTHHDR = linux(10);
    public static final int IPV6_ROUTER_ALERT = linux(22);
    public static final int IPV6_MTU_DISCOVER = LINUX ? 23 : of(IPv6.IPV6_MTU_DISCOVER);
    public static final int IPV6_MTU = linux(24);
    public static final int IPV6_RECVERR = LINUX ? 25 : of(IPv6.IPV6_RECVERR);
    public static final int IPV6_JOIN_ANYCAST = linux(27);
    public static final int IPV6_LEAVE_ANYCAST = linux(28);
    public static final int IPV6_MULTICAST_ALL = linux(29);
    public static final int IPV6_ROUTER_ALERT_ISOLATE = linux(30);
    public static final int IPV6_RECVERR_RFC4884 = linux(31);
    public static final int IPV6_IPSEC_POLICY = linux(34);
    public static final int IPV6_XFRM_POLICY = linux(35);
    public static final int IPV6_HDRINCL = linux(36);
    public static final int IPV6_RECVPKTINFO = linuxOrBsd(49, 61);
    public static final int IPV6_PKTINFO = linuxOrBsd(50, 46);
    public static final int IPV6_RECVHOPLIMIT = linuxOrBsd(51, 37);
    public static final int IPV6_HOPLIMIT = linuxOrBsd(52, 47);
    public static final int IPV6_RECVHOPOPTS = linuxOrBsd(53, 39);
    public static final int IPV6_HOPOPTS = linuxOrBsd(54, 49);
    public static final int IPV6_RTHDRDSTOPTS = linuxOrBsd(55, 57);
    public static final int IPV6_RECVRTHDR = linuxOrBsd(56, 38);
    public static final int IPV6_RTHDR = linuxOrBsd(57, 51);
    public static final int IPV6_RECVDSTOPTS = linuxOrBsd(58, 40);
    public static final int IPV6_DSTOPTS = linuxOrBsd(59, 50);
    public static final int IPV6_RECVPATHMTU = linuxOrBsd(60, 43);
    public static final int IPV6_PATHMTU = linuxOrBsd(61, 44);
    public static final int IPV6_DONTFRAG = 62;
    public static final int IPV6_RECVTCLASS = LINUX ? 66 : of(IPv6.IPV6_RECVTCLASS);
    public static final int IPV6_TCLASS = LINUX ? 67 : of(IPv6.IPV6_TCLASS);
    public static final int IPV6_AUTOFLOWLABEL = linuxOrBsd(70, 59);
    public static final int IPV6_ADDR_PREFERENCES = linux(72);
    public static final int IPV6_MINHOPCOUNT = linux(73);
    public static final int IPV6_ORIGDSTADDR = linux(74);
    public static final int IPV6_RECVORIGDSTADDR = linux(74);
    public static final int IPV6_TRANSPARENT = linux(75);
    public static final int IPV6_UNICAST_IF = linux(76);
    public static final int IPV6_RECVFRAGSIZE = linux(77);
    public static final int IPV6_FREEBIND = linux(78);
    public static final int IPV6_ADD_MEMBERSHIP = linux(20);
    public static final int IPV6_DROP_MEMBERSHIP = linux(21);
    public static final int IPV6_RXHOPOPTS = linux(54);
    public static final int IPV6_RXDSTOPTS = linux(59);
    public static final int IPV6_PMTUDISC_DONT = linux(0);
    public static final int IPV6_PMTUDISC_WANT = linux(1);
    public static final int IPV6_PMTUDISC_DO = linux(2);
    public static final int IPV6_PMTUDISC_PROBE = linux(3);
    public static final int IPV6_PMTUDISC_INTERFACE = linux(4);
    public static final int IPV6_PMTUDISC_OMIT = linux(5);
    public static final int IPV6_RTHDR_LOOSE = linux(0);
    public static final int IPV6_RTHDR_STRICT = linux(1);
    public static final int IPV6_RTHDR_TYPE_0 = LINUX ? 0 : of(IPv6.IPV6_RTHDR_TYPE_0);
    public static final int IPV6_FLOWINFO = linux(11);

    // <netinet/tcp.h>: options of IPPROTO_TCP; tcp(7)
    public static final int TCP_NODELAY = LINUX ? 1 : of(TCP.TCP_NODELAY);
    public static final int TCP_MAXSEG = LINUX ? 2 : of(TCP.TCP_MAXSEG);
    public static final int TCP_CORK = LINUX ? 3 : of(TCP.TCP_CORK);
    public static final int TCP_KEEPIDLE = linuxOrBsd(4, 16);
    public static final int TCP_KEEPINTVL = linuxOrBsd(5, 257);
    public static final int TCP_KEEPCNT = linuxOrBsd(6, 258);
    public static final int TCP_SYNCNT = LINUX ? 7 : of(TCP.TCP_SYNCNT);
    public static final int TCP_LINGER2 = LINUX ? 8 : of(TCP.TCP_LINGER2);
    public static final int TCP_DEFER_ACCEPT = LINUX ? 9 : of(TCP.TCP_DEFER_ACCEPT);
    public static final int TCP_WINDOW_CLAMP = LINUX ? 10 : of(TCP.TCP_WINDOW_CLAMP);
    public static final int TCP_INFO = LINUX ? 11 : of(TCP.TCP_INFO);
    public static final int TCP_QUICKACK = LINUX ? 12 : of(TCP.TCP_QUICKACK);
    public static final int TCP_CONGESTION = LINUX ? 13 : of(TCP.TCP_CONGESTION);
    public static final int TCP_MD5SIG = LINUX ? 14 : of(TCP.TCP_MD5SIG);
    public static final int TCP_COOKIE_TRANSACTIONS = LINUX ? 15 : of(TCP.TCP_COOKIE_TRANSACTIONS);
    public static final int TCP_THIN_LINEAR_TIMEOUTS = LINUX ? 16 : of(TCP.TCP_THIN_LINEAR_TIMEOUTS);
    public static final int TCP_THIN_DUPACK = LINUX ? 17 : of(TCP.TCP_THIN_DUPACK);
    public static final int TCP_USER_TIMEOUT = LINUX ? 18 : of(TCP.TCP_USER_TIMEOUT);
    public static final int TCP_REPAIR = LINUX ? 19 : of(TCP.TCP_REPAIR);
    public static final int TCP_REPAIR_QUEUE = LINUX ? 20 : of(TCP.TCP_REPAIR_QUEUE);
    public static final int TCP_QUEUE_SEQ = LINUX ? 21 : of(TCP.TCP_QUEUE_SEQ);
    public static final int TCP_REPAIR_OPTIONS = LINUX ? 22 : of(TCP.TCP_REPAIR_OPTIONS);
    public static final int TCP_FASTOPEN = linuxOrBsd(23, 261);
    public static final int TCP_TIMESTAMP = LINUX ? 24 : of(TCP.TCP_TIMESTAMP);
    public static final int TCP_NOTSENT_LOWAT = linuxOrBsd(25, 513);
    public static final int TCP_CC_INFO = linux(26);
    public static final int TCP_SAVE_SYN = linux(27);
    public static final int TCP_SAVED_SYN = linux(28);
    public static final int TCP_REPAIR_WINDOW = linux(29);
    public static final int TCP_FASTOPEN_CONNECT = linux(30);
    public static final int TCP_ULP = linux(31);
    public static final int TCP_MD5SIG_EXT = linux(32);
    public static final int TCP_FASTOPEN_KEY = linux(33);
    public static final int TCP_FASTOPEN_NO_COOKIE = linux(34);
    public static final int TCP_ZEROCOPY_RECEIVE = linux(35);
    public static final int TCP_INQ = linux(36);
    public static final int TCP_CM_INQ = linux(36);
    public static final int TCP_TX_DELAY = linux(37);

    // <netinet/udp.h>: options of IPPROTO_UDP; udp(7)
    public static final int UDP_CORK = LINUX ? 1 : of(UDP.UDP_CORK);
    public static final int UDP_ENCAP = linux(100);
    public static final int UDP_NO_CHECK6_TX = linux(101);
    public static final int UDP_NO_CHECK6_RX = linux(102);
    public static final int UDP_SEGMENT = linux(103);
    public static final int UDP_GRO = linux(104);

    // <linux/vm_sockets.h>: addresses and options of AF_VSOCK; VMADDR_CID_ANY and VMADDR_PORT_ANY are -1
    public static final int VMADDR_CID_ANY = -1;
    public static final int VMADDR_CID_HYPERVISOR = 0;
    public static final int VMADDR_CID_LOCAL = linux(1);
    public static final int VMADDR_CID_HOST = 2;
    public static final int VMADDR_PORT_ANY = -1;
    public static final int VMADDR_FLAG_TO_HOST = linux(1);
    public static final int SO_VM_SOCKETS_BUFFER_SIZE = linux(0);
    public static final int SO_VM_SOCKETS_BUFFER_MIN_SIZE = linux(1);
    public static final int SO_VM_SOCKETS_BUFFER_MAX_SIZE = linux(2);
    public static final int SO_VM_SOCKETS_PEER_HOST_VM_ID = linux(3);
    public static final int SO_VM_SOCKETS_TRUSTED = linux(5);
    public static final int SO_VM_SOCKETS_NONBLOCK_TXRX = linux(7);

    // <netdb.h>: flags of getaddrinfo
    public static final int AI_PASSIVE = LINUX ? 1 : of(AddressInfo.AI_PASSIVE);
    public static final int AI_CANONNAME = LINUX ? 2 : of(AddressInfo.AI_CANONNAME);
    public static final int AI_NUMERICHOST = LINUX ? 4 : of(AddressInfo.AI_NUMERICHOST);
    public static final int AI_NUMERICSERV = LINUX ? 1024 : of(AddressInfo.AI_NUMERICSERV);
    public static final int AI_V4MAPPED = LINUX ? 8 : of(AddressInfo.AI_V4MAPPED);
    public static final int AI_ALL = LINUX ? 16 : of(AddressInfo.AI_ALL);
    public static final int AI_ADDRCONFIG = LINUX ? 32 : of(AddressInfo.AI_ADDRCONFIG);
    public static final int AI_IDN = linux(64);
    public static final int AI_CANONIDN = linux(128);

    // <netdb.h>: flags and sizes of getnameinfo
    public static final int NI_NUMERICHOST = LINUX ? 1 : of(NameInfo.NI_NUMERICHOST);
    public static final int NI_NUMERICSERV = LINUX ? 2 : of(NameInfo.NI_NUMERICSERV);
    public static final int NI_NUMERICSCOPE = linuxOrBsd(NOT_DEFINED, 256);
    public static final int NI_NOFQDN = LINUX ? 4 : of(NameInfo.NI_NOFQDN);
    public static final int NI_NAMEREQD = LINUX ? 8 : of(NameInfo.NI_NAMEREQD);
    public static final int NI_DGRAM = LINUX ? 16 : of(NameInfo.NI_DGRAM);
    public static final int NI_IDN = linux(32);
    public static final int NI_MAXHOST = LINUX ? 1025 : of(NameInfo.NI_MAXHOST);
    public static final int NI_MAXSERV = LINUX ? 32 : of(NameInfo.NI_MAXSERV);
    public static final int IPPORT_RESERVED = 1024;

    // <netdb.h>: what getaddrinfo and getnameinfo fail with; negative on Linux
    public static final int EAI_AGAIN = LINUX ? -3 : of(ErrnoAddressInfo.EAI_AGAIN);
    public static final int EAI_BADFLAGS = LINUX ? -1 : of(ErrnoAddressInfo.EAI_BADFLAGS);
    public static final int EAI_FAIL = LINUX ? -4 : of(ErrnoAddressInfo.EAI_FAIL);
    public static final int EAI_FAMILY = LINUX ? -6 : of(ErrnoAddressInfo.EAI_FAMILY);
    public static final int EAI_MEMORY = LINUX ? -10 : of(ErrnoAddressInfo.EAI_MEMORY);
    public static final int EAI_NONAME = LINUX ? -2 : of(ErrnoAddressInfo.EAI_NONAME);
    public static final int EAI_SERVICE = LINUX ? -8 : of(ErrnoAddressInfo.EAI_SERVICE);
    public static final int EAI_SOCKTYPE = LINUX ? -7 : of(ErrnoAddressInfo.EAI_SOCKTYPE);
    public static final int EAI_SYSTEM = LINUX ? -11 : of(ErrnoAddressInfo.EAI_SYSTEM);
    public static final int EAI_OVERFLOW = LINUX ? -12 : of(ErrnoAddressInfo.EAI_OVERFLOW);
    public static final int EAI_NODATA = LINUX ? -5 : of(ErrnoAddressInfo.EAI_NODATA);
    public static final int EAI_ADDRFAMILY = LINUX ? -9 : of(ErrnoAddressInfo.EAI_ADDRFAMILY);
    public static final int EAI_INPROGRESS = linux(-100);
    public static final int EAI_CANCELED = linux(-101);
    public static final int EAI_NOTCANCELED = linux(-102);
    public static final int EAI_ALLDONE = linux(-103);
    public static final int EAI_INTR = linux(-104);
    public static final int EAI_IDN_ENCODE = linux(-105);

    // <net/if.h>, <limits.h>, <sys/select.h>: sizes
    public static final int IF_NAMESIZE = 16;
    public static final int IOV_MAX = 1024;
    public static final int PIPE_BUF = linuxOrBsd(4096, 512);
    public static final int FD_SETSIZE = 1024;

    // <poll.h>: the first six are the same numbers everywhere
    public static final int POLLIN = 0x001;
    public static final int POLLPRI = 0x002;
    public static final int POLLOUT = 0x004;
    public static final int POLLERR = 0x008;
    public static final int POLLHUP = 0x010;
    public static final int POLLNVAL = 0x020;
    public static final int POLLRDNORM = 64;
    public static final int POLLRDBAND = 128;
    public static final int POLLWRNORM = linuxOrBsd(256, 4);
    public static final int POLLWRBAND = linuxOrBsd(512, 256);
    public static final int POLLRDHUP = linux(8192);

    // <sys/epoll.h>, Linux alone. EPOLLET takes the sign bit, therefore there is no NOT_DEFINED among these: on another
    // platform the functions say that they are missing.
    public static final int EPOLLIN = 0x001;
    public static final int EPOLLPRI = 0x002;
    public static final int EPOLLOUT = 0x004;
    public static final int EPOLLERR = 0x008;
    public static final int EPOLLHUP = 0x010;
    public static final int EPOLLRDNORM = 0x040;
    public static final int EPOLLRDBAND = 0x080;
    public static final int EPOLLWRNORM = 0x100;
    public static final int EPOLLWRBAND = 0x200;
    public static final int EPOLLMSG = 0x400;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int EPOLLEXCLUSIVE = 1 << 28;
    public static final int EPOLLWAKEUP = 1 << 29;
    public static final int EPOLLONESHOT = 1 << 30;
    public static final int EPOLLET = 1 << 31;
    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;
    public static final int EPOLL_CLOEXEC = LINUX ? 524288 : of(Sock.SOCK_CLOEXEC);

    // <fcntl.h>: commands of fcntl on descriptors and their status
    public static final int F_DUPFD = LINUX ? 0 : of(Fcntl.F_DUPFD);
    public static final int F_DUPFD_CLOEXEC = linuxOrBsd(1030, 67);
    public static final int F_GETFD = LINUX ? 1 : of(Fcntl.F_GETFD);
    public static final int F_SETFD = LINUX ? 2 : of(Fcntl.F_SETFD);
    public static final int F_GETFL = LINUX ? 3 : of(Fcntl.F_GETFL);
    public static final int F_SETFL = LINUX ? 4 : of(Fcntl.F_SETFL);
    public static final int F_GETPIPE_SZ = LINUX ? 1032 : of(Fcntl.F_GETPIPE_SZ);
    public static final int F_SETPIPE_SZ = LINUX ? 1031 : of(Fcntl.F_SETPIPE_SZ);
    public static final int F_ADD_SEALS = linux(1033);
    public static final int F_GET_SEALS = linux(1034);
    public static final int FD_CLOEXEC = 1;

    // <fcntl.h>: seals of a memory file
    public static final int F_SEAL_SEAL = linux(1);
    public static final int F_SEAL_SHRINK = linux(2);
    public static final int F_SEAL_GROW = linux(4);
    public static final int F_SEAL_WRITE = linux(8);
    public static final int F_SEAL_FUTURE_WRITE = linux(16);

    // <fcntl.h>: modes and flags of an open file
    public static final int O_RDONLY = LINUX ? 0 : of(OpenFlags.O_RDONLY);
    public static final int O_WRONLY = LINUX ? 1 : of(OpenFlags.O_WRONLY);
    public static final int O_RDWR = LINUX ? 2 : of(OpenFlags.O_RDWR);
    public static final int O_ACCMODE = LINUX ? 3 : of(OpenFlags.O_ACCMODE);
    public static final int O_APPEND = LINUX ? 1024 : of(OpenFlags.O_APPEND);
    public static final int O_ASYNC = LINUX ? 8192 : of(OpenFlags.O_ASYNC);
    public static final int O_CLOEXEC = LINUX ? 524288 : of(OpenFlags.O_CLOEXEC);
    public static final int O_CREAT = LINUX ? 64 : of(OpenFlags.O_CREAT);
    public static final int O_DIRECTORY = LINUX ? (Platform.X86_64 ? 0x10000 : 0x4000) : of(OpenFlags.O_DIRECTORY);
    public static final int O_DSYNC = linuxOrBsd(0x1000, 0x400000);
    public static final int O_EXCL = LINUX ? 128 : of(OpenFlags.O_EXCL);
    public static final int O_NOATIME = linux(0x40000);
    public static final int O_NOCTTY = LINUX ? 256 : of(OpenFlags.O_NOCTTY);
    public static final int O_NOFOLLOW = LINUX ? (Platform.X86_64 ? 0x20000 : 0x8000) : of(OpenFlags.O_NOFOLLOW);
    public static final int O_NONBLOCK = LINUX ? 2048 : of(OpenFlags.O_NONBLOCK);
    public static final int O_PATH = linux(0x200000);
    public static final int O_SYNC = LINUX ? 1052672 : of(OpenFlags.O_SYNC);
    public static final int O_TRUNC = LINUX ? 512 : of(OpenFlags.O_TRUNC);

    // <sys/ioctl.h>: requests whose argument is an int
    public static final int FIONREAD = linuxOrBsd(0x541b, 0x4004667f);
    public static final int FIONBIO = linuxOrBsd(0x5421, 0x8004667e);
    public static final int SIOCATMARK = linuxOrBsd(0x8905, 0x40047307);
    public static final int SIOCINQ = linux(0x541b);
    public static final int SIOCOUTQ = linux(0x5411);

    // <sys/eventfd.h>, <sys/mman.h>: flags of eventfd and memfd_create
    public static final int EFD_CLOEXEC = linux(524288);
    public static final int EFD_NONBLOCK = linux(2048);
    public static final int EFD_SEMAPHORE = linux(1);
    public static final int MFD_CLOEXEC = linux(1);
    public static final int MFD_ALLOW_SEALING = linux(2);
    public static final int MFD_HUGETLB = linux(4);
    public static final int MFD_NOEXEC_SEAL = linux(8);
    public static final int MFD_EXEC = linux(16);

    private SocketConstants() {}

    /** jnr-constants answers with an invented number for a name that it does not know here: ask defined() first. */
    private static int of(Constant constant) {
        return constant.defined() ? constant.intValue() : NOT_DEFINED;
    }

    private static int linux(int value) {
        return linuxOrBsd(value, NOT_DEFINED);
    }

    private static int linuxOrBsd(int linux, int bsd) {
        return Platform.CURRENT == Platform.LINUX ? linux : bsd;
    }
}

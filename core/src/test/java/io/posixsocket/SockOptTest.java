package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_INET6;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.IPPROTO_TCP;
import static io.posixsocket.SocketConstants.NOT_DEFINED;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_TYPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Options that know their type, options as bytes, and what the peer's options tell of it. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class SockOptTest {
    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    private static ErrnoException failure(Errno errno, ThrowingCallable call) {
        ErrnoException e = catchThrowableOfType(ErrnoException.class, call);
        assertThat(e).as("must fail with %s", errno).isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        return e;
    }

    private static <T> void survives(int fd, SockOpt<T> option, T value) throws ErrnoException {
        PosixSocket.setsockopt(fd, option, value);
        assertThat(PosixSocket.getsockopt(fd, option)).as(option.name()).isEqualTo(value);
    }

    @Test
    void whatIsSetIsRead() throws Exception {
        int tcp = fds.tcp();
        for (SockOpt<Boolean> option : List.of(
                SockOpt.SO_REUSEADDR,
                SockOpt.SO_REUSEPORT,
                SockOpt.SO_KEEPALIVE,
                SockOpt.SO_OOBINLINE,
                SockOpt.SO_BROADCAST,
                SockOpt.SO_DONTROUTE,
                SockOpt.SO_TIMESTAMP,
                SockOpt.TCP_NODELAY,
                SockOpt.TCP_CORK,
                SockOpt.IP_PKTINFO,
                SockOpt.IP_MULTICAST_LOOP)) {
            survives(tcp, option, true);
            survives(tcp, option, false);
        }
        survives(tcp, SockOpt.SO_RCVLOWAT, 7);
        survives(tcp, SockOpt.IP_TTL, 42);
        survives(tcp, SockOpt.IP_TOS, 0x10);
        survives(tcp, SockOpt.TCP_KEEPIDLE, 11);
        survives(tcp, SockOpt.TCP_KEEPINTVL, 12);
        survives(tcp, SockOpt.TCP_KEEPCNT, 13);
        survives(tcp, SockOpt.TCP_USER_TIMEOUT, 14_000);
        survives(tcp, SockOpt.SO_LINGER, new Linger(true, 5));
        PosixSocket.setsockopt(tcp, SockOpt.SO_LINGER, Linger.OFF);
        assertThat(PosixSocket.getsockopt(tcp, SockOpt.SO_LINGER).on()).isFalse();
        PosixSocket.setsockopt(tcp, SockOpt.SO_RCVBUF, 10_000);
        assertThat(PosixSocket.getsockopt(tcp, SockOpt.SO_RCVBUF)).isEqualTo(20_000);
        int unix = fds.stream();
        survives(unix, SockOpt.SO_PASSCRED, true);
        int udp6 = fds.keep(PosixSocket.socket(AF_INET6, SOCK_DGRAM, 0));
        survives(udp6, SockOpt.IPV6_V6ONLY, true);
        survives(udp6, SockOpt.IPV6_RECVPKTINFO, true);
        survives(udp6, SockOpt.IPV6_MULTICAST_LOOP, false);
        survives(udp6, SockOpt.IPV6_UNICAST_HOPS, 3);
        survives(udp6, SockOpt.IPV6_MULTICAST_HOPS, 4);
        survives(udp6, SockOpt.IPV6_MULTICAST_IF, 1);
    }

    @Test
    void timeoutsAreDurations() throws Exception {
        int fd = fds.stream();
        for (SockOpt<Duration> option : List.of(SockOpt.SO_RCVTIMEO, SockOpt.SO_SNDTIMEO)) {
            survives(fd, option, Duration.ofSeconds(90_000, 500_000_000));
            survives(fd, option, Duration.ZERO);
            PosixSocket.setsockopt(fd, option, Duration.ofNanos(1));
            assertThat(PosixSocket.getsockopt(fd, option)).as("not for ever").isPositive();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PosixSocket.setsockopt(fd, option, Duration.ofNanos(-1)))
                    .withMessage("optval is PT-0.000000001S, must not be negative");
        }
    }

    @Test
    void stringsAreReadAndSet() throws Exception {
        int fd = fds.tcp();
        String algorithm = PosixSocket.getsockopt(fd, SockOpt.TCP_CONGESTION);
        assertThat(algorithm).matches("[a-z0-9_]+");
        survives(fd, SockOpt.TCP_CONGESTION, algorithm);
        assertThat(failure(Errno.ENOENT, () -> PosixSocket.setsockopt(fd, SockOpt.TCP_CONGESTION, "none")))
                .hasMessage("setsockopt(fd " + fd + ", TCP_CONGESTION, none): ENOENT (No such file or directory)");
        assertThat(PosixSocket.getsockopt(fd, SockOpt.SO_BINDTODEVICE)).isEmpty();
        failure(Errno.ENODEV, () -> PosixSocket.setsockopt(fd, SockOpt.SO_BINDTODEVICE, "none0"));
        survives(fd, SockOpt.SO_BINDTODEVICE, "lo");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixSocket.setsockopt(fd, SockOpt.SO_BINDTODEVICE, "l\0o"))
                .withMessage("optval has a NUL at char 1");
    }

    @Test
    void whatCanOnlyBeReadSaysSo() throws Exception {
        int fd = fds.tcp();
        assertThat(PosixSocket.getsockopt(fd, SockOpt.SO_DOMAIN)).isEqualTo(AF_INET);
        assertThat(PosixSocket.getsockopt(fd, SockOpt.SO_TYPE)).isEqualTo(SOCK_STREAM);
        assertThat(PosixSocket.getsockopt(fd, SockOpt.SO_PROTOCOL)).isEqualTo(IPPROTO_TCP);
        assertThat(PosixSocket.getsockopt(fd, SockOpt.SO_ERROR)).isZero();
        assertThat(PosixSocket.getsockopt(fd, SockOpt.SO_ACCEPTCONN)).isFalse();
        assertThat(PosixSocket.getsockopt(fd, SockOpt.SO_SNDLOWAT)).isPositive();
        failure(Errno.ENOPROTOOPT, () -> PosixSocket.setsockopt(fd, SockOpt.SO_TYPE, 1));
        failure(Errno.ENOPROTOOPT, () -> PosixSocket.setsockopt(fd, SockOpt.SO_PEERCRED, new Ucred(1, 1, 1)));
        failure(Errno.ENOPROTOOPT, () -> PosixSocket.setsockopt(fd, SockOpt.SO_PEERGROUPS, List.of(1L)));
    }

    @Test
    void groupsAreJoinedAndLeft() throws Exception {
        Inet4Address group = SockaddrIn.inet(new byte[] {(byte) 239, 1, 2, 3});
        Inet4Address loopback = SockaddrIn.inet(new byte[] {127, 0, 0, 1});
        int udp = fds.keep(PosixSocket.socket(AF_INET, SOCK_DGRAM, 0));
        survives(udp, SockOpt.IP_MULTICAST_IF, loopback);
        survives(udp, SockOpt.IP_MULTICAST_TTL, 2);
        IpMreq mreq = new IpMreq(group, loopback);
        PosixSocket.setsockopt(udp, SockOpt.IP_ADD_MEMBERSHIP, mreq);
        failure(Errno.EADDRINUSE, () -> PosixSocket.setsockopt(udp, SockOpt.IP_ADD_MEMBERSHIP, mreq));
        PosixSocket.setsockopt(udp, SockOpt.IP_DROP_MEMBERSHIP, mreq);
        failure(Errno.EADDRNOTAVAIL, () -> PosixSocket.setsockopt(udp, SockOpt.IP_DROP_MEMBERSHIP, mreq));
        failure(Errno.ENOPROTOOPT, () -> PosixSocket.getsockopt(udp, SockOpt.IP_ADD_MEMBERSHIP));

        int udp6 = fds.keep(PosixSocket.socket(AF_INET6, SOCK_DGRAM, 0));
        Ipv6Mreq mreq6 = new Ipv6Mreq(((SockaddrIn6) Sockaddr.parse("ipv6:[ff02::4711]:0")).address(), 1);
        PosixSocket.setsockopt(udp6, SockOpt.IPV6_JOIN_GROUP, mreq6);
        failure(Errno.EADDRINUSE, () -> PosixSocket.setsockopt(udp6, SockOpt.IPV6_JOIN_GROUP, mreq6));
        PosixSocket.setsockopt(udp6, SockOpt.IPV6_LEAVE_GROUP, mreq6);
        failure(Errno.EADDRNOTAVAIL, () -> PosixSocket.setsockopt(udp6, SockOpt.IPV6_LEAVE_GROUP, mreq6));
    }

    @Test
    void tcpInfoTellsTheStateOfAConnection() throws Exception {
        int listener = fds.listener(Fds.LOOPBACK);
        assertThat(PosixSocket.getsockopt(listener, SockOpt.TCP_INFO).state()).isEqualTo(10);
        int client = fds.tcp();
        PosixSocket.connect(client, PosixSocket.getsockname(listener));
        TcpInfo info = PosixSocket.getsockopt(client, SockOpt.TCP_INFO);
        assertThat(info.state()).isEqualTo(1);
        assertThat(info.pmtu()).isGreaterThan(info.sndMss());
        assertThat(info.rttMicros()).isPositive();
        assertThat(info.sndCwnd()).isPositive();
        failure(Errno.ENOPROTOOPT, () -> PosixSocket.setsockopt(client, SockOpt.TCP_INFO, info));
    }

    @Test
    void optionsAreReadAndSetAsBytes() throws Exception {
        int fd = fds.tcp();
        byte[] linger = StructLayout.allocate(8).putInt(1).putInt(9).array();
        PosixSocket.setsockopt(fd, SOL_SOCKET, SocketConstants.SO_LINGER, linger);
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SocketConstants.SO_LINGER, 100))
                .isEqualTo(linger);
        assertThat(PosixSocket.getsockopt(fd, SockOpt.SO_LINGER)).isEqualTo(new Linger(true, 9));
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_TYPE, 3)).as("cut").hasSize(3);
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_TYPE, 0)).isEmpty();
        assertThat(PosixSocket.getsockopt(fd, IPPROTO_TCP, SocketConstants.TCP_INFO, 1000))
                .hasSizeGreaterThanOrEqualTo(TcpInfo.SIZE);
        failure(Errno.EINVAL, () -> PosixSocket.setsockopt(fd, SOL_SOCKET, SocketConstants.SO_LINGER, new byte[3]));
        failure(Errno.ENOPROTOOPT, () -> PosixSocket.getsockopt(fd, SOL_SOCKET, 9999, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixSocket.getsockopt(fd, SOL_SOCKET, SO_TYPE, -1))
                .withMessage("maxlen is -1, must be at least 0");
    }

    @Test
    void optionsThatAreNotListedAreMade() throws Exception {
        int fd = fds.tcp();
        survives(fd, SockOpt.ofInt("TCP_KEEPCNT", IPPROTO_TCP, SocketConstants.TCP_KEEPCNT), 5);
        survives(fd, SockOpt.ofBoolean("SO_KEEPALIVE", SOL_SOCKET, SocketConstants.SO_KEEPALIVE), true);
        byte[] linger = StructLayout.allocate(8).putInt(1).putInt(9).array();
        survives(fd, SockOpt.ofBytes("SO_LINGER", SOL_SOCKET, SocketConstants.SO_LINGER), linger);
        SockOpt<Integer> none = SockOpt.ofInt("SO_NONE", SOL_SOCKET, 9999);
        assertThat(none).hasToString("SO_NONE");
        assertThat(failure(Errno.ENOPROTOOPT, () -> PosixSocket.getsockopt(fd, none)))
                .hasMessage("getsockopt(fd " + fd + ", SO_NONE): ENOPROTOOPT (Protocol not available)");
        SockOpt<Boolean> tooLong = SockOpt.ofBoolean("SO_BINDTODEVICE", SOL_SOCKET, SocketConstants.SO_BINDTODEVICE);
        failure(Errno.EINVAL, () -> PosixSocket.getsockopt(fd, tooLong));
    }

    @Test
    void optionsThatThePlatformLacksAreRefusedByName() throws Exception {
        int fd = fds.tcp();
        SockOpt<Integer> lacking = SockOpt.ofInt("SO_NOSIGPIPE", SOL_SOCKET, NOT_DEFINED);
        assertThat(lacking.isDefined()).isFalse();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> PosixSocket.getsockopt(fd, lacking))
                .withMessage("getsockopt: Linux lacks SO_NOSIGPIPE");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> PosixSocket.setsockopt(fd, lacking, 1))
                .withMessage("setsockopt: Linux lacks SO_NOSIGPIPE");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> PosixSocket.getsockopt(fd, SOL_SOCKET, NOT_DEFINED, 4));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> PosixSocket.setsockopt(fd, SOL_SOCKET, NOT_DEFINED, new byte[4]));
    }

    @Test
    void anOwnedDescriptorTakesTheSameOptions() throws Exception {
        try (OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(AF_INET, SOCK_STREAM, 0))) {
            fd.setsockopt(SockOpt.TCP_NODELAY, true);
            assertThat(fd.getsockopt(SockOpt.TCP_NODELAY)).isTrue();
        }
    }

    private static List<Long> ownGroups() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("Groups:"))
                return Stream.of(line.substring("Groups:".length()).strip().split("\\s+", -1))
                        .filter(group -> !group.isEmpty())
                        .map(Long::valueOf)
                        .toList();
        }
        throw new AssertionError("no groups in /proc/self/status");
    }

    @Test
    void thePeersGroupsAreTold() throws Exception {
        int[] pair = fds.streamPair();
        PeerCredentials peer = PosixSocket.peerCredentials(pair[0]);
        assertThat(peer.groups()).contains(ownGroups());
        assertThat(PosixSocket.getsockopt(pair[0], SockOpt.SO_PEERGROUPS)).isEqualTo(ownGroups());
        assertThat(PosixSocket.getsockopt(pair[0], SockOpt.SO_PEERCRED))
                .isEqualTo(new Ucred(peer.pid(), peer.uid(), peer.gid()));
        assertThat(peer.isInGroup(peer.gid())).isTrue();
        assertThat(peer.isInGroup(4294967294L)).isFalse();
        int unconnected = fds.stream();
        failure(Errno.ENODATA, () -> PosixSocket.getsockopt(unconnected, SockOpt.SO_PEERGROUPS));
    }

    /** A process of more groups than the first attempt has room for. */
    static final class ManyGroups {
        private ManyGroups() {}

        public static void main(String[] args) throws Exception {
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            System.out.println("groups " + PosixSocket.peerCredentials(pair[0]).groups());
        }
    }

    @Test
    void moreGroupsThanFitAtFirstAreReadAll(@TempDir Path dir) throws Exception {
        assumeTrue(PosixSocket.geteuid() == 0 && ChildJvm.isInstalled("setpriv"), "needs root and setpriv");
        List<Integer> groups = IntStream.rangeClosed(5001, 5100).boxed().toList();
        String list = groups.stream().map(String::valueOf).collect(Collectors.joining(","));
        assertThat(ChildJvm.run(dir, List.of("setpriv", "--groups", list), List.of(), ManyGroups.class))
                .contains("groups " + Optional.of(groups));
    }

    @Test
    void aPeerOnTheBsdsIsReadFromAnXucred() {
        ByteBuffer xucred = StructLayout.allocate(76);
        xucred.putInt(4, -2)
                .putShort(8, (short) 3)
                .putInt(12, 20)
                .putInt(16, 12)
                .putInt(20, -5);
        PeerCredentials expected = new PeerCredentials(7, 4294967294L, 20, Optional.of(List.of(12L, 4294967291L)));
        assertThat(Xucred.decode(xucred, 7)).isEqualTo(expected);
        xucred.putShort(8, (short) 99); // more than there is room for
        assertThat(Xucred.decode(xucred, 7).groups().orElseThrow()).hasSize(15);
        xucred.putShort(8, (short) 0);
        assertThat(Xucred.decode(xucred, 0).isInGroup(20)).isFalse();
    }

    @Test
    void whatIsNotKnownOfAPeerIsSaid() {
        PeerCredentials unknown = new PeerCredentials(0, 1000, 100);
        assertThat(unknown.groups()).isEmpty();
        assertThat(unknown).hasToString("pid unknown, uid 1000, gid 100, groups unknown");
        assertThat(unknown.isInGroup(100)).isTrue();
        PeerCredentials known = new PeerCredentials(7, 1000, 100, Optional.of(List.of(5L, 6L)));
        assertThat(known).hasToString("pid 7, uid 1000, gid 100, groups [5, 6]");
        assertThat(known.isInGroup(6)).isTrue();
    }

    @Test
    void thePeersPidfdStandsForItsProcess() throws Exception {
        int[] pair = fds.streamPair();
        try (OwnedFd pidfd = PosixSocket.peerPidfd(pair[0])) {
            int number = pidfd.number();
            assertThat(Descriptors.isCloseOnExec(number)).isTrue();
            assertThat(Files.readAllLines(Path.of("/proc/self/fdinfo/" + number)))
                    .contains("Pid:\t" + ProcessHandle.current().pid());
            assertThat(pidfd.poll(POLLIN, 0)).as("readable when it has ended").isZero();
        }
        int unconnected = fds.stream();
        failure(Errno.ENODATA, () -> PosixSocket.peerPidfd(unconnected));
    }

    @Test
    void idsOutOfRangeAreRefused() {
        for (Map.Entry<String, ThrowingCallable> bad : Map.<String, ThrowingCallable>of(
                        "uid is -1, must be from 0 to 4294967295", () -> new Ucred(1, -1, 0),
                        "gid is 4294967296, must be from 0 to 4294967295", () -> new Ucred(1, 0, 1L << 32),
                        "seconds is -1, must be at least 0", () -> new Linger(true, -1),
                        "cid is -1, must be from 0 to 4294967295", () -> new SockaddrVm(-1, 0),
                        "port is -1, must be from 0 to 4294967295", () -> new SockaddrVm(0, -1))
                .entrySet())
            assertThatIllegalArgumentException().isThrownBy(bad.getValue()).withMessage(bad.getKey());
    }

    @Test
    void vsockSocketsAreBoundAndNamed() throws Exception {
        int fd;
        try {
            fd = fds.keep(PosixSocket.socket(SocketConstants.AF_VSOCK, SOCK_STREAM, 0));
        } catch (ErrnoException e) {
            assertThat(e.errno()).isEqualTo(Errno.EAFNOSUPPORT); // a kernel without it
            return;
        }
        PosixSocket.bind(fd, new SockaddrVm(SockaddrVm.CID_ANY, SockaddrVm.PORT_ANY));
        SockaddrVm bound = (SockaddrVm) PosixSocket.getsockname(fd);
        assertThat(bound.cid()).isEqualTo(SockaddrVm.CID_ANY);
        assertThat(bound.port()).isNotEqualTo(SockaddrVm.PORT_ANY);
        int second = fds.keep(PosixSocket.socket(SocketConstants.AF_VSOCK, SOCK_STREAM, 0));
        assertThat(failure(Errno.EADDRINUSE, () -> PosixSocket.bind(second, bound)))
                .hasMessage("bind(" + bound + "): EADDRINUSE (Address already in use)");
    }
}

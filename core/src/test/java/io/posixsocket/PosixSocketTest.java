package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_INET6;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.IPPROTO_TCP;
import static io.posixsocket.SocketConstants.MSG_DONTWAIT;
import static io.posixsocket.SocketConstants.NOT_DEFINED;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.SHUT_RDWR;
import static io.posixsocket.SocketConstants.SHUT_WR;
import static io.posixsocket.SocketConstants.SOCK_CLOEXEC;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_NONBLOCK;
import static io.posixsocket.SocketConstants.SOCK_SEQPACKET;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_ACCEPTCONN;
import static io.posixsocket.SocketConstants.SO_DOMAIN;
import static io.posixsocket.SocketConstants.SO_ERROR;
import static io.posixsocket.SocketConstants.SO_PROTOCOL;
import static io.posixsocket.SocketConstants.SO_RCVBUF;
import static io.posixsocket.SocketConstants.SO_RCVTIMEO;
import static io.posixsocket.SocketConstants.SO_REUSEADDR;
import static io.posixsocket.SocketConstants.SO_SNDTIMEO;
import static io.posixsocket.SocketConstants.SO_TYPE;
import static io.posixsocket.SocketConstants.TCP_NODELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every function once with success, and with the errors that callers meet. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class PosixSocketTest {
    private static final int NO_SUCH_OPTION = 9999;

    @TempDir
    private Path dir;

    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    private SockaddrUn path() {
        return SockaddrUn.path(dir.resolve("s"));
    }

    private static ErrnoException failure(Errno errno, ThrowingCallable call) {
        ErrnoException e = catchThrowableOfType(ErrnoException.class, call);
        assertThat(e).as("must fail with %s", errno).isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        assertThat(e.number()).isEqualTo(errno.number());
        return e;
    }

    @Test
    void aServerAndAClientExchangeBytesThroughAPath() throws Exception {
        int listener = fds.stream();
        PosixSocket.bind(listener, path());
        PosixSocket.listen(listener, 1);
        int client = fds.stream();
        PosixSocket.connect(client, path());
        int accepted = fds.keep(PosixSocket.accept(listener));
        assertThat(PosixSocket.send(client, Fds.direct(1, 2, 3), 0)).isEqualTo(3);
        PosixSocket.shutdown(client, SHUT_WR);
        ByteBuffer buf = ByteBuffer.allocate(10);
        assertThat(PosixSocket.recv(accepted, buf, 0)).isEqualTo(3);
        assertThat(PosixSocket.recv(accepted, buf, 0)).as("end of the stream").isZero();
        assertThat(buf.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void aServerAndAClientExchangeBytesOverTcpAndKnowEachOthersAddress() throws Exception {
        for (String any : new String[] {"ipv4:127.0.0.1:0", "ipv6:[::1]:0"}) {
            int listener = fds.listener(Sockaddr.parse(any));
            Sockaddr bound = PosixSocket.getsockname(listener);
            assertThat(bound.toString()).doesNotEndWith(":0");
            int client = fds.keep(PosixSocket.socket(bound.family(), SOCK_STREAM, 0));
            PosixSocket.connect(client, bound);
            int accepted = fds.keep(PosixSocket.accept4(listener, 0));
            assertThat(PosixSocket.getpeername(client)).isEqualTo(bound);
            assertThat(PosixSocket.getpeername(accepted)).isEqualTo(PosixSocket.getsockname(client));
            PosixSocket.send(accepted, Fds.direct(7), 0);
            ByteBuffer buf = ByteBuffer.allocate(1);
            assertThat(PosixSocket.recv(client, buf, 0)).isEqualTo(1);
            assertThat(buf.get(0)).isEqualTo((byte) 7);
        }
    }

    @Test
    void socketNamesItsArgumentsWhenTheKernelRefusesThem() {
        failure(Errno.EPROTONOSUPPORT, () -> PosixSocket.socket(AF_UNIX, SOCK_STREAM, IPPROTO_TCP));
        assertThat(failure(Errno.EAFNOSUPPORT, () -> PosixSocket.socket(4711, SOCK_STREAM, 0)))
                .hasMessage("socket(4711, 1, 0): EAFNOSUPPORT (Address family not supported by protocol)");
    }

    @Test
    void socketTakesTheFlagsOfTheType() throws Exception {
        int fd = fds.keep(PosixSocket.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0));
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_TYPE)).isEqualTo(SOCK_SEQPACKET);
        PosixSocket.bind(fd, path());
        PosixSocket.listen(fd, 1);
        failure(Errno.EAGAIN, () -> PosixSocket.accept(fd));
        failure(Errno.EAGAIN, () -> PosixSocket.accept4(fd, SOCK_NONBLOCK));
    }

    @Test
    void socketpairRefusesFamiliesThatHaveNone() {
        failure(Errno.EOPNOTSUPP, () -> PosixSocket.socketpair(AF_INET, SOCK_STREAM, 0));
    }

    @Test
    void bindToAnAddressInUseNamesIt() throws Exception {
        fds.listener(path());
        int second = fds.stream();
        assertThat(failure(Errno.EADDRINUSE, () -> PosixSocket.bind(second, path())))
                .hasMessage("bind(" + path() + "): EADDRINUSE (Address already in use)");
    }

    @Test
    void bindInAMissingDirectoryNamesThePath() throws Exception {
        int fd = fds.stream();
        assertThat(failure(Errno.ENOENT, () -> PosixSocket.bind(fd, SockaddrUn.path(dir.resolve("none/s")))))
                .hasMessage("bind(unix:" + dir + "/none/s): ENOENT (No such file or directory)");
        Files.createFile(dir.resolve("file"));
        failure(Errno.ENOTDIR, () -> PosixSocket.bind(fd, SockaddrUn.path(dir.resolve("file/s"))));
    }

    @Test
    void bindTwiceIsEinval() throws Exception {
        int fd = fds.stream();
        PosixSocket.bind(fd, path());
        failure(Errno.EINVAL, () -> PosixSocket.bind(fd, SockaddrUn.path(dir.resolve("t"))));
    }

    @Test
    void listenNeedsAnAddressAndAConnectionOrientedSocket() throws Exception {
        int unbound = fds.stream();
        assertThat(failure(Errno.EINVAL, () -> PosixSocket.listen(unbound, 1)))
                .hasMessage("listen(fd " + unbound + "): EINVAL (Invalid argument)");
        int datagrams = fds.keep(PosixSocket.socket(AF_UNIX, SOCK_DGRAM, 0));
        failure(Errno.EOPNOTSUPP, () -> PosixSocket.listen(datagrams, 1));
    }

    @Test
    void acceptOnASocketThatDoesNotListenIsEinval() throws Exception {
        int fd = fds.stream();
        assertThat(failure(Errno.EINVAL, () -> PosixSocket.accept(fd)))
                .hasMessage("accept(fd " + fd + "): EINVAL (Invalid argument)");
        assertThat(failure(Errno.EINVAL, () -> PosixSocket.accept4(fd, 0)).function())
                .isEqualTo("accept4");
    }

    @Test
    void accept4GivesTheNewDescriptorItsFlags() throws Exception {
        int listener = fds.listener(path());
        for (int flags : new int[] {0, SOCK_NONBLOCK}) {
            int client = fds.stream();
            PosixSocket.connect(client, path());
            int accepted = fds.keep(PosixSocket.accept4(listener, flags));
            if (flags != 0) failure(Errno.EAGAIN, () -> PosixSocket.recv(accepted, ByteBuffer.allocate(1), 0));
            assertThat(Descriptors.isCloseOnExec(accepted)).isTrue();
        }
    }

    @Test
    void connectToAMissingPathIsEnoent() throws Exception {
        int fd = fds.stream();
        assertThat(failure(Errno.ENOENT, () -> PosixSocket.connect(fd, path())))
                .hasMessage("connect(" + path() + "): ENOENT (No such file or directory)");
    }

    @Test
    void connectToAPathThatNobodyServesIsEconnrefused() throws Exception {
        fds.close(fds.listener(path()));
        int fd = fds.stream();
        assertThat(failure(Errno.ECONNREFUSED, () -> PosixSocket.connect(fd, path())))
                .hasMessage("connect(" + path() + "): ECONNREFUSED (Connection refused)");
    }

    @Test
    void connectToATcpPortThatNobodyServesIsEconnrefused() throws Exception {
        int bound = fds.tcp();
        PosixSocket.bind(bound, Fds.LOOPBACK); // the port is taken, but nobody listens
        Sockaddr addr = PosixSocket.getsockname(bound);
        int fd = fds.tcp();
        failure(Errno.ECONNREFUSED, () -> PosixSocket.connect(fd, addr));
    }

    @Test
    void connectOfTheWrongTypeIsEprototype() throws Exception {
        fds.listener(path());
        int fd = fds.keep(PosixSocket.socket(AF_UNIX, SOCK_SEQPACKET, 0));
        failure(Errno.EPROTOTYPE, () -> PosixSocket.connect(fd, path()));
    }

    @Test
    void connectTwiceIsEisconn() throws Exception {
        fds.listener(path());
        int fd = fds.stream();
        PosixSocket.connect(fd, path());
        failure(Errno.EISCONN, () -> PosixSocket.connect(fd, path()));
    }

    @Test
    void aNonBlockingConnectToAFullBacklogIsEagain() throws Exception {
        int listener = fds.stream();
        PosixSocket.bind(listener, path());
        PosixSocket.listen(listener, 0);
        fds.fillBacklog(path());
        int fd = fds.keep(PosixSocket.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
        failure(Errno.EAGAIN, () -> PosixSocket.connect(fd, path()));
    }

    @Test
    void namesOfNumbersThatAreNoSocketsAreRefused() throws Exception {
        int closed = Fds.NEVER_OPEN;
        assertThat(failure(Errno.EBADF, () -> PosixSocket.getsockname(closed)))
                .hasMessage("getsockname(fd " + closed + "): EBADF (Bad file descriptor)");
        int epoll = fds.keep(PosixSocket.epoll_create1(0));
        failure(Errno.ENOTSOCK, () -> PosixSocket.getsockname(epoll));
        failure(Errno.ENOTSOCK, () -> PosixSocket.getpeername(epoll));
        failure(Errno.ENOTSOCK, () -> PosixSocket.bind(epoll, path()));
        failure(Errno.ENOTSOCK, () -> PosixSocket.recv(epoll, ByteBuffer.allocate(1), 0));
    }

    @Test
    void whatNeedsAConnectionIsEnotconnWithoutOne() throws Exception {
        int tcp = fds.tcp();
        failure(Errno.ENOTCONN, () -> PosixSocket.getpeername(tcp));
        failure(Errno.ENOTCONN, () -> PosixSocket.recv(tcp, ByteBuffer.allocate(1), 0));
        failure(Errno.ENOTCONN, () -> PosixSocket.shutdown(tcp, SHUT_RDWR));
        int unix = fds.stream();
        failure(Errno.ENOTCONN, () -> PosixSocket.getpeername(unix));
        failure(Errno.ENOTCONN, () -> PosixSocket.send(unix, Fds.direct(1), 0));
        assertThat(failure(Errno.ENOTCONN, () -> PosixSocket.peerCredentials(unix)))
                .hasMessageContaining("SO_PEERCRED");
    }

    @Test
    void optionsAreReadAndSet() throws Exception {
        int fd = fds.tcp();
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_DOMAIN)).isEqualTo(AF_INET);
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_TYPE)).isEqualTo(SOCK_STREAM);
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_PROTOCOL)).isEqualTo(IPPROTO_TCP);
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_ERROR)).isZero();
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN)).isZero();
        for (int on : new int[] {1, 0}) {
            PosixSocket.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, on);
            assertThat(PosixSocket.getsockopt(fd, IPPROTO_TCP, TCP_NODELAY)).isEqualTo(on);
            PosixSocket.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on);
            assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_REUSEADDR)).isEqualTo(on);
        }
        PosixSocket.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, 10_000);
        assertThat(PosixSocket.getsockopt(fd, SOL_SOCKET, SO_RCVBUF))
                .as("Linux doubles it")
                .isEqualTo(20_000);
    }

    @Test
    void anOptionThatDoesNotExistIsEnoprotoopt() throws Exception {
        int fd = fds.stream();
        assertThat(failure(Errno.ENOPROTOOPT, () -> PosixSocket.getsockopt(fd, SOL_SOCKET, NO_SUCH_OPTION)))
                .hasMessage("getsockopt(fd " + fd + ", 1, 9999): ENOPROTOOPT (Protocol not available)");
        assertThat(failure(Errno.ENOPROTOOPT, () -> PosixSocket.setsockopt(fd, SOL_SOCKET, NO_SUCH_OPTION, 5)))
                .hasMessage("setsockopt(fd " + fd + ", 1, 9999, 5): ENOPROTOOPT (Protocol not available)");
    }

    @Test
    void anOptionThatIsNoIntIsNotReadAsOne() throws Exception {
        int fd = fds.stream();
        failure(Errno.EINVAL, () -> PosixSocket.getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO));
        failure(Errno.EINVAL, () -> PosixSocket.getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO));
        failure(Errno.EINVAL, () -> PosixSocket.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, 5));
    }

    @Test
    void aReceiveTimeoutEndsARecvAndNotBeforeItsTime() throws Exception {
        int[] pair = fds.streamPair();
        for (long nanos : new long[] {1, 1_000, 3_000_001, 30_000_000}) {
            PosixSocket.setsockopt(pair[0], SockOpt.SO_RCVTIMEO, Duration.ofNanos(nanos));
            long start = System.nanoTime();
            failure(Errno.EAGAIN, () -> PosixSocket.recv(pair[0], ByteBuffer.allocate(1), 0));
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(nanos);
        }
        PosixSocket.setsockopt(pair[0], SockOpt.SO_RCVTIMEO, Duration.ZERO);
        Caller<Integer> unlimited = Caller.start(() -> PosixSocket.recv(pair[0], ByteBuffer.allocate(1), 0))
                .awaitBlockedIn("recv");
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(unlimited.result()).isEqualTo(1);
    }

    @Test
    void aNegativeTimeoutIsRefused() throws Exception {
        int fd = fds.stream();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixSocket.setsockopt(fd, SockOpt.SO_RCVTIMEO, Duration.ofNanos(-1)))
                .withMessage("optval is PT-0.000000001S, must not be negative");
    }

    @Test
    void thePeerOfASocketpairIsThisProcess() throws Exception {
        int[] pair = fds.streamPair();
        PeerCredentials peer = PosixSocket.peerCredentials(pair[0]);
        assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(peer.uid()).isEqualTo(effective("Uid:")).isEqualTo(PosixSocket.geteuid());
        assertThat(peer.gid()).isEqualTo(effective("Gid:"));
        assertThat(peer)
                .hasToString("pid " + peer.pid() + ", uid " + peer.uid() + ", gid " + peer.gid() + ", groups "
                        + peer.groups().orElseThrow());
    }

    private static long effective(String key) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(key)) return Long.parseLong(line.split("\\s+", -1)[2]);
        }
        throw new AssertionError(key);
    }

    @Test
    void peersOverTcpHaveNoCredentials() throws Exception {
        int listener = fds.listener(Fds.LOOPBACK);
        int client = fds.tcp();
        PosixSocket.connect(client, PosixSocket.getsockname(listener));
        assertThat(failure(Errno.EOPNOTSUPP, () -> PosixSocket.peerCredentials(client)))
                .hasMessageStartingWith("getsockopt(fd " + client + ", SO_PEERCRED): EOPNOTSUPP");
    }

    @Test
    void shutdownEndsOneDirectionAtATime() throws Exception {
        int[] pair = fds.streamPair();
        PosixSocket.shutdown(pair[0], SHUT_WR);
        assertThat(PosixSocket.recv(pair[1], ByteBuffer.allocate(1), 0)).isZero();
        assertThat(PosixSocket.send(pair[1], Fds.direct(1), 0)).isEqualTo(1);
        assertThat(PosixSocket.recv(pair[0], ByteBuffer.allocate(1), 0)).isEqualTo(1);
        assertThat(failure(Errno.EINVAL, () -> PosixSocket.shutdown(pair[0], 99)))
                .hasMessage("shutdown(fd " + pair[0] + ", 99): EINVAL (Invalid argument)");
    }

    @Test
    void closingTwiceIsEbadf() throws Exception {
        int fd = PosixIo.fcntl(fds.stream(), SocketConstants.F_DUPFD, Fds.NEVER_OPEN); // nobody gets it in between
        PosixSocket.close(fd);
        assertThat(Descriptors.isOpen(fd)).isFalse();
        assertThat(failure(Errno.EBADF, () -> PosixSocket.close(fd)))
                .hasMessage("close(fd " + fd + "): EBADF (Bad file descriptor)");
    }

    @Test
    void sendingToAPeerThatIsGoneIsEpipeAndKillsNobody() throws Exception {
        int[] pair = fds.streamPair();
        fds.close(pair[1]);
        // without MSG_NOSIGNAL the JVM's own handler would hide the signal: SystemCallTest looks at the system call
        assertThat(failure(Errno.EPIPE, () -> PosixSocket.send(pair[0], Fds.direct(1), 0)))
                .hasMessage("send(fd " + pair[0] + "): EPIPE (Broken pipe)");
    }

    @Test
    void receivingWithoutBytesUnderDontwaitIsEagain() throws Exception {
        int[] pair = fds.streamPair();
        ByteBuffer buf = ByteBuffer.allocate(8).position(3);
        assertThat(failure(Errno.EAGAIN, () -> PosixSocket.recv(pair[0], buf, MSG_DONTWAIT)))
                .hasMessage("recv(fd " + pair[0] + "): EAGAIN (Resource temporarily unavailable)");
        assertThat(buf.position()).isEqualTo(3);
    }

    @Test
    void constantsThatThePlatformLacksAreRefusedByNameOfFunctionAndPlatform() throws Exception {
        int fd = fds.stream();
        ByteBuffer buf = ByteBuffer.allocate(1);
        assertNotDefined("socket", () -> PosixSocket.socket(NOT_DEFINED, SOCK_STREAM, 0));
        assertNotDefined("socket", () -> PosixSocket.socket(AF_UNIX, SOCK_STREAM | NOT_DEFINED, 0));
        assertNotDefined("socketpair", () -> PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, NOT_DEFINED));
        assertNotDefined("accept4", () -> PosixSocket.accept4(fd, SOCK_CLOEXEC | NOT_DEFINED));
        assertNotDefined("getsockopt", () -> PosixSocket.getsockopt(fd, NOT_DEFINED, 1));
        assertNotDefined("setsockopt", () -> PosixSocket.setsockopt(fd, SOL_SOCKET, NOT_DEFINED, 1));
        assertNotDefined("send", () -> PosixSocket.send(fd, buf, MSG_DONTWAIT | NOT_DEFINED));
        assertNotDefined("recv", () -> PosixSocket.recv(fd, buf, NOT_DEFINED));
        assertNotDefined("poll", () -> PosixSocket.poll(new Pollfd[] {new Pollfd(fd, POLLIN | NOT_DEFINED)}, 0));
    }

    private static void assertNotDefined(String function, ThrowingCallable call) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(call)
                .withMessage(function + ": one of its arguments is not defined on " + System.getProperty("os.name"));
    }

    @Test
    void everyDescriptorIsCloseOnExec() throws Exception {
        int listener = fds.listener(path());
        int[] pair = fds.streamPair();
        int first = fds.stream();
        PosixSocket.connect(first, path());
        int second = fds.keep(PosixSocket.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
        PosixSocket.connect(second, path());
        int accepted = fds.keep(PosixSocket.accept(listener));
        int accepted4 = fds.keep(PosixSocket.accept4(listener, SOCK_NONBLOCK));
        int epoll = fds.keep(PosixSocket.epoll_create1(0));
        int file = fds.keep(PosixFile.open(dir + "/f", PosixFile.O_RDWR | PosixFile.O_CREAT, 0600));
        int inet6 = fds.keep(PosixSocket.socket(AF_INET6, SOCK_DGRAM, 0));
        for (int fd : new int[] {listener, pair[0], pair[1], first, second, accepted, accepted4, epoll, file, inet6})
            assertThat(Descriptors.isCloseOnExec(fd)).as(Descriptors.target(fd)).isTrue();
    }

    @Test
    void aFailedCallLeavesNoDescriptorBehind() throws Exception {
        int before = Descriptors.sockets().size();
        for (int i = 0; i < 200; i++) {
            failure(Errno.EAFNOSUPPORT, () -> PosixSocket.socket(4711, SOCK_STREAM, 0));
            failure(Errno.EOPNOTSUPP, () -> PosixSocket.socketpair(AF_INET, SOCK_STREAM, 0));
        }
        assertThat(Descriptors.sockets()).hasSize(before);
    }
}

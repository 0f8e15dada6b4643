package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_INET6;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_DONTWAIT;
import static io.posixsocket.SocketConstants.MSG_EOR;
import static io.posixsocket.SocketConstants.MSG_PEEK;
import static io.posixsocket.SocketConstants.MSG_TRUNC;
import static io.posixsocket.SocketConstants.NOT_DEFINED;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_SEQPACKET;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that carry addresses, several buffers and ancillary data; SCM_RIGHTS has a class of its own. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class MessageTest {
    private static final Sockaddr LOOPBACK6 = Sockaddr.parse("ipv6:[::1]:0");

    @TempDir
    private Path dir;

    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    private SockaddrUn path(String name) {
        return SockaddrUn.path(dir.resolve(name));
    }

    private int datagrams(Sockaddr addr) throws ErrnoException {
        int fd = fds.keep(PosixSocket.socket(addr.family(), SOCK_DGRAM, 0));
        PosixSocket.bind(fd, addr);
        return fd;
    }

    private static ByteBuffer bytes(boolean direct, int... bytes) {
        return direct ? Fds.direct(bytes) : ByteBuffer.wrap(Fds.array(bytes));
    }

    private static ByteBuffer room(boolean direct, int size) {
        return direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    }

    private static ErrnoException failure(Errno errno, ThrowingCallable call) {
        ErrnoException e = catchThrowableOfType(ErrnoException.class, call);
        assertThat(e).as("must fail with %s", errno).isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        return e;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramsCarryTheAddressOfTheirSenderBothWays(boolean direct) throws Exception {
        for (Sockaddr any : new Sockaddr[] {path("a"), SockaddrUn.unnamed(), Fds.LOOPBACK, LOOPBACK6}) {
            boolean autobind = any.equals(SockaddrUn.unnamed());
            int one = datagrams(any);
            int two = datagrams(any.equals(path("a")) ? path("b") : any);
            Sockaddr addressOfOne = PosixSocket.getsockname(one);
            if (autobind) assertThat(((SockaddrUn) addressOfOne).isAbstract()).isTrue();
            ByteBuffer sent = bytes(direct, 9, 1, 2, 3, 9).position(1).limit(4);
            assertThat(PosixSocket.sendto(two, sent, 0, addressOfOne)).isEqualTo(3);
            assertThat(sent.position()).isEqualTo(4);

            ByteBuffer got = room(direct, 8).position(2);
            Received received = PosixSocket.recvfrom(one, got, 0);
            assertThat(received).isEqualTo(new Received(3, PosixSocket.getsockname(two), 0));
            assertThat(got.position()).isEqualTo(5);
            assertThat(got.clear()).isEqualTo(ByteBuffer.wrap(Fds.array(0, 0, 1, 2, 3, 0, 0, 0)));

            PosixSocket.sendto(one, bytes(direct, 7), 0, received.address());
            assertThat(PosixSocket.recvfrom(two, room(direct, 1), 0).address()).isEqualTo(addressOfOne);
        }
    }

    @Test
    void partsOfArraysAreSentAndFilledAndNothingElse() throws Exception {
        int[] pair = fds.streamPair();
        byte[] in = new byte[6];
        assertThat(PosixSocket.send(pair[0], Fds.array(1, 2, 3, 4), 1, 2, 0)).isEqualTo(2);
        assertThat(PosixSocket.recv(pair[1], in, 2, 4, 0)).isEqualTo(2);
        assertThat(in).containsExactly(0, 0, 2, 3, 0, 0);

        int receiver = datagrams(path("a"));
        int sender = datagrams(path("b"));
        assertThat(PosixSocket.sendto(sender, Fds.array(1, 2, 3, 4), 3, 1, 0, path("a")))
                .isEqualTo(1);
        assertThat(PosixSocket.recvfrom(receiver, in, 5, 1, 0)).isEqualTo(new Received(1, path("b"), 0));
        assertThat(in).containsExactly(0, 0, 2, 3, 0, 4);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> PosixSocket.send(pair[0], in, 3, 4, 0));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> PosixSocket.recvfrom(receiver, in, -1, 4, 0));
    }

    @Test
    void sendersWithoutAddressHaveNone() throws Exception {
        int receiver = datagrams(path("a"));
        int unbound = fds.keep(PosixSocket.socket(AF_UNIX, SOCK_DGRAM, 0));
        PosixSocket.sendto(unbound, Fds.direct(1), 0, path("a"));
        assertThat(PosixSocket.recvfrom(receiver, ByteBuffer.allocate(1), 0)).isEqualTo(new Received(1, null, 0));
        int[] pair = fds.streamPair();
        PosixSocket.send(pair[0], Fds.direct(1), 0);
        assertThat(PosixSocket.recvfrom(pair[1], ByteBuffer.allocate(1), 0)).isEqualTo(new Received(1, null, 0));
    }

    @Test
    void aSenderOfAFamilyThatHasNoClassHereHasNoAddress() throws Exception {
        int netlink = fds.keep(PosixSocket.socket(16, SOCK_DGRAM, 0)); // answers to garbage with an error message
        ByteBuffer request = ByteBuffer.allocateDirect(16).order(java.nio.ByteOrder.nativeOrder());
        request.putInt(0, 16).putShort(4, (short) 9999).putShort(6, (short) 5);
        PosixSocket.send(netlink, request, 0);
        Received received = PosixSocket.recvfrom(netlink, ByteBuffer.allocate(100), 0);
        assertThat(received.count()).isPositive();
        assertThat(received.address()).isNull();
    }

    @Test
    void sendtoAndRecvfromNameTheirErrors() throws Exception {
        int fd = datagrams(path("a"));
        assertThat(failure(Errno.ENOENT, () -> PosixSocket.sendto(fd, Fds.direct(1), 0, path("none"))))
                .hasMessage("sendto(fd " + fd + ", " + path("none") + "): ENOENT (No such file or directory)");
        assertThat(failure(Errno.EAGAIN, () -> PosixSocket.recvfrom(fd, ByteBuffer.allocate(1), MSG_DONTWAIT)))
                .hasMessage("recvfrom(fd " + fd + "): EAGAIN (Resource temporarily unavailable)");
        assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(
                        () -> PosixSocket.recvfrom(fd, ByteBuffer.allocate(1).asReadOnlyBuffer(), 0));
        int[] pair = fds.streamPair();
        failure(Errno.EISCONN, () -> PosixSocket.sendto(pair[0], Fds.direct(1), 0, path("a")));
    }

    @Test
    void recvfromWithTruncTellsTheWholeLength() throws Exception {
        int fd = datagrams(path("a"));
        PosixSocket.sendto(fd, Fds.direct(1, 2, 3), 0, path("a"));
        ByteBuffer buf = ByteBuffer.allocate(2);
        assertThat(PosixSocket.recvfrom(fd, buf, MSG_TRUNC)).isEqualTo(new Received(3, path("a"), MSG_TRUNC));
        assertThat(buf.flip()).isEqualTo(ByteBuffer.wrap(Fds.array(1, 2)));
    }

    @Test
    void acceptTellsWhoConnected() throws Exception {
        int listener = fds.listener(path("l"));
        for (boolean bound : new boolean[] {true, false}) {
            int client = fds.stream();
            if (bound) PosixSocket.bind(client, path("client"));
            PosixSocket.connect(client, path("l"));
            Accepted accepted = PosixSocket.acceptfrom(listener, 0);
            int fd = fds.keep(accepted.fd().release());
            assertThat(accepted.address()).isEqualTo(bound ? path("client") : SockaddrUn.unnamed());
            assertThat(Descriptors.isCloseOnExec(fd)).isTrue();
        }
        int tcp = fds.listener(Fds.LOOPBACK);
        int client = fds.tcp();
        PosixSocket.connect(client, PosixSocket.getsockname(tcp));
        Accepted accepted = PosixSocket.acceptfrom(tcp, SocketConstants.SOCK_NONBLOCK);
        int fd = fds.keep(accepted.fd().release());
        assertThat(accepted.address()).isEqualTo(PosixSocket.getsockname(client));
        failure(Errno.EAGAIN, () -> PosixSocket.recv(fd, ByteBuffer.allocate(1), 0));
        int unbound = fds.stream();
        assertThat(failure(Errno.EINVAL, () -> PosixSocket.acceptfrom(unbound, 0))
                        .function())
                .isEqualTo("accept");
        failure(Errno.EINVAL, () -> PosixSocket.acceptfrom(unbound, SocketConstants.SOCK_NONBLOCK));
    }

    @Test
    void severalBuffersAreSentAndFilledOneAfterTheOther() throws Exception {
        int[] pair = fds.streamPair();
        ByteBuffer[] out = {
            bytes(true, 1, 2), bytes(false, 9, 3, 9).position(1).limit(2), room(false, 0), bytes(false, 4, 5, 6)
        };
        ByteBuffer[] in = {room(false, 2).position(1), room(true, 3), room(false, 1), room(false, 4)};
        Message sent = new Message(out);
        assertThat(PosixSocket.sendmsg(pair[0], sent, 0)).isEqualTo(6);
        assertThat(sent.length()).isEqualTo(6);
        for (ByteBuffer buffer : out) assertThat(buffer.hasRemaining()).isFalse();

        Message received = new Message(in);
        assertThat(PosixSocket.recvmsg(pair[1], received, 0)).isEqualTo(6);
        assertThat(in[0].clear()).isEqualTo(ByteBuffer.wrap(Fds.array(0, 1)));
        assertThat(in[1].clear()).isEqualTo(ByteBuffer.wrap(Fds.array(2, 3, 4)));
        assertThat(in[2].clear()).isEqualTo(ByteBuffer.wrap(Fds.array(5)));
        assertThat(in[3].position()).isEqualTo(1);
        assertThat(in[3].clear()).isEqualTo(ByteBuffer.wrap(Fds.array(6, 0, 0, 0)));
        assertThat(received.name()).isNull();
        assertThat(received.flags()).isZero();
    }

    @Test
    void anyPartitionOfAnyBytesArrivesWhole() throws Exception {
        long seed = System.nanoTime();
        System.out.println("MessageTest seed " + seed);
        Random random = new Random(seed);
        int[] pair = fds.keep(PosixSocket.socketpair(AF_UNIX, SOCK_SEQPACKET, 0));
        Message out = new Message();
        Message in = new Message();
        for (int round = 0; round < 300; round++) {
            byte[] bytes = new byte[random.nextInt(100_000)];
            random.nextBytes(bytes);
            out.buffers(parts(random, bytes, true));
            ByteBuffer[] room = parts(random, new byte[bytes.length + random.nextInt(10)], false);
            in.buffers(room);
            assertThat(PosixSocket.sendmsg(pair[0], out, 0)).isEqualTo(bytes.length);
            assertThat(PosixSocket.recvmsg(pair[1], in, 0)).isEqualTo(bytes.length);
            ByteBuffer all = ByteBuffer.allocate(bytes.length);
            for (ByteBuffer part : room) all.put(part.flip());
            assertThat(all.array()).isEqualTo(bytes);
        }
    }

    private static ByteBuffer[] parts(Random random, byte[] bytes, boolean filled) {
        ByteBuffer[] parts = new ByteBuffer[1 + random.nextInt(5)];
        int from = 0;
        for (int i = 0; i < parts.length; i++) {
            int size = i == parts.length - 1 ? bytes.length - from : random.nextInt(bytes.length - from + 1);
            parts[i] = room(random.nextBoolean(), size);
            if (filled) parts[i].put(bytes, from, size).flip();
            from += size;
        }
        return parts;
    }

    @Test
    void aMessageIsAnsweredAsItIs() throws Exception {
        int server = datagrams(path("server"));
        int client = datagrams(path("client"));
        PosixSocket.sendmsg(client, new Message(Fds.direct(1, 2)).name(path("server")), 0);
        ByteBuffer buf = ByteBuffer.allocateDirect(10);
        Message message = new Message(buf);
        PosixSocket.recvmsg(server, message, 0);
        assertThat(message.name()).isEqualTo(path("client"));
        buf.flip();
        PosixSocket.sendmsg(server, message, 0);
        assertThat(PosixSocket.recvfrom(client, ByteBuffer.allocate(10), 0))
                .isEqualTo(new Received(2, path("server"), 0));
    }

    @Test
    void theFlagsTellWhatWasCutAndWhereARecordEnds() throws Exception {
        int[] pair = fds.keep(PosixSocket.socketpair(AF_UNIX, SOCK_SEQPACKET, 0));
        Message message = new Message(ByteBuffer.allocate(2));
        PosixSocket.send(pair[0], Fds.direct(1, 2, 3), MSG_EOR);
        assertThat(PosixSocket.recvmsg(pair[1], message, MSG_PEEK)).isEqualTo(2);
        assertThat(message.isTruncated()).isTrue();
        assertThat(message.isControlTruncated()).isFalse();
        message.buffers(ByteBuffer.allocate(2));
        assertThat(PosixSocket.recvmsg(pair[1], message, MSG_TRUNC)).isEqualTo(3);
        assertThat(message.buffers().get(0).position()).isEqualTo(2);
        assertThat(message.flags() & MSG_TRUNC).isEqualTo(MSG_TRUNC);
    }

    @Test
    void aMessageOfNoBuffersIsAnEmptyDatagram() throws Exception {
        int[] pair = fds.datagramPair();
        assertThat(PosixSocket.sendmsg(pair[0], new Message(), 0)).isZero();
        assertThat(PosixSocket.recvmsg(pair[1], new Message(), MSG_DONTWAIT)).isZero();
    }

    @Test
    void messagesNameTheirErrors() throws Exception {
        int[] pair = fds.streamPair();
        Message message = new Message(ByteBuffer.allocate(1));
        assertThat(failure(Errno.EAGAIN, () -> PosixSocket.recvmsg(pair[0], message, MSG_DONTWAIT)))
                .hasMessage("recvmsg(fd " + pair[0] + "): EAGAIN (Resource temporarily unavailable)");
        ByteBuffer[] many = new ByteBuffer[1025];
        java.util.Arrays.fill(many, ByteBuffer.allocateDirect(1));
        failure(Errno.EMSGSIZE, () -> PosixSocket.sendmsg(pair[0], new Message(many), 0));
        failure(Errno.EMSGSIZE, () -> PosixSocket.recvmsg(pair[0], new Message(many), 0));
        fds.close(pair[1]);
        assertThat(failure(Errno.EPIPE, () -> PosixSocket.sendmsg(pair[0], message, 0)))
                .hasMessage("sendmsg(fd " + pair[0] + "): EPIPE (Broken pipe)");
        assertThat(message.buffers().get(0).position()).isZero();
        int fd = datagrams(path("a"));
        assertThat(failure(Errno.ENOENT, () -> PosixSocket.sendmsg(fd, message.name(path("b")), 0)))
                .hasMessageStartingWith("sendmsg(fd " + fd + ", " + path("b") + "): ENOENT");
        assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(() -> PosixSocket.recvmsg(
                        fd, new Message(ByteBuffer.allocate(1).asReadOnlyBuffer()), 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> message.controlCapacity(-1))
                .withMessage("controlCapacity is -1, must be at least 0");
    }

    @Test
    void aMessageInUseIsRefusedAndUsableAgainAfterwards() throws Exception {
        int[] pair = fds.streamPair();
        Message message = new Message(ByteBuffer.allocate(4));
        Caller<Integer> receiver =
                Caller.start(() -> PosixSocket.recvmsg(pair[0], message, 0)).awaitBlockedIn("recvmsg");
        assertThatIllegalStateException()
                .isThrownBy(() -> PosixSocket.recvmsg(pair[1], message, 0))
                .withMessage("the message is in use by another call");
        assertThatIllegalStateException().isThrownBy(() -> message.buffers(ByteBuffer.allocate(1)));
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(receiver.result()).isEqualTo(1);
        assertThatIllegalStateException()
                .isThrownBy(() -> PosixSocket.sendmmsg(pair[0], new Message[] {message, message}, 0));
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(PosixSocket.recvmsg(pair[0], message, 0)).isEqualTo(1);
    }

    @Test
    void sendmmsgAndRecvmmsgCarryManyDatagramsAtOnce() throws Exception {
        int receiver = datagrams(path("a"));
        int sender = datagrams(path("b"));
        Message[] out = new Message[5];
        Message[] in = new Message[7];
        for (int i = 0; i < out.length; i++)
            out[i] = new Message(bytes(i % 2 == 0, i, i), bytes(i % 2 != 0, i + 1)).name(path("a"));
        for (int i = 0; i < in.length; i++) in[i] = new Message(room(i % 2 != 0, 1), room(i % 2 == 0, 5));
        assertThat(PosixSocket.sendmmsg(sender, out, 0)).isEqualTo(5);
        assertThat(PosixSocket.recvmmsg(receiver, in, MSG_DONTWAIT, null)).isEqualTo(5);
        for (int i = 0; i < 5; i++) {
            assertThat(out[i].length()).isEqualTo(3);
            assertThat(in[i].length()).isEqualTo(3);
            assertThat(in[i].name()).isEqualTo(path("b"));
            assertThat(in[i].buffers().get(0).get(0)).isEqualTo((byte) i);
            assertThat(in[i].buffers().get(1).flip()).isEqualTo(ByteBuffer.wrap(Fds.array(i, i + 1)));
        }
        assertThat(in[5].name()).isNull();
        assertThat(in[5].buffers().get(0).position()).isZero();
    }

    @Test
    void recvmmsgEndsAtItsTimeoutOnceAMessageCame() throws Exception {
        int[] pair = fds.datagramPair();
        PosixSocket.send(pair[0], Fds.direct(1), 0);
        Message[] in = {new Message(ByteBuffer.allocate(1)), new Message(ByteBuffer.allocate(1))};
        assertThat(PosixSocket.recvmmsg(pair[1], in, 0, Duration.ZERO)).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixSocket.recvmmsg(pair[1], in, 0, Duration.ofNanos(-1)))
                .withMessage("timeout is PT-0.000000001S, must not be negative");
        assertThat(failure(Errno.EAGAIN, () -> PosixSocket.recvmmsg(pair[1], in, MSG_DONTWAIT, Duration.ofDays(1))))
                .hasMessage("recvmmsg(fd " + pair[1] + ", 2): EAGAIN (Resource temporarily unavailable)");
        fds.close(pair[1]);
        failure(Errno.ECONNREFUSED, () -> PosixSocket.sendmmsg(pair[0], new Message[] {new Message()}, 0));
    }

    @Test
    void credentialsSayWhoSent() throws Exception {
        int[] pair = fds.datagramPair();
        PosixSocket.setsockopt(pair[1], SockOpt.SO_PASSCRED, true);
        PeerCredentials self = PosixSocket.peerCredentials(pair[0]);
        Ucred ucred = new Ucred(self.pid(), self.uid(), self.gid());
        Message in = new Message(ByteBuffer.allocate(1)).controlCapacity(ControlMessage.space(12));
        for (Message out : new Message[] {
            new Message(Fds.direct(1)), new Message(Fds.direct(1)).control(new ControlMessage.ScmCredentials(ucred))
        }) {
            PosixSocket.sendmsg(pair[0], out, 0);
            in.buffers().get(0).clear();
            PosixSocket.recvmsg(pair[1], in, 0);
            assertThat(in.control()).containsExactly(new ControlMessage.ScmCredentials(ucred));
        }
        ControlMessage forged = new ControlMessage.ScmCredentials(new Ucred(0x3fffffff, self.uid(), self.gid()));
        Message lie = new Message(Fds.direct(1)).control(forged);
        ErrnoException e = catchThrowableOfType(ErrnoException.class, () -> PosixSocket.sendmsg(pair[0], lie, 0));
        assertThat(e.errno()).isIn(Errno.EPERM, Errno.ESRCH);
        assertThat(lie.buffers().get(0).position()).isZero();
    }

    @Test
    void timestampsSayWhenADatagramCame() throws Exception {
        int receiver = datagrams(Fds.LOOPBACK);
        PosixSocket.setsockopt(receiver, SockOpt.SO_TIMESTAMP, true);
        Instant before = Instant.now();
        PosixSocket.sendto(receiver, Fds.direct(1), 0, PosixSocket.getsockname(receiver));
        Message in = new Message(ByteBuffer.allocate(1)).controlCapacity(100);
        PosixSocket.recvmsg(receiver, in, 0);
        assertThat(in.control()).hasSize(1);
        Instant time = ((ControlMessage.ScmTimestamp) in.control().get(0)).time();
        assertThat(time).isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
    }

    @Test
    void packetInfoTellsWhereADatagramArrivedAndChoosesFromWhereItGoes() throws Exception {
        int receiver = datagrams(Sockaddr.parse("ipv4:0.0.0.0:0"));
        PosixSocket.setsockopt(receiver, SockOpt.IP_PKTINFO, true);
        int port = ((SockaddrIn) PosixSocket.getsockname(receiver)).port();
        int sender = fds.keep(PosixSocket.socket(AF_INET, SOCK_DGRAM, 0));
        Inet4Address any = SockaddrIn.inet(new byte[4]);
        Inet4Address source = SockaddrIn.inet(new byte[] {127, 0, 0, 77});
        Message out = new Message(Fds.direct(1)).name(Sockaddr.parse("ipv4:127.0.0.55:" + port));
        PosixSocket.sendmsg(sender, out.control(new ControlMessage.IpPktinfo(0, source, any)), 0);
        Message in = new Message(ByteBuffer.allocate(1)).controlCapacity(100);
        PosixSocket.recvmsg(receiver, in, 0);
        assertThat(((SockaddrIn) in.name()).address()).isEqualTo(source);
        Inet4Address destination = SockaddrIn.inet(new byte[] {127, 0, 0, 55});
        assertThat(in.control()).hasSize(1);
        ControlMessage.IpPktinfo info = (ControlMessage.IpPktinfo) in.control().get(0);
        assertThat(info.addr()).isEqualTo(destination);
        assertThat(info.ifindex()).isPositive();
    }

    @Test
    void packetInfoOfIpv6TellsWhereADatagramArrived() throws Exception {
        int receiver = datagrams(Sockaddr.parse("ipv6:[::]:0"));
        PosixSocket.setsockopt(receiver, SockOpt.IPV6_RECVPKTINFO, true);
        int port = ((SockaddrIn6) PosixSocket.getsockname(receiver)).port();
        int sender = fds.keep(PosixSocket.socket(AF_INET6, SOCK_DGRAM, 0));
        Inet6Address loopback = ((SockaddrIn6) LOOPBACK6).address();
        Message out = new Message(Fds.direct(1)).name(Sockaddr.parse("ipv6:[::1]:" + port));
        PosixSocket.sendmsg(sender, out.control(new ControlMessage.Ipv6Pktinfo(loopback, 0)), 0);
        Message in = new Message(ByteBuffer.allocate(1)).controlCapacity(100);
        PosixSocket.recvmsg(receiver, in, 0);
        assertThat(in.control()).hasSize(1);
        ControlMessage.Ipv6Pktinfo info =
                (ControlMessage.Ipv6Pktinfo) in.control().get(0);
        assertThat(info.addr()).isEqualTo(loopback);
        assertThat(info.ifindex()).isPositive();
    }

    @Test
    void whatHasNoClassArrivesRaw() throws Exception {
        int receiver = datagrams(Fds.LOOPBACK);
        int ipRecvttl = 12;
        PosixSocket.setsockopt(receiver, SocketConstants.IPPROTO_IP, ipRecvttl, 1);
        int sender = fds.keep(PosixSocket.socket(AF_INET, SOCK_DGRAM, 0));
        byte[] ttl = StructLayout.allocate(4).putInt(42).array();
        Message out = new Message(Fds.direct(1)).name(PosixSocket.getsockname(receiver));
        out.control(new ControlMessage.Raw(SocketConstants.IPPROTO_IP, SocketConstants.IP_TTL, ttl));
        PosixSocket.sendmsg(sender, out, 0);
        Message in = new Message(ByteBuffer.allocate(1)).controlCapacity(100);
        PosixSocket.recvmsg(receiver, in, 0);
        assertThat(in.control())
                .containsExactly(new ControlMessage.Raw(SocketConstants.IPPROTO_IP, SocketConstants.IP_TTL, ttl));
    }

    @Test
    void ancillaryDataThatDoesNotFitIsCutAndSaysSo() throws Exception {
        int[] pair = fds.datagramPair();
        PosixSocket.setsockopt(pair[1], SockOpt.SO_PASSCRED, true);
        Message in = new Message(ByteBuffer.allocate(9)).controlCapacity(ControlMessage.space(4));
        PosixSocket.send(pair[0], Fds.direct(1), 0);
        PosixSocket.recvmsg(pair[1], in, 0);
        assertThat(in.isControlTruncated()).isTrue();
        assertThat(in.control()).noneMatch(ControlMessage.ScmCredentials.class::isInstance);
        in.controlCapacity(0);
        PosixSocket.send(pair[0], Fds.direct(1), 0);
        PosixSocket.recvmsg(pair[1], in, 0);
        assertThat(in.isControlTruncated()).isTrue();
        assertThat(in.control()).isEmpty();
    }

    @Test
    void theMarkIsWhereTheUrgentByteWasSent() throws Exception {
        int listener = fds.listener(Fds.LOOPBACK);
        int client = fds.tcp();
        PosixSocket.connect(client, PosixSocket.getsockname(listener));
        int server = fds.keep(PosixSocket.accept(listener));
        PosixSocket.setsockopt(server, SockOpt.SO_OOBINLINE, true);
        PosixSocket.send(client, Fds.direct(1), 0);
        PosixSocket.send(client, Fds.direct(2), SocketConstants.MSG_OOB);
        Pollfd[] urgent = {new Pollfd(server, SocketConstants.POLLPRI)};
        assertThat(PosixSocket.poll(urgent, 10_000)).isEqualTo(1);
        assertThat(PosixSocket.sockatmark(server)).isFalse();
        assertThat(PosixSocket.recv(server, ByteBuffer.allocate(9), 0))
                .as("stops at the mark")
                .isEqualTo(1);
        assertThat(PosixSocket.sockatmark(server)).isTrue();
        int epoll = fds.keep(PosixSocket.epoll_create1(0));
        ErrnoException e = catchThrowableOfType(ErrnoException.class, () -> PosixSocket.sockatmark(epoll));
        assertThat(e.errno()).isIn(Errno.EINVAL, Errno.ENOTTY);
    }

    @Test
    void constantsThatThePlatformLacksAreRefused() throws Exception {
        int fd = fds.stream();
        ByteBuffer buf = ByteBuffer.allocate(1);
        Message message = new Message(buf);
        assertNotDefined(() -> PosixSocket.sendto(fd, buf, NOT_DEFINED, path("a")));
        assertNotDefined(() -> PosixSocket.recvfrom(fd, buf, NOT_DEFINED));
        assertNotDefined(() -> PosixSocket.sendmsg(fd, message, NOT_DEFINED));
        assertNotDefined(() -> PosixSocket.recvmsg(fd, message, NOT_DEFINED));
        assertNotDefined(() -> PosixSocket.sendmmsg(fd, new Message[] {message}, NOT_DEFINED));
        assertNotDefined(() -> PosixSocket.recvmmsg(fd, new Message[] {message}, NOT_DEFINED, null));
        assertNotDefined(() -> PosixSocket.acceptfrom(fd, NOT_DEFINED));
    }

    private static void assertNotDefined(ThrowingCallable call) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(call)
                .withMessageContaining("not defined on Linux");
    }

    @Test
    void aStreamTakesWhatFitsOfSeveralBuffers() throws Exception {
        int[] pair = fds.keep(PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0));
        ByteBuffer first = ByteBuffer.allocate(1000);
        ByteBuffer second = ByteBuffer.allocateDirect(8 << 20);
        int n = PosixSocket.sendmsg(pair[0], new Message(first, second), MSG_DONTWAIT);
        assertThat(n).isGreaterThan(1000).isLessThan(8 << 20);
        assertThat(first.hasRemaining()).isFalse();
        assertThat(second.position()).isEqualTo(n - 1000);
    }
}

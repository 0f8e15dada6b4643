package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_DONTWAIT;
import static io.posixsocket.SocketConstants.MSG_PEEK;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.posixsocket.ControlMessage.Raw;
import io.posixsocket.ControlMessage.ScmPidfd;
import io.posixsocket.ControlMessage.ScmRights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptors in messages: who owns them, and that none is left over, whatever becomes of the message. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class ScmRightsTest {
    private final Deque<OwnedFd> owned = new ArrayDeque<>();

    @AfterEach
    void closeAll() {
        owned.forEach(OwnedFd::close);
    }

    private OwnedFd own(OwnedFd fd) {
        owned.push(fd);
        return fd;
    }

    private OwnedFd[] pair() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        return new OwnedFd[] {own(OwnedFd.adopt(pair[0])), own(OwnedFd.adopt(pair[1]))};
    }

    private static Message sending(OwnedFd... fds) {
        return new Message(Fds.direct(1)).control(new ScmRights(fds));
    }

    private static Message receiving(int descriptors) {
        return new Message(ByteBuffer.allocateDirect(1)).controlCapacity(ControlMessage.space(4 * descriptors));
    }

    private static int sockets() {
        return Descriptors.sockets().size();
    }

    private List<OwnedFd> taken(Message message) {
        assertThat(message.control()).hasSize(1);
        List<OwnedFd> fds = message.takeFds();
        assertThat(((ScmRights) message.control().get(0)).fds()).isEqualTo(fds);
        assertThat(message.takeFds()).as("taken once").isEmpty();
        fds.forEach(this::own);
        return fds;
    }

    @Test
    void aDescriptorArrivesOpenCloseOnExecAndForTheSameSocket() throws Exception {
        OwnedFd[] carrier = pair();
        OwnedFd[] passed = pair();
        assertThat(carrier[0].sendmsg(sending(passed[0], passed[1]), 0)).isEqualTo(1);
        Message in = receiving(2);
        assertThat(carrier[1].recvmsg(in, 0)).isEqualTo(1);
        assertThat(in.isControlTruncated()).isFalse();
        assertThat(in.flags()).isZero();
        List<OwnedFd> arrived = taken(in);
        assertThat(arrived).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(arrived.get(i).number()).isNotEqualTo(passed[i].number());
            assertThat(Descriptors.target(arrived.get(i).number())).isEqualTo(Descriptors.target(passed[i].number()));
            assertThat(Descriptors.isCloseOnExec(arrived.get(i).number())).isTrue();
            assertThat(passed[i].isOpen()).as("the sender keeps its own").isTrue();
        }
        passed[0].close();
        passed[1].close();
        arrived.get(0).send(Fds.direct(42), 0);
        ByteBuffer buf = ByteBuffer.allocate(1);
        arrived.get(1).recv(buf, 0);
        assertThat(buf.get(0)).isEqualTo((byte) 42);
    }

    @Test
    void thePlainNumberGoesRaw() throws Exception {
        OwnedFd[] carrier = pair();
        byte[] number = StructLayout.allocate(4).putInt(carrier[0].number()).array();
        Message out = new Message(Fds.direct(1)).control(new Raw(SOL_SOCKET, SocketConstants.SCM_RIGHTS, number));
        carrier[0].sendmsg(out, 0);
        Message in = receiving(1);
        carrier[1].recvmsg(in, 0);
        assertThat(Descriptors.target(taken(in).get(0).number())).isEqualTo(Descriptors.target(carrier[0].number()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void descriptorsThatDoNotAllFitAreAllClosed(int room) throws Exception {
        OwnedFd[] carrier = pair();
        carrier[0].sendmsg(sending(carrier[0], carrier[0], carrier[0], carrier[0], carrier[0]), 0);
        int before = sockets();
        Message in = new Message(ByteBuffer.allocate(5)).controlCapacity(room == 0 ? 0 : CmsgLayout.DATA + 4 * room);
        assertThat(carrier[1].recvmsg(in, 0)).isEqualTo(1);
        assertThat(in.isControlTruncated()).isTrue();
        assertThat(in.control()).noneMatch(ScmRights.class::isInstance);
        assertThat(sockets()).isEqualTo(before);
        assertThat(in.buffers().get(0).position())
                .as("the bytes came all the same")
                .isEqualTo(1);
    }

    @Test
    void descriptorsThatNobodyTookAreClosedByTheNextCallByClearAndByClose() throws Exception {
        OwnedFd[] carrier = pair();
        Message in = receiving(1);
        int before = sockets();
        for (int i = 0; i < 3; i++) {
            carrier[0].sendmsg(sending(carrier[0]), 0);
            in.buffers().get(0).clear();
            carrier[1].recvmsg(in, 0);
            assertThat(sockets()).isEqualTo(before + 1);
        }
        ErrnoException e = catchThrowableOfType(ErrnoException.class, () -> carrier[1].recvmsg(in, MSG_DONTWAIT));
        assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
        assertThat(sockets()).isEqualTo(before);

        carrier[0].sendmsg(sending(carrier[0]), 0);
        in.buffers().get(0).clear();
        carrier[1].recvmsg(in, 0);
        assertThat(in.control()).as("to look is not to take").hasSize(1);
        in.clear();
        assertThat(sockets()).isEqualTo(before);
        assertThat(in.control()).isEmpty();

        carrier[0].sendmsg(sending(carrier[0]), 0);
        try (Message last = receiving(1)) {
            carrier[1].recvmsg(last, 0);
            assertThat(sockets()).isEqualTo(before + 1);
        }
        assertThat(sockets()).isEqualTo(before);
    }

    @Test
    void descriptorsThatWereTakenStayOpenWhenTheMessageIsUsedAgain() throws Exception {
        OwnedFd[] carrier = pair();
        carrier[0].sendmsg(sending(carrier[0]), 0);
        Message in = receiving(1);
        carrier[1].recvmsg(in, 0);
        OwnedFd arrived = taken(in).get(0);
        in.clear();
        in.close();
        assertThat(arrived.isOpen()).isTrue();
        assertThat(Descriptors.isOpen(arrived.number())).isTrue();
    }

    @Test
    void aPeekGivesDescriptorsOfItsOwn() throws Exception {
        OwnedFd[] carrier = pair();
        carrier[0].sendmsg(sending(carrier[0]), 0);
        Message in = receiving(1);
        carrier[1].recvmsg(in, MSG_PEEK);
        OwnedFd peeked = taken(in).get(0);
        in.buffers().get(0).clear();
        carrier[1].recvmsg(in, 0);
        OwnedFd arrived = taken(in).get(0);
        assertThat(arrived.number()).isNotEqualTo(peeked.number());
    }

    @Test
    void aPlainReceiverLeavesNoneBehind() throws Exception {
        OwnedFd[] carrier = pair();
        int before = sockets();
        for (int i = 0; i < 2; i++) carrier[0].sendmsg(sending(carrier[0]), 0);
        assertThat(carrier[1].recv(ByteBuffer.allocate(1), 0)).isEqualTo(1);
        assertThat(carrier[1].recvfrom(ByteBuffer.allocate(1), 0).count()).isEqualTo(1);
        assertThat(sockets()).isEqualTo(before);
    }

    @Test
    void recvmmsgOwnsTheDescriptorsOfEveryMessage() throws Exception {
        int[] numbers = PosixSocket.socketpair(AF_UNIX, SocketConstants.SOCK_DGRAM, 0);
        OwnedFd[] carrier = {own(OwnedFd.adopt(numbers[0])), own(OwnedFd.adopt(numbers[1]))};
        Message[] out = {sending(carrier[0]), sending(carrier[0], carrier[0]), sending(carrier[1])};
        int before = sockets();
        assertThat(carrier[0].<Integer>lend(fd -> PosixSocket.sendmmsg(fd, out, 0)))
                .isEqualTo(3);
        Message[] in = {receiving(1), receiving(0), receiving(3)};
        assertThat(carrier[1].<Integer>lend(fd -> PosixSocket.recvmmsg(fd, in, 0, null)))
                .isEqualTo(3);
        assertThat(taken(in[0])).hasSize(1);
        assertThat(in[1].isControlTruncated()).isTrue();
        assertThat(taken(in[2])).hasSize(1);
        assertThat(sockets()).isEqualTo(before + 2);
    }

    @Test
    void aClosedDescriptorIsNotSentAndTheOthersAreReturned() throws Exception {
        OwnedFd[] carrier = pair();
        OwnedFd[] passed = pair();
        passed[1].close();
        Message out = sending(passed[0], passed[1]);
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> carrier[0].sendmsg(out, 0));
        assertThatExceptionOfType(ClosedChannelException.class)
                .isThrownBy(() -> carrier[0].lend(fd -> PosixSocket.sendmmsg(fd, new Message[] {out}, 0)));
        int number = passed[0].number();
        passed[0].close(); // nobody is inside any more: closed at once
        assertThat(Descriptors.isOpen(number)).isFalse();
        assertThat(carrier[0].sendmsg(new Message(Fds.direct(1)), 0)).isEqualTo(1);
    }

    @Test
    void tooManyDescriptorsAreEinvalAndAllReturned() throws Exception {
        OwnedFd[] carrier = pair();
        OwnedFd[] many = new OwnedFd[254];
        Arrays.fill(many, carrier[0]);
        ErrnoException e =
                catchThrowableOfType(ErrnoException.class, () -> carrier[0].sendmsg(sending(many), MSG_DONTWAIT));
        assertThat(e.errno()).isEqualTo(Errno.EINVAL);
        OwnedFd[] most = Arrays.copyOf(many, 253);
        carrier[0].sendmsg(sending(most), 0);
        Message in = receiving(253);
        carrier[1].recvmsg(in, 0);
        assertThat(taken(in)).hasSize(253);
    }

    @Test
    void thePidfdOfTheSenderIsOwnedAndClosedIfNobodyTakesIt() throws Exception {
        OwnedFd[] carrier = pair();
        try {
            carrier[1].setsockopt(SockOpt.SO_PASSPIDFD, true);
        } catch (ErrnoException e) {
            assumeTrue(e.errno() != Errno.ENOPROTOOPT, "Linux 6.5 has it");
            throw e;
        }
        Message in = receiving(1);
        carrier[0].send(Fds.direct(1), 0);
        carrier[1].recvmsg(in, 0);
        OwnedFd untaken = ((ScmPidfd) in.control().get(0)).pidfd();
        assertThat(Files.readString(Path.of("/proc/self/fdinfo/" + untaken.number())))
                .contains("Pid:\t" + ProcessHandle.current().pid() + "\n");
        assertThat(Descriptors.isCloseOnExec(untaken.number())).isTrue();
        carrier[0].send(Fds.direct(1), 0);
        in.buffers().get(0).clear();
        carrier[1].recvmsg(in, 0);
        assertThat(untaken.isOpen()).isFalse();
        OwnedFd taken = own(in.takeFds().get(0));
        in.close();
        assertThat(taken.poll(SocketConstants.POLLIN, 0))
                .as("this process lives")
                .isZero();
        assertThat(catchThrowableOfType(
                                ErrnoException.class,
                                () -> carrier[0].sendmsg(
                                        new Message(Fds.direct(1)).control(new ScmPidfd(taken)), MSG_DONTWAIT))
                        .errno())
                .as("is received only")
                .isEqualTo(Errno.EINVAL);
    }

    /** Receives five descriptors where there is room for two numbers, and again where there is room for all. */
    static final class Exhausted {
        private Exhausted() {}

        public static void main(String[] args) throws Exception {
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            OwnedFd[] carrier = {OwnedFd.adopt(pair[0]), OwnedFd.adopt(pair[1])};
            receive(carrier); // once, for no class can be loaded later
            Deque<OwnedFd> all = new ArrayDeque<>();
            try {
                for (; ; ) all.push(OwnedFd.adopt(PosixIo.dup(pair[0])));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EMFILE) throw e;
            }
            all.pop().close();
            all.pop().close();
            String few = receive(carrier);
            for (int i = 0; i < 8; i++) all.pop().close();
            System.out.println("few: " + few + "; many: " + receive(carrier));
        }

        private static String receive(OwnedFd[] carrier) throws IOException {
            OwnedFd fd = carrier[0];
            carrier[0].sendmsg(sending(fd, fd, fd, fd, fd), 0);
            try (Message in = receiving(5)) {
                carrier[1].recvmsg(in, 0);
                return (in.isControlTruncated() ? "truncated, " : "whole, ")
                        + in.takeFds().size() + " taken, " + free() + " numbers free";
            }
        }

        /** How many numbers can be had. */
        private static int free() throws IOException {
            Deque<OwnedFd> had = new ArrayDeque<>();
            try {
                for (; ; ) had.push(OwnedFd.adopt(PosixIo.eventfd(0, 0)));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EMFILE) throw e;
            }
            had.forEach(OwnedFd::close);
            return had.size();
        }
    }

    @Test
    void descriptorsForWhichThereIsNoNumberAreTruncatedAndNoneIsLeft(@TempDir Path dir) throws Exception {
        List<String> limited = List.of("sh", "-c", "ulimit -n 256; exec \"$0\" \"$@\"");
        // before it starts another compiler thread a JVM asks how much memory there is: a file for a moment
        List<String> openNothing = List.of("-XX:-UseDynamicNumberOfCompilerThreads", "-XX:-UseContainerSupport");
        String output = ChildJvm.run(dir, limited, openNothing, Exhausted.class);
        assertThat(output.strip())
                .isEqualTo("few: truncated, 0 taken, 2 numbers free; many: whole, 5 taken, 5 numbers free");
    }

    @Test
    void descriptorsThatComeWithAnInterruptAreClosed() throws Exception {
        int[] numbers = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        OwnedFd sender = own(OwnedFd.adopt(numbers[0]));
        OwnedFd receiver = own(OwnedFd.adoptInterruptible(numbers[1]));
        int before = sockets();
        sender.sendmsg(sending(sender), 0);
        Message in = receiving(1);
        Caller<Integer> caller = Caller.start(() -> {
            Thread.currentThread().interrupt();
            return receiver.recvmsg(in, 0);
        });
        assertThat(caller.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
        assertThat(in.control()).isEmpty();
        assertThat(sockets()).isEqualTo(before - 1);
    }
}

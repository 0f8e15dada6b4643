package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.O_NONBLOCK;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Descriptors that are no sockets, and descriptors that are given up. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class OwnedFdIoTest {
    private final Deque<OwnedFd> owned = new ArrayDeque<>();

    @AfterEach
    void closeAll() {
        owned.forEach(OwnedFd::close);
    }

    private OwnedFd own(OwnedFd fd) {
        owned.push(fd);
        return fd;
    }

    private OwnedFd[] pipe(IntFunction<OwnedFd> adopt, int flags) throws IOException {
        int[] pipe = PosixIo.pipe2(flags);
        return new OwnedFd[] {own(adopt.apply(pipe[0])), own(adopt.apply(pipe[1]))};
    }

    private static void fill(OwnedFd pipe) throws IOException {
        while (pipe.poll(SocketConstants.POLLOUT, 0) != 0) pipe.write(ByteBuffer.allocate(4096));
    }

    private interface Call {
        int run() throws IOException;
    }

    private record Blocked(OwnedFd fd, Call call) {}

    private record Blocking(String name, Setup setup) {
        @Override
        public String toString() {
            return name;
        }
    }

    private interface Setup {
        Blocked prepare(OwnedFdIoTest test, IntFunction<OwnedFd> adopt) throws IOException;
    }

    static Stream<Blocking> blocking() {
        return Stream.of(
                new Blocking("read from a pipe", (test, adopt) -> {
                    OwnedFd fd = test.pipe(adopt, 0)[0];
                    return new Blocked(fd, () -> fd.read(ByteBuffer.allocate(1)));
                }),
                new Blocking("read from a non-blocking pipe", (test, adopt) -> {
                    OwnedFd fd = test.pipe(adopt, O_NONBLOCK)[0];
                    return new Blocked(fd, () -> fd.read(ByteBuffer.allocate(1)));
                }),
                new Blocking("write to a full pipe", (test, adopt) -> {
                    OwnedFd fd = test.pipe(adopt, 0)[1];
                    fill(fd);
                    return new Blocked(fd, () -> fd.write(ByteBuffer.allocate(1)));
                }),
                new Blocking("read from an eventfd", (test, adopt) -> {
                    OwnedFd fd = test.own(adopt.apply(PosixIo.eventfd(0, 0)));
                    return new Blocked(fd, () -> fd.read(ByteBuffer.allocate(8)));
                }),
                new Blocking("read from a socket", (test, adopt) -> {
                    int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
                    test.own(OwnedFd.adopt(pair[1]));
                    OwnedFd fd = test.own(adopt.apply(pair[0]));
                    return new Blocked(fd, () -> fd.read(ByteBuffer.allocate(1)));
                }));
    }

    @ParameterizedTest
    @MethodSource("blocking")
    void closeWakesWhoBlocksAndTheLastOneOutCloses(Blocking blocking) throws Exception {
        Blocked blocked = blocking.setup.prepare(this, OwnedFd::adopt);
        int number = blocked.fd.lend(fd -> fd);
        String target = Descriptors.target(number);
        Caller<Integer> caller = Caller.start(blocked.call::run).awaitBlockedIn("ppoll");
        long start = System.nanoTime();
        blocked.fd.close();
        assertThat(caller.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
        assertThat(System.nanoTime() - start).as("a slice, and time to run").isLessThan(1_000_000_000L);
        Eventually.holds(
                "the number is closed", () -> !Descriptors.target(number).equals(target));
    }

    @ParameterizedTest
    @MethodSource("blocking")
    void anInterruptClosesAnInterruptibleDescriptor(Blocking blocking) throws Exception {
        Blocked blocked = blocking.setup.prepare(this, OwnedFd::adoptInterruptible);
        Caller<Integer> caller = Caller.start(blocked.call::run).awaitBlockedIn("ppoll");
        caller.interrupt();
        assertThat(caller.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
        assertThat(caller.wasInterrupted()).isTrue();
        assertThat(blocked.fd.isOpen()).isFalse();
    }

    @Test
    void aReadWaitsForTheByteAndAWriteForTheRoom() throws Exception {
        OwnedFd[] pipe = pipe(OwnedFd::adopt, 0);
        ByteBuffer got = ByteBuffer.allocateDirect(9);
        Caller<Integer> reader = Caller.start(() -> pipe[0].read(got)).awaitBlockedIn("ppoll");
        assertThat(pipe[1].write(Fds.direct(7, 8))).isEqualTo(2);
        assertThat(reader.result()).isEqualTo(2);
        assertThat(got.get(1)).isEqualTo((byte) 8);

        fill(pipe[1]);
        Caller<Integer> writer =
                Caller.start(() -> pipe[1].write(Fds.direct(1))).awaitBlockedIn("ppoll");
        pipe[0].read(ByteBuffer.allocate(4096));
        assertThat(writer.result()).isEqualTo(1);
        pipe[0].close();
        assertThat(catchThrowableOfType(ErrnoException.class, () -> pipe[1].write(Fds.direct(1)))
                        .errno())
                .isEqualTo(Errno.EPIPE);
    }

    @Test
    void aWriteTakesWhatDoesNotBlockAndLeavesTheLimit() throws Exception {
        OwnedFd[] pipe = pipe(OwnedFd::adopt, 0);
        ByteBuffer much = ByteBuffer.allocate(1 << 20);
        assertThat(pipe[1].write(much)).isEqualTo(4096);
        assertThat(much.position()).isEqualTo(4096);
        assertThat(much.limit()).isEqualTo(1 << 20);
    }

    @Test
    void ofTwoReadersOfOneByteNeitherIsStuckBeyondClose() throws Exception {
        for (int round = 0; round < 40; round++) {
            OwnedFd[] pipe = pipe(OwnedFd::adopt, 0);
            Caller<Integer> one = Caller.start(() -> pipe[0].read(ByteBuffer.allocate(1)));
            Caller<Integer> two = Caller.start(() -> pipe[0].read(ByteBuffer.allocate(1)));
            pipe[1].write(Fds.direct(1));
            Eventually.holds("one of them has the byte", () -> {
                try {
                    return pipe[0].poll(SocketConstants.POLLIN, 0) == 0;
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            pipe[0].close();
            Throwable[] failures = {one.failure(), two.failure()};
            assertThat(failures).containsOnlyOnce((Throwable) null);
            pipe[1].close();
        }
    }

    @Test
    void theEndIsZeroAndAnEventfdGivesItsCount() throws Exception {
        OwnedFd[] pipe = pipe(OwnedFd::adopt, 0);
        pipe[1].close();
        assertThat(pipe[0].read(ByteBuffer.allocate(1))).isZero();
        OwnedFd counter = own(OwnedFd.adopt(PosixIo.eventfd(41, 0)));
        ByteBuffer count = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        assertThat(counter.read(count)).isEqualTo(8);
        assertThat(count.getLong(0)).isEqualTo(41);
        assertThat(catchThrowableOfType(
                                ErrnoException.class,
                                () -> own(OwnedFd.adopt(PosixIo.eventfd(1, 0))).read(ByteBuffer.allocate(7)))
                        .errno())
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void whoReleasesOwnsTheOpenNumber() throws Exception {
        for (IntFunction<OwnedFd> adopt : List.<IntFunction<OwnedFd>>of(OwnedFd::adopt, OwnedFd::adoptInterruptible)) {
            int number = PosixIo.eventfd(0, 0);
            OwnedFd fd = adopt.apply(number);
            assertThat(fd.release()).isEqualTo(number);
            assertThat(fd.isOpen()).isFalse();
            fd.close();
            assertThat(Descriptors.isOpen(number)).isTrue();
            assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(fd::release);
            assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> fd.read(ByteBuffer.allocate(1)));
            PosixSocket.close(number);
        }
    }

    @Test
    void aDescriptorInUseIsNotReleased() throws Exception {
        OwnedFd[] pipe = pipe(OwnedFd::adopt, 0);
        Caller<Integer> reader =
                Caller.start(() -> pipe[0].read(ByteBuffer.allocate(1))).awaitBlockedIn("ppoll");
        assertThatThrownBy(pipe[0]::release)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(pipe[0] + ": 1 threads are inside calls, it cannot be given up");
        pipe[1].write(Fds.direct(1));
        assertThat(reader.result()).isEqualTo(1);
        PosixSocket.close(pipe[0].release());
    }
}

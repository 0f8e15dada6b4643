package io.posixsocket;

import static io.posixsocket.SocketConstants.EFD_NONBLOCK;
import static io.posixsocket.SocketConstants.EFD_SEMAPHORE;
import static io.posixsocket.SocketConstants.FD_CLOEXEC;
import static io.posixsocket.SocketConstants.FIONBIO;
import static io.posixsocket.SocketConstants.FIONREAD;
import static io.posixsocket.SocketConstants.F_ADD_SEALS;
import static io.posixsocket.SocketConstants.F_DUPFD;
import static io.posixsocket.SocketConstants.F_GETFD;
import static io.posixsocket.SocketConstants.F_GETFL;
import static io.posixsocket.SocketConstants.F_GETPIPE_SZ;
import static io.posixsocket.SocketConstants.F_GET_SEALS;
import static io.posixsocket.SocketConstants.F_SEAL_GROW;
import static io.posixsocket.SocketConstants.F_SEAL_SHRINK;
import static io.posixsocket.SocketConstants.F_SEAL_WRITE;
import static io.posixsocket.SocketConstants.F_SETFD;
import static io.posixsocket.SocketConstants.F_SETFL;
import static io.posixsocket.SocketConstants.MFD_ALLOW_SEALING;
import static io.posixsocket.SocketConstants.MSG_OOB;
import static io.posixsocket.SocketConstants.NOT_DEFINED;
import static io.posixsocket.SocketConstants.O_ACCMODE;
import static io.posixsocket.SocketConstants.O_CLOEXEC;
import static io.posixsocket.SocketConstants.O_NONBLOCK;
import static io.posixsocket.SocketConstants.O_RDWR;
import static io.posixsocket.SocketConstants.O_WRONLY;
import static io.posixsocket.SocketConstants.POLLPRI;
import static io.posixsocket.SocketConstants.SIOCATMARK;
import static io.posixsocket.SocketConstants.SIOCOUTQ;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** What any descriptor can do. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class PosixIoTest {
    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    private static void assertFails(String message, ThrowingCallable call) {
        ErrnoException e = catchThrowableOfType(ErrnoException.class, call);
        assertThat(e).as(message).isNotNull().hasMessage(message);
    }

    private int[] pipe() throws ErrnoException {
        return fds.keep(PosixIo.pipe());
    }

    private int memory(String name, int... bytes) throws ErrnoException {
        int fd = fds.keep(PosixIo.memfd_create(name, MFD_ALLOW_SEALING));
        PosixIo.write(fd, Fds.direct(bytes));
        return fd;
    }

    private static ByteBuffer counter(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .putLong(value)
                .flip();
    }

    private static long read(int fd) throws ErrnoException {
        ByteBuffer count = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        assertThat(PosixIo.read(fd, count)).isEqualTo(8);
        return count.flip().getLong();
    }

    @Test
    void readAndWriteMoveThePositionsByWhatWasTransferred() throws Exception {
        int[] pipe = pipe();
        ByteBuffer heap = ByteBuffer.wrap(Fds.array(9, 1, 2, 3)).position(1);
        assertThat(PosixIo.write(pipe[1], heap)).isEqualTo(3);
        assertThat(heap.position()).isEqualTo(4);
        assertThat(PosixIo.write(pipe[1], Fds.direct(4, 5))).isEqualTo(2);

        ByteBuffer direct = ByteBuffer.allocateDirect(5).position(1);
        assertThat(PosixIo.read(pipe[0], direct)).isEqualTo(4);
        assertThat(IntStream.range(0, 5).map(direct::get)).containsExactly(0, 1, 2, 3, 4);
        assertThat(direct.position()).isEqualTo(5);
        ByteBuffer rest = ByteBuffer.allocate(3);
        assertThat(PosixIo.read(pipe[0], rest)).isEqualTo(1);
        assertThat(rest.array()).containsExactly(5, 0, 0);
        fds.close(pipe[1]);
        assertThat(PosixIo.read(pipe[0], rest)).isZero();
    }

    @Test
    void readAndWriteSayWhyNot() throws Exception {
        int[] pipe = fds.keep(PosixIo.pipe2(O_NONBLOCK));
        assertFails(
                "read(fd " + pipe[0] + "): EAGAIN (Resource temporarily unavailable)",
                () -> PosixIo.read(pipe[0], ByteBuffer.allocate(1)));
        assertFails(
                "read(fd " + pipe[1] + "): EBADF (Bad file descriptor)",
                () -> PosixIo.read(pipe[1], ByteBuffer.allocate(1)));
        assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(() -> PosixIo.read(pipe[0], ByteBuffer.allocate(1).asReadOnlyBuffer()));
        fds.close(pipe[0]);
        assertFails("write(fd " + pipe[1] + "): EPIPE (Broken pipe)", () -> PosixIo.write(pipe[1], Fds.direct(1)));
    }

    @Test
    void severalBuffersAreOneTransfer() throws Exception {
        int[] pipe = pipe();
        ByteBuffer[] out = {
            Fds.direct(1, 2),
            ByteBuffer.allocate(0),
            ByteBuffer.wrap(Fds.array(9, 3, 4)).position(1),
            Fds.direct(5)
        };
        assertThat(PosixIo.writev(pipe[1], out)).isEqualTo(5);
        assertThat(out).noneMatch(ByteBuffer::hasRemaining);
        assertThat(PosixIo.ioctl(pipe[0], FIONREAD)).isEqualTo(5);

        ByteBuffer[] in = {ByteBuffer.allocate(3).position(2), ByteBuffer.allocateDirect(2), ByteBuffer.allocate(9)};
        assertThat(PosixIo.readv(pipe[0], in)).isEqualTo(5);
        assertThat(in[0].array()).containsExactly(0, 0, 1);
        assertThat(in[1].get(0) * 10 + in[1].get(1)).isEqualTo(23);
        assertThat(in[2].array()).startsWith(4, 5, 0);
        assertThat(in[2].position()).isEqualTo(2);
    }

    @Test
    void aVectorThatIsTakenInPartMovesOnlyThosePositions() throws Exception {
        int[] pipe = fds.keep(PosixIo.pipe2(O_NONBLOCK));
        int room = PosixIo.fcntl(pipe[1], F_GETPIPE_SZ, 0);
        ByteBuffer first = ByteBuffer.allocateDirect(room - 4096);
        ByteBuffer second = ByteBuffer.allocate(8192);
        assertThat(PosixIo.writev(pipe[1], first, second)).isEqualTo(room);
        assertThat(first.remaining()).isZero();
        assertThat(second.position()).isEqualTo(4096);
        assertFails(
                "writev(fd " + pipe[1] + ", 1 buffers): EAGAIN (Resource temporarily unavailable)",
                () -> PosixIo.writev(pipe[1], second));
        assertThat(second.position()).isEqualTo(4096);
    }

    @Test
    void moreBuffersThanTheKernelTakesAreRefused() throws Exception {
        int[] pipe = pipe();
        ByteBuffer[] many = new ByteBuffer[SocketConstants.IOV_MAX + 1];
        Arrays.setAll(many, i -> ByteBuffer.allocate(1));
        assertFails(
                "writev(fd " + pipe[1] + ", 1025 buffers): EINVAL (Invalid argument)",
                () -> PosixIo.writev(pipe[1], many));
        assertFails(
                "readv(fd " + pipe[0] + ", 1025 buffers): EINVAL (Invalid argument)",
                () -> PosixIo.readv(pipe[0], many));
    }

    @Test
    void aDuplicateLeadsToTheSameFileAndIsCloseOnExec() throws Exception {
        int fd = fds.stream();
        int free = fds.stream();
        fds.close(free);
        int dup = fds.keep(PosixIo.dup(fd));
        assertThat(Descriptors.target(dup)).isEqualTo(Descriptors.target(fd));
        assertThat(Descriptors.isCloseOnExec(dup)).isTrue();

        int target = fds.stream();
        assertThat(PosixIo.dup2(fd, target)).isEqualTo(target);
        assertThat(Descriptors.target(target)).isEqualTo(Descriptors.target(fd));
        assertThat(Descriptors.isCloseOnExec(target)).isTrue();
        assertThat(PosixIo.dup2(fd, fd)).isEqualTo(fd);

        int other = fds.stream();
        assertThat(PosixIo.dup3(fd, other, O_CLOEXEC)).isEqualTo(other);
        assertThat(Descriptors.target(other)).isEqualTo(Descriptors.target(fd));
        assertThat(Descriptors.isCloseOnExec(other)).isTrue();

        int fcntl = fds.keep(PosixIo.fcntl(fd, F_DUPFD, 500));
        assertThat(fcntl).isGreaterThanOrEqualTo(500);
        assertThat(Descriptors.isCloseOnExec(fcntl)).isTrue();
    }

    @Test
    void duplicatesOfNothingAreRefused() throws Exception {
        int fd = fds.stream();
        int gone = Fds.NEVER_OPEN;
        assertFails("dup(fd " + gone + "): EBADF (Bad file descriptor)", () -> PosixIo.dup(gone));
        assertFails(
                "dup2(fd " + gone + ", fd " + gone + "): EBADF (Bad file descriptor)", () -> PosixIo.dup2(gone, gone));
        assertFails("dup2(fd " + gone + ", fd " + fd + "): EBADF (Bad file descriptor)", () -> PosixIo.dup2(gone, fd));
        assertFails("dup3(fd " + fd + ", fd " + fd + ", 0): EINVAL (Invalid argument)", () -> PosixIo.dup3(fd, fd, 0));
        assertFails(
                "dup3(fd " + fd + ", fd " + gone + ", 1): EINVAL (Invalid argument)", () -> PosixIo.dup3(fd, gone, 1));
        assertThat(Descriptors.isOpen(fd)).isTrue();
    }

    @Test
    void aPipeHasTheFlagsAskedForAndIsCloseOnExec() throws Exception {
        for (int flags : new int[] {0, O_NONBLOCK}) {
            for (int end : fds.keep(PosixIo.pipe2(flags))) {
                assertThat(Descriptors.isCloseOnExec(end)).isTrue();
                assertThat(PosixIo.fcntl(end, F_GETFL, 0) & O_NONBLOCK).isEqualTo(flags);
            }
        }
        assertFails("pipe2(1): EINVAL (Invalid argument)", () -> PosixIo.pipe2(O_WRONLY));
    }

    @Test
    void theEmulatedPipeHasTheFlagsToo() throws Exception {
        int[] ends = fds.keep(PosixIo.pipe());
        for (int end : ends) PosixIo.fcntl(end, F_SETFD, 0);
        PosixIo.flagEnds(ends, O_NONBLOCK);
        for (int end : ends) {
            assertThat(Descriptors.isCloseOnExec(end)).isTrue();
            assertThat(PosixIo.fcntl(end, F_GETFL, 0) & O_NONBLOCK).isEqualTo(O_NONBLOCK);
        }
        int gone = PosixIo.fcntl(ends[0], F_DUPFD, Fds.NEVER_OPEN);
        int other = PosixIo.dup(ends[1]);
        PosixSocket.close(gone);
        assertFails(
                "fcntl(fd " + gone + ", 2, 1): EBADF (Bad file descriptor)",
                () -> PosixIo.flagEnds(new int[] {gone, other}, 0));
        assertThat(Descriptors.isOpen(other)).as("closed on failure").isFalse();
    }

    @Test
    void fcntlReadsAndSetsTheFlags() throws Exception {
        int fd = fds.stream();
        assertThat(PosixIo.fcntl(fd, F_GETFD, 0)).isEqualTo(FD_CLOEXEC);
        PosixIo.fcntl(fd, F_SETFD, 0);
        assertThat(Descriptors.isCloseOnExec(fd)).isFalse();
        int flags = PosixIo.fcntl(fd, F_GETFL, 0);
        assertThat(flags & O_ACCMODE).isEqualTo(O_RDWR);
        PosixIo.fcntl(fd, F_SETFL, flags | O_NONBLOCK);
        assertThat(PosixIo.fcntl(fd, F_GETFL, 0)).isEqualTo(flags | O_NONBLOCK);
    }

    @Test
    void fcntlDoesNotTakeAnIntForAnAddress() throws Exception {
        int fd = fds.stream();
        int lock = jnr.constants.platform.Fcntl.F_GETLK.intValue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixIo.fcntl(fd, lock, 0))
                .withMessage("fcntl command " + lock + " is not carried: its argument is not an int, or it is unknown");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> PosixIo.fcntl(fd, NOT_DEFINED, 0))
                .withMessage("fcntl: this command is not defined on Linux");
        assertFails(
                "fcntl(fd " + fd + ", 1034, 0): EINVAL (Invalid argument)", () -> PosixIo.fcntl(fd, F_GET_SEALS, 0));
    }

    @Test
    void ioctlTellsHowMuchWaits() throws Exception {
        int[] pair = fds.streamPair();
        PosixSocket.send(pair[0], Fds.direct(1, 2, 3), 0);
        assertThat(PosixIo.ioctl(pair[1], FIONREAD)).isEqualTo(3);
        assertThat(PosixIo.ioctl(pair[0], SIOCOUTQ)).isPositive();
        PosixIo.ioctl(pair[1], FIONBIO, 1);
        assertThat(PosixIo.fcntl(pair[1], F_GETFL, 0) & O_NONBLOCK).isEqualTo(O_NONBLOCK);
        int file = memory("ioctl", 1);
        assertFails(
                "ioctl(fd " + file + ", 0x8905): ENOTTY (Inappropriate ioctl for device)",
                () -> PosixIo.ioctl(file, SIOCATMARK));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> PosixIo.ioctl(file, NOT_DEFINED));
    }

    @Test
    void theMarkIsWhereOutOfBandDataWas() throws Exception {
        int listener = fds.listener(Fds.LOOPBACK);
        int client = fds.tcp();
        PosixSocket.connect(client, PosixSocket.getsockname(listener));
        int server = fds.keep(PosixSocket.accept(listener));
        PosixSocket.send(client, Fds.direct(1, 2), 0);
        PosixSocket.send(client, Fds.direct(3), MSG_OOB);
        assertThat(PosixSocket.poll(new Pollfd[] {new Pollfd(server, POLLPRI)}, 10_000))
                .isEqualTo(1);
        FdSet except = FdSet.of(server);
        assertThat(PosixSocket.select(server + 1, null, null, except, null)).isEqualTo(1);
        assertThat(except.isset(server)).isTrue();

        assertThat(PosixIo.ioctl(server, SIOCATMARK)).isZero();
        assertThat(PosixSocket.recv(server, ByteBuffer.allocate(9), 0)).isEqualTo(2);
        assertThat(PosixIo.ioctl(server, SIOCATMARK)).isEqualTo(1);
    }

    @Test
    void sendfileCopiesFromAFileWithoutMovingItsPosition() throws Exception {
        int[] pair = fds.streamPair();
        int file = memory("source", 0, 1, 2, 3, 4);
        assertThat(PosixIo.sendfile(pair[0], file, 1, 3)).isEqualTo(3);
        assertThat(PosixIo.sendfile(pair[0], file, -1, 9))
                .as("its position is its end")
                .isZero();
        int again = fds.keep(PosixFile.open("/proc/self/fd/" + file, 0, 0));
        assertThat(PosixIo.sendfile(pair[0], again, -1, 2)).isEqualTo(2);
        assertThat(PosixIo.sendfile(pair[0], again, -1, 9)).isEqualTo(3);
        ByteBuffer got = ByteBuffer.allocate(9);
        assertThat(PosixSocket.recv(pair[1], got, 0)).isEqualTo(8);
        assertThat(got.array()).startsWith(1, 2, 3, 0, 1, 2, 3, 4);
        assertFails(
                "sendfile(fd " + pair[0] + ", fd " + pair[1] + ", -1, 1): EINVAL (Invalid argument)",
                () -> PosixIo.sendfile(pair[0], pair[1], -1, 1));
        assertFails(
                "sendfile(fd " + pair[0] + ", fd " + pair[1] + ", 0, 1): ESPIPE (Illegal seek)",
                () -> PosixIo.sendfile(pair[0], pair[1], 0, 1));
    }

    @Test
    void aSealedMemoryFileCannotBeWritten() throws Exception {
        int fd = memory("sealed", 1, 2);
        assertThat(Descriptors.target(fd)).startsWith("/memfd:sealed");
        assertThat(Descriptors.isCloseOnExec(fd)).isTrue();
        int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
        PosixIo.fcntl(fd, F_ADD_SEALS, seals);
        assertThat(PosixIo.fcntl(fd, F_GET_SEALS, 0)).isEqualTo(seals);
        assertFails("write(fd " + fd + "): EPERM (Operation not permitted)", () -> PosixIo.write(fd, Fds.direct(1)));
        int unsealable = fds.keep(PosixIo.memfd_create("", 0));
        assertFails(
                "fcntl(fd " + unsealable + ", 1033, " + F_SEAL_WRITE + "): EPERM (Operation not permitted)",
                () -> PosixIo.fcntl(unsealable, F_ADD_SEALS, F_SEAL_WRITE));
        String tooLong = "x".repeat(250);
        assertFails(
                "memfd_create(" + tooLong + ", 0): EINVAL (Invalid argument)", () -> PosixIo.memfd_create(tooLong, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixIo.memfd_create("a\0b", 0))
                .withMessage("name has a NUL at character 1: a%00b");
    }

    @Test
    void anEventfdCounts() throws Exception {
        int fd = fds.keep(PosixIo.eventfd(0xffffffffL, EFD_NONBLOCK));
        assertThat(Descriptors.isCloseOnExec(fd)).isTrue();
        PosixIo.write(fd, counter(2));
        assertThat(read(fd)).isEqualTo(0x1_0000_0001L);
        assertFails(
                "read(fd " + fd + "): EAGAIN (Resource temporarily unavailable)",
                () -> PosixIo.read(fd, ByteBuffer.allocate(8)));
        assertFails("write(fd " + fd + "): EINVAL (Invalid argument)", () -> PosixIo.write(fd, counter(-1)));
        int semaphore = fds.keep(PosixIo.eventfd(2, EFD_SEMAPHORE));
        assertThat(read(semaphore)).isEqualTo(1);
        assertFails("eventfd(0, 2): EINVAL (Invalid argument)", () -> PosixIo.eventfd(0, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixIo.eventfd(-1, 0))
                .withMessage("initval is -1, must be from 0 to 4294967295");
    }
}

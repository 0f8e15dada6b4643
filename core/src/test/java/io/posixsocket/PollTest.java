package io.posixsocket;

import static io.posixsocket.SocketConstants.EPOLLHUP;
import static io.posixsocket.SocketConstants.EPOLLIN;
import static io.posixsocket.SocketConstants.EPOLLONESHOT;
import static io.posixsocket.SocketConstants.EPOLLOUT;
import static io.posixsocket.SocketConstants.EPOLLRDHUP;
import static io.posixsocket.SocketConstants.EPOLL_CTL_ADD;
import static io.posixsocket.SocketConstants.EPOLL_CTL_DEL;
import static io.posixsocket.SocketConstants.EPOLL_CTL_MOD;
import static io.posixsocket.SocketConstants.POLLHUP;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.POLLNVAL;
import static io.posixsocket.SocketConstants.POLLOUT;
import static io.posixsocket.SocketConstants.POLLRDHUP;
import static io.posixsocket.SocketConstants.SHUT_RDWR;
import static io.posixsocket.SocketConstants.SHUT_WR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** poll and epoll. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class PollTest {
    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        ErrnoException e = catchThrowableOfType(ErrnoException.class, call);
        assertThat(e).as("must fail with %s", errno).isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
    }

    @Test
    void pollTellsForEachDescriptorWhatItFound() throws Exception {
        int[] pair = fds.streamPair();
        int closed = Fds.NEVER_OPEN;
        Pollfd[] polled = {
            new Pollfd(pair[0], POLLIN),
            new Pollfd(pair[1], POLLIN | POLLOUT),
            new Pollfd(closed, POLLIN),
            new Pollfd(-1, POLLIN)
        };
        PosixSocket.send(pair[0], Fds.direct(1), 0);
        assertThat(PosixSocket.poll(polled, 0)).isEqualTo(2);
        assertThat(Arrays.stream(polled).mapToInt(Pollfd::revents)).containsExactly(0, POLLIN | POLLOUT, POLLNVAL, 0);

        PosixSocket.recv(pair[1], ByteBuffer.allocate(1), 0);
        polled[1].events(POLLIN | POLLRDHUP);
        PosixSocket.shutdown(pair[0], SHUT_WR);
        PosixSocket.poll(polled, 0);
        assertThat(polled[1].revents()).isEqualTo(POLLIN | POLLRDHUP);
        assertThat(polled[1]).hasToString("Pollfd[fd=" + pair[1] + ", events=0x2001, revents=0x2001]");
        fds.close(pair[0]);
        PosixSocket.poll(polled, 0);
        assertThat(polled[1].revents()).isEqualTo(POLLIN | POLLRDHUP | POLLHUP);
    }

    @Test
    void pollTakesMoreDescriptorsThanASpareBufferHolds() throws Exception {
        int[] pair = fds.streamPair();
        PosixSocket.send(pair[0], Fds.direct(1), 0);
        Pollfd[] polled = new Pollfd[500];
        for (int i = 0; i < polled.length; i++) polled[i] = new Pollfd(i == 499 ? pair[1] : pair[0], POLLIN);
        assertThat(PosixSocket.poll(polled, -1)).isEqualTo(1);
        assertThat(polled[499].revents()).isEqualTo(POLLIN);
        assertThat(polled[498].revents()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 30})
    void pollIsNeverEarly(int millis) throws Exception {
        int[] pair = fds.streamPair();
        long start = System.nanoTime();
        assertThat(PosixSocket.poll(new Pollfd[] {new Pollfd(pair[0], POLLIN)}, millis))
                .isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 999, 50_000, 999_999, 1_000_001, 20_000_000, 1_050_000_000})
    void pollOnOneDescriptorIsNeverEarly(long nanos) throws Exception {
        try (OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_DGRAM, 0))) {
            long start = System.nanoTime();
            assertThat(fd.poll(POLLIN, nanos)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(nanos);
        }
    }

    @Test
    void pollOnOneDescriptorTellsWhatItFound() throws Exception {
        int[] pair = PosixSocket.socketpair(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM, 0);
        try (OwnedFd a = OwnedFd.adopt(pair[0]);
                OwnedFd b = OwnedFd.adopt(pair[1])) {
            assertThat(a.poll(POLLIN, 0)).isZero();
            assertThat(a.poll(POLLIN | POLLOUT, -1)).isEqualTo(POLLOUT);
            b.send(Fds.direct(1), 0);
            assertThat(a.poll(POLLIN, Long.MAX_VALUE)).isEqualTo(POLLIN);
            b.shutdown(SHUT_RDWR);
            assertThat(a.poll(0, -1)).isEqualTo(POLLHUP);
        }
    }

    @Test
    void aBlockedPollEndsWithTheEvent() throws Exception {
        int[] pair = fds.streamPair();
        Pollfd[] polled = {new Pollfd(pair[0], POLLIN)};
        Caller<Integer> poller =
                Caller.start(() -> PosixSocket.poll(polled, -1)).awaitBlockedIn("poll");
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(poller.result()).isEqualTo(1);
    }

    @Test
    void epollGivesBackTheDataThatWentIn() throws Exception {
        int epoll = fds.keep(PosixSocket.epoll_create1(0));
        int[] pair = fds.streamPair();
        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], EPOLLIN, 0x8000_0001_7fff_fffeL);
        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_ADD, pair[1], EPOLLIN, -1);
        EpollEvents events = new EpollEvents(4);
        assertThat(events.capacity()).isEqualTo(4);
        assertThat(PosixSocket.epoll_wait(epoll, events, 0)).isZero();

        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(PosixSocket.epoll_wait(epoll, events, -1)).isEqualTo(1);
        assertThat(events.data(0)).isEqualTo(0x8000_0001_7fff_fffeL);
        assertThat(events.events(0)).isEqualTo(EPOLLIN);

        PosixSocket.send(pair[0], Fds.direct(1), 0);
        assertThat(PosixSocket.epoll_wait(epoll, events, -1)).isEqualTo(2);
        assertThat(new long[] {events.data(0), events.data(1)}).containsExactlyInAnyOrder(0x8000_0001_7fff_fffeL, -1);
        assertThat(PosixSocket.epoll_wait(epoll, new EpollEvents(1), -1)).isEqualTo(1);

        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_MOD, pair[1], EPOLLOUT | EPOLLRDHUP, 5);
        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_DEL, pair[0], 0, 0);
        PosixSocket.recv(pair[0], ByteBuffer.allocate(1), 0); // closed with bytes unread, it would report EPOLLERR too
        fds.close(pair[0]);
        assertThat(PosixSocket.epoll_wait(epoll, events, -1)).isEqualTo(1);
        assertThat(events.data(0)).isEqualTo(5);
        assertThat(events.events(0)).isEqualTo(EPOLLOUT | EPOLLRDHUP | EPOLLHUP);
    }

    @Test
    void aOneShotSourceIsReportedOnceUntilItIsArmedAgain() throws Exception {
        int epoll = fds.keep(PosixSocket.epoll_create1(0));
        int[] pair = fds.streamPair();
        EpollEvents events = new EpollEvents(1);
        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], EPOLLIN | EPOLLONESHOT, 1);
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(PosixSocket.epoll_wait(epoll, events, -1)).isEqualTo(1);
        assertThat(PosixSocket.epoll_wait(epoll, events, 0)).isZero();
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(PosixSocket.epoll_wait(epoll, events, 0)).isZero();
        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_MOD, pair[0], EPOLLIN | EPOLLONESHOT, 2);
        assertThat(PosixSocket.epoll_wait(epoll, events, 0)).isEqualTo(1);
        assertThat(events.data(0)).isEqualTo(2);
    }

    @Test
    void aBlockedEpollWaitEndsWithTheEvent() throws Exception {
        int epoll = fds.keep(PosixSocket.epoll_create1(0));
        int[] pair = fds.streamPair();
        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], EPOLLIN, 7);
        EpollEvents events = new EpollEvents(1);
        Caller<Integer> waiter =
                Caller.start(() -> PosixSocket.epoll_wait(epoll, events, -1)).awaitBlockedIn("epollWait");
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(waiter.result()).isEqualTo(1);
        assertThat(events.data(0)).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 30})
    void epollWaitIsNeverEarly(int millis) throws Exception {
        int epoll = fds.keep(PosixSocket.epoll_create1(0));
        long start = System.nanoTime();
        assertThat(PosixSocket.epoll_wait(epoll, new EpollEvents(1), millis)).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void epollRefusesWhatItCannotDo() throws Exception {
        int epoll = fds.keep(PosixSocket.epoll_create1(0));
        int fd = fds.stream();
        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, 0);
        assertErrno(Errno.EEXIST, () -> PosixSocket.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, 0));
        PosixSocket.epoll_ctl(epoll, EPOLL_CTL_DEL, fd, 0, 0);
        ErrnoException missing = catchThrowableOfType(
                ErrnoException.class, () -> PosixSocket.epoll_ctl(epoll, EPOLL_CTL_MOD, fd, EPOLLIN, 0));
        assertThat(missing)
                .hasMessage("epoll_ctl(fd " + epoll + ", 3, fd " + fd + "): ENOENT (No such file or directory)");
        assertErrno(Errno.EINVAL, () -> PosixSocket.epoll_wait(fd, new EpollEvents(1), 0));
        assertErrno(Errno.EINVAL, () -> PosixSocket.epoll_create1(1));
    }

    @Test
    void eventsOutsideTheArrayAreRefused() {
        EpollEvents events = new EpollEvents(2);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> events.data(2))
                .withMessage("event 2 of 2");
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> events.events(-1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EpollEvents(0))
                .withMessage("capacity is 0, must be at least 1");
    }
}

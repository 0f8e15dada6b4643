package io.posixsocket;

import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.POLLOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ppoll, select and pselect. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class SelectTest {
    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    private enum Selecting {
        SELECT {
            @Override
            int wait(int nfds, FdSet in, FdSet out, FdSet except, Duration timeout) throws ErrnoException {
                return PosixSocket.select(nfds, in, out, except, timeout);
            }
        },
        PSELECT {
            @Override
            int wait(int nfds, FdSet in, FdSet out, FdSet except, Duration timeout) throws ErrnoException {
                return PosixSocket.pselect(nfds, in, out, except, timeout);
            }
        };

        abstract int wait(int nfds, FdSet in, FdSet out, FdSet except, Duration timeout) throws ErrnoException;
    }

    @ParameterizedTest
    @EnumSource
    void theSetsHoldTheReadyOnesAfterwards(Selecting selecting) throws Exception {
        int[] a = fds.streamPair();
        int[] b = fds.streamPair();
        int nfds = Stream.of(a[0], a[1], b[0], b[1]).max(Integer::compare).orElseThrow() + 1;
        PosixSocket.send(a[0], Fds.direct(1), 0);
        FdSet in = FdSet.of(a[1], b[1]);
        FdSet out = FdSet.of(b[0]);
        assertThat(selecting.wait(nfds, in, out, new FdSet(), null)).isEqualTo(2);
        assertThat(in).hasToString("{" + a[1] + "}");
        assertThat(out).hasToString("{" + b[0] + "}");

        FdSet silent = FdSet.of(b[1]);
        assertThat(selecting.wait(nfds, silent, null, null, Duration.ZERO)).isZero();
        assertThat(silent).hasToString("{}");
    }

    @ParameterizedTest
    @EnumSource
    void aSelectIsNeverEarlyAndSelectsAcrossAllWordsOfTheSet(Selecting selecting) throws Exception {
        int[] pair = fds.streamPair();
        int high = fds.keep(PosixIo.fcntl(pair[0], SocketConstants.F_DUPFD, 1000));
        assertThat(high).as("room below 1024").isLessThan(1024);
        FdSet in = FdSet.of(high, pair[0]);
        long start = System.nanoTime();
        assertThat(selecting.wait(1024, in, null, null, Duration.ofMillis(30))).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000L);

        PosixSocket.send(pair[1], Fds.direct(1), 0);
        in = FdSet.of(high, pair[0]);
        assertThat(selecting.wait(1024, in, null, null, Duration.ofDays(400_000)))
                .isEqualTo(2);
        assertThat(in.isset(high)).isTrue();
        assertThat(in.isset(pair[0])).isTrue();
        assertThat(in.isset(high - 1)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aBlockedSelectEndsWithTheEvent(Selecting selecting) throws Exception {
        int[] pair = fds.streamPair();
        Caller<Integer> caller = Caller.start(() -> selecting.wait(pair[0] + 1, FdSet.of(pair[0]), null, null, null))
                .awaitBlockedIn(selecting.name().toLowerCase(java.util.Locale.ROOT));
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(caller.result()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatSelectCannotDoItSays(Selecting selecting) throws Exception {
        String name = selecting.name().toLowerCase(java.util.Locale.ROOT);
        int fd = Fds.NEVER_OPEN;
        // the kernel looks no further than its table of this process reaches
        fds.keep(PosixIo.fcntl(fds.stream(), SocketConstants.F_DUPFD, fd + 1));
        FdSet set = FdSet.of(fd);
        ErrnoException e = catchThrowableOfType(
                ErrnoException.class, () -> selecting.wait(fd + 1, set, null, null, Duration.ZERO));
        assertThat(e).hasMessage(name + "(descriptors below " + (fd + 1) + ", PT0S): EBADF (Bad file descriptor)");
        assertThat(set.isset(fd)).as("unchanged").isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> selecting.wait(1025, set, null, null, null))
                .withMessage("nfds is 1025, " + name + " takes 0 to 1024: use poll");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> selecting.wait(1, set, null, null, Duration.ofNanos(-1)))
                .withMessage("timeout is PT-0.000000001S, must not be negative");
    }

    @Test
    void aSetTakesNoDescriptorBeyondItsEnd() {
        FdSet set = FdSet.of(0, 63, 64, 1023);
        assertThat(set).hasToString("{0, 63, 64, 1023}");
        set.clr(63);
        assertThat(set.isset(63)).isFalse();
        assertThat(set.isset(64)).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> set.set(1024))
                .withMessage("descriptor is 1024, select takes 0 to 1023: use poll");
        assertThatIllegalArgumentException().isThrownBy(() -> set.isset(-1));
        set.zero();
        assertThat(set).hasToString("{}");
    }

    @Test
    void ppollTellsForEachDescriptorWhatItFound() throws Exception {
        int[] pair = fds.streamPair();
        Pollfd[] polled = {new Pollfd(pair[0], POLLIN), new Pollfd(pair[1], POLLIN | POLLOUT)};
        PosixSocket.send(pair[0], Fds.direct(1), 0);
        assertThat(PosixSocket.ppoll(polled, null)).isEqualTo(1);
        assertThat(polled[0].revents()).isZero();
        assertThat(polled[1].revents()).isEqualTo(POLLIN | POLLOUT);
        PosixSocket.recv(pair[1], ByteBuffer.allocate(1), 0);

        Pollfd[] silent = {new Pollfd(pair[0], POLLIN)};
        assertThat(PosixSocket.ppoll(silent, Duration.ZERO)).isZero();
        for (Duration time : new Duration[] {Duration.ofNanos(1), Duration.ofNanos(999_999), Duration.ofMillis(30)}) {
            long start = System.nanoTime();
            assertThat(PosixSocket.ppoll(silent, time)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(time.toNanos());
        }
        Caller<Integer> caller = Caller.start(() -> PosixSocket.ppoll(silent, Duration.ofDays(400_000)))
                .awaitBlockedIn("ppoll");
        PosixSocket.send(pair[1], Fds.direct(1), 0);
        assertThat(caller.result()).isEqualTo(1);
    }

    @Test
    void ppollRefusesANegativeTimeAndAnUndefinedEvent() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixSocket.ppoll(new Pollfd[0], Duration.ofSeconds(-1)))
                .withMessage("timeout is PT-1S, must not be negative");
        Pollfd[] undefined = {new Pollfd(0, SocketConstants.NOT_DEFINED)};
        assertThat(catchThrowableOfType(
                        UnsupportedOperationException.class, () -> PosixSocket.ppoll(undefined, Duration.ZERO)))
                .hasMessage("ppoll: one of its arguments is not defined on Linux");
    }
}

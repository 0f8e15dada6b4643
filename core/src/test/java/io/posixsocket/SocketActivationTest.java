package io.posixsocket;

import static io.posixsocket.SocketConstants.FD_CLOEXEC;
import static io.posixsocket.SocketConstants.F_DUPFD;
import static io.posixsocket.SocketConstants.F_GETFD;
import static io.posixsocket.SocketConstants.F_SETFD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** Descriptors that somebody else opened for us, on numbers that are free in the JVM of the tests. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class SocketActivationTest {
    private static final int FIRST = 700;
    private static final long PID = 4711;

    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    /** Two listeners on 700 and 701, as a manager leaves them: not close-on-exec. */
    private void inherit() throws ErrnoException {
        for (int i = 0; i < 2; i++) {
            assertThat(PosixIo.fcntl(fds.listener(Fds.LOOPBACK), F_DUPFD, FIRST + i))
                    .isEqualTo(FIRST + i);
            PosixIo.fcntl(FIRST + i, F_SETFD, 0);
        }
    }

    private static Map<String, String> environment(String pid, String count) {
        return Map.of("LISTEN_PID", pid, "LISTEN_FDS", count);
    }

    private static List<ActivatedSocket> take(Map<String, String> environment) throws IOException {
        return SocketActivation.listenFds(environment, PID, FIRST);
    }

    private static void assertRefused(String message, Map<String, String> environment) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> take(environment))
                .withMessage(message);
    }

    @Test
    void whatTheManagerPassedIsOwnedNamedAndCloseOnExec() throws Exception {
        inherit();
        List<ActivatedSocket> taken =
                take(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "web:admin"));
        assertThat(taken).extracting(ActivatedSocket::name).containsExactly("web", "admin");
        try (OwnedFd web = taken.get(0).fd();
                OwnedFd admin = taken.get(1).fd()) {
            assertThat(web.<Integer>lend(fd -> fd)).isEqualTo(FIRST);
            assertThat(admin.<Integer>lend(fd -> fd)).isEqualTo(FIRST + 1);
            assertThat(PosixIo.fcntl(FIRST, F_GETFD, 0)).isEqualTo(FD_CLOEXEC);
            int client = fds.tcp();
            PosixSocket.connect(client, web.getsockname());
            web.accept().close();
        }
        assertThat(Descriptors.isOpen(FIRST)).isFalse();
    }

    @Test
    void withoutNamesTheyAreUnknown() throws Exception {
        inherit();
        List<ActivatedSocket> taken = take(environment("4711", "2"));
        assertThat(taken).extracting(ActivatedSocket::name).containsExactly("unknown", "unknown");
        taken.forEach(socket -> socket.fd().close());
    }

    @Test
    void whatIsMeantForAnotherProcessIsLeftAlone() throws Exception {
        assertThat(take(Map.of())).isEmpty();
        assertThat(take(Map.of("LISTEN_FDS", "2"))).isEmpty();
        assertThat(take(environment("4712", "2"))).isEmpty();
        assertThat(take(environment("4711", "0"))).isEmpty();
        assertThat(take(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "0", "LISTEN_FDNAMES", "")))
                .isEmpty();
    }

    @Test
    void whatCannotBeTrueIsRefusedAndNothingIsTaken() throws Exception {
        inherit();
        try {
            assertRefused("LISTEN_FDS=3, but descriptor 702 is not open", environment("4711", "3"));
            assertRefused("LISTEN_FDS is 'two', must be a number", environment("4711", "two"));
            assertRefused("LISTEN_PID is '-1', must be a number", environment("-1", "2"));
            assertRefused("LISTEN_FDS is 9999999999, too many descriptors", environment("4711", "9999999999"));
            assertRefused(
                    "LISTEN_FDNAMES has 1 names for LISTEN_FDS=2: web",
                    Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "web"));
            assertThat(PosixIo.fcntl(FIRST, F_GETFD, 0)).as("untouched").isZero();
        } finally {
            PosixSocket.close(FIRST);
            PosixSocket.close(FIRST + 1);
        }
    }

    @Test
    void theyAreTakenOnce() throws Exception {
        assertThat(SocketActivation.listenFds())
                .as("nothing activated this JVM")
                .isEmpty();
        assertThatIllegalStateException()
                .isThrownBy(SocketActivation::listenFds)
                .withMessage("the descriptors of LISTEN_FDS were taken over already");
    }

    @Test
    void theConnectionOnTheStandardDescriptorsIsTakenAndNullTakesItsPlace() throws Exception {
        int[] pair = fds.streamPair();
        int stdin = fds.keep(PosixIo.fcntl(pair[0], F_DUPFD, FIRST));
        int stdout = fds.keep(PosixIo.fcntl(pair[0], F_DUPFD, FIRST));
        int stderr = fds.keep(PosixFile.open("/dev/zero", 0, 0));
        int closed = Fds.NEVER_OPEN;
        fds.close(pair[0]);
        try (OwnedFd connection = SocketActivation.inetd(stdin, stdout, stderr, closed)) {
            assertThat(connection.send(Fds.direct(1), 0)).isEqualTo(1);
            assertThat(Descriptors.target(stdin)).isEqualTo("/dev/null");
            assertThat(Descriptors.target(stdout)).isEqualTo("/dev/null");
            assertThat(PosixIo.fcntl(stdin, F_GETFD, 0))
                    .as("for those we start")
                    .isZero();
            assertThat(Descriptors.target(stderr)).isEqualTo("/dev/zero");
        }
        assertThat(PosixSocket.recv(pair[1], ByteBuffer.allocate(9), 0)).isEqualTo(1);
        assertThat(PosixSocket.recv(pair[1], ByteBuffer.allocate(9), 0))
                .as("the owner's close ends the connection")
                .isZero();
    }

    @Test
    void aStandardInputThatIsNoSocketIsRefused() throws Exception {
        int stdin = fds.keep(PosixFile.open("/dev/zero", 0, 0));
        ErrnoException e = catchThrowableOfType(ErrnoException.class, () -> SocketActivation.inetd(stdin));
        assertThat(e.errno()).isEqualTo(Errno.ENOTSOCK);
        assertThat(Descriptors.target(stdin)).isEqualTo("/dev/zero");
    }
}

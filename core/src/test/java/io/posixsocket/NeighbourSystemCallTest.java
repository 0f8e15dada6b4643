package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What comes of it when a signal interrupts a neighbour of the sockets: brought about by strace. */
@EnabledOnOs(OS.LINUX)
class NeighbourSystemCallTest {
    @TempDir
    private Path dir;

    /** Every call that may meet EINTR, on a thread of its own: strace counts by thread. */
    static final class Calls {
        private static final Duration WAIT = Duration.ofMillis(120);

        private Calls() {}

        public static void main(String[] args) throws Exception {
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            int[] silent = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            int file = PosixIo.memfd_create("source", 0);
            // loaded here, and not on a thread whose calls are counted
            PosixIo.writev(file, Fds.direct(1, 2, 3));
            PosixSocket.select(0, null, null, null, Duration.ZERO);
            int target = PosixIo.dup(file);
            OwnedFd pipe = OwnedFd.adopt(PosixIo.dup(pair[0]));

            check("writev", () -> PosixIo.writev(pair[0], Fds.direct(1), Fds.direct(2)) == 2);
            check("readv", () -> PosixIo.readv(pair[1], ByteBuffer.allocate(1), ByteBuffer.allocate(9)) == 2);
            check("sendfile", () -> PosixIo.sendfile(pair[0], file, 0, 3) == 3);
            check("dup3", () -> PosixIo.dup2(pair[0], target) == target);
            FdSet set = FdSet.of(silent[0]);
            int nfds = silent[0] + 1;
            check("select", () -> waited(() -> PosixSocket.select(nfds, set, null, null, WAIT)));
            FdSet again = FdSet.of(silent[0]);
            check("pselect", () -> waited(() -> PosixSocket.pselect(nfds, again, null, null, WAIT)));
            Pollfd[] polled = {new Pollfd(silent[0], POLLIN)};
            check("ppoll", () -> waited(() -> PosixSocket.ppoll(polled, WAIT)));
            check("OwnedFd.write", () -> pipe.write(Fds.direct(1)) == 1);
            check("OwnedFd.read", () -> OwnedFd.adopt(pair[1]).read(ByteBuffer.allocate(9)) == 4);
        }

        private interface Check {
            boolean holds() throws IOException;
        }

        private interface Wait {
            int ready() throws IOException;
        }

        private static boolean waited(Wait wait) throws IOException {
            long start = System.nanoTime();
            return wait.ready() == 0 && System.nanoTime() - start >= WAIT.toNanos();
        }

        private static void check(String what, Check check) throws Exception {
            boolean holds = Caller.start(check::holds).result();
            System.out.println(what + (holds ? " holds" : " FAILED"));
        }
    }

    /** All that make a descriptor, when there is none left, and a sendfile that the kernel does not have. */
    static final class Failures {
        private Failures() {}

        public static void main(String[] args) throws Exception {
            fails(() -> PosixIo.pipe2(0), Errno.EMFILE);
            fails(() -> PosixIo.memfd_create("none", 0), Errno.EMFILE);
            fails(() -> PosixIo.eventfd(0, 0), Errno.EMFILE);
            fails(() -> PosixIo.sendfile(1, 1, -1, 1), Errno.ENOSYS);
        }

        private interface Call {
            Object run() throws IOException;
        }

        private static void fails(Call call, Errno errno) throws IOException {
            try {
                System.out.println("succeeded: " + call.run());
            } catch (ErrnoException e) {
                System.out.println(e.function() + (e.errno() == errno ? " fails" : " fails otherwise: " + e));
            }
        }
    }

    @Test
    void whatTheKernelRefusesIsAnExceptionWithItsErrno() throws Exception {
        assumeTrue(ChildJvm.isInstalled("strace"), "no strace");
        Path log = dir.resolve("strace.txt");
        List<String> strace = List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-o",
                log.toString(),
                "-e",
                "trace=pipe2,memfd_create,eventfd2,sendfile",
                "-e",
                "inject=pipe2,memfd_create,eventfd2:error=EMFILE",
                "-e",
                "inject=sendfile:error=ENOSYS");
        String output = ChildJvm.run(dir, strace, List.of(), Failures.class);
        assertThat(output.lines().filter(line -> line.endsWith(" fails")))
                .as(output)
                .containsExactly("pipe2 fails", "memfd_create fails", "eventfd fails", "sendfile fails");
        assertThat(Files.readAllLines(log).stream().filter(line -> line.contains("INJECTED")))
                .hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void callsThatASignalInterruptsAreMadeAgainAndWaitsAreNotCutShort() throws Exception {
        assumeTrue(ChildJvm.isInstalled("strace"), "no strace");
        Path log = dir.resolve("strace.txt");
        String calls = "readv,writev,sendfile,dup3,select,pselect6,ppoll";
        List<String> strace = List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-o",
                log.toString(),
                "-e",
                "trace=" + calls,
                "-e",
                "inject=" + calls + ":error=EINTR:when=1..2");
        String output = ChildJvm.run(dir, strace, List.of(), Calls.class);
        assertThat(output.lines().filter(line -> line.endsWith(" holds")))
                .as(output)
                .hasSize(9);
        List<String> lines = Files.readAllLines(log);
        // what pselect passes as its sixth argument, and that it counts nanoseconds
        assertThat(lines).anyMatch(line -> line.matches(".*pselect6\\(.*tv_nsec=\\d*[1-9]\\d{0,2}\\}.*sigmask=NULL.*"));
        for (String call : List.of("readv", "writev", "sendfile", "dup3", "select|pselect6", "ppoll")) {
            Pattern injected = Pattern.compile("\\b(" + call + ")\\(.*EINTR.*INJECTED");
            assertThat(lines.stream().filter(line -> injected.matcher(line).find()))
                    .as("%s in %s", call, lines)
                    .hasSizeGreaterThanOrEqualTo(2);
        }
    }
}

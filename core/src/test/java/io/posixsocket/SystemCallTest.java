package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.EPOLLIN;
import static io.posixsocket.SocketConstants.EPOLL_CTL_ADD;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What reaches the kernel, and what comes of it when a signal interrupts it: seen and brought about by strace. */
@EnabledOnOs(OS.LINUX)
class SystemCallTest {
    private static final int WAIT_MILLIS = 120;

    @TempDir
    private Path dir;

    /** Every call that may meet EINTR, on a thread of its own: strace counts by thread. */
    static final class Calls {
        private Calls() {}

        public static void main(String[] args) throws Exception {
            SockaddrUn path = SockaddrUn.path(args[0]);
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            int listener = PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0);
            PosixSocket.bind(listener, path);
            PosixSocket.listen(listener, 8);
            int tcpListener = PosixSocket.socket(AF_INET, SOCK_STREAM, 0);
            PosixSocket.bind(tcpListener, Fds.LOOPBACK);
            PosixSocket.listen(tcpListener, 8);
            int epoll = PosixSocket.epoll_create1(0);
            PosixSocket.epoll_ctl(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, 0);
            OwnedFd owned = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));

            check("send", () -> PosixSocket.send(pair[0], Fds.direct(1, 2, 3), 0) == 3);
            check("recv", () -> PosixSocket.recv(pair[1], ByteBuffer.allocate(9), 0) == 3);
            check("connect", () -> {
                PosixSocket.connect(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0), path);
                return true;
            });
            check("OwnedFd.connect", () -> {
                owned.connect(path, 20_000_000_000L);
                return true;
            });
            check("connect again", () -> {
                PosixSocket.connect(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0), path);
                return true;
            });
            check("accept", () -> PosixSocket.accept(listener) > 0);
            check("OwnedFd.accept", () -> OwnedFd.adopt(listener).accept().isOpen());
            check(
                    "accept with an address",
                    () -> PosixSocket.acceptfrom(listener, 0).fd().isOpen());
            int[] datagrams = PosixSocket.socketpair(AF_UNIX, SOCK_DGRAM, 0);
            Message message = new Message(Fds.direct(1));
            check("sendmsg", () -> PosixSocket.sendmsg(datagrams[0], message, 0) == 1);
            check("recvmsg", () -> PosixSocket.recvmsg(datagrams[1], rewound(message), 0) == 1);
            Message[] messages = {rewound(message)};
            check("sendmmsg", () -> PosixSocket.sendmmsg(datagrams[0], messages, 0) == 1);
            rewound(message);
            check("recvmmsg", () -> PosixSocket.recvmmsg(datagrams[1], messages, 0, Duration.ofDays(1)) == 1);
            int bound = PosixSocket.socket(AF_UNIX, SOCK_DGRAM, 0);
            PosixSocket.bind(bound, SockaddrUn.unnamed());
            Sockaddr name = PosixSocket.getsockname(bound);
            check("sendto", () -> PosixSocket.sendto(bound, Fds.direct(1), 0, name) == 1);
            check(
                    "recvfrom",
                    () -> PosixSocket.recvfrom(bound, ByteBuffer.allocate(1), 0)
                            .address()
                            .equals(name));
            check(
                    "poll",
                    () -> waited(() -> PosixSocket.poll(new Pollfd[] {new Pollfd(pair[1], POLLIN)}, WAIT_MILLIS)));
            check("ppoll", () -> waited(() -> owned.poll(POLLIN, WAIT_MILLIS * 1_000_000L)));
            check("epoll_wait", () -> waited(() -> PosixSocket.epoll_wait(epoll, new EpollEvents(1), WAIT_MILLIS)));
        }

        private static Message rewound(Message message) {
            message.buffers().get(0).clear();
            return message;
        }

        private interface Check {
            boolean holds() throws IOException;
        }

        private interface Wait {
            int events() throws IOException;
        }

        private static boolean waited(Wait wait) throws IOException {
            long start = System.nanoTime();
            return wait.events() == 0 && System.nanoTime() - start >= WAIT_MILLIS * 1_000_000L;
        }

        private static void check(String what, Check check) throws Exception {
            boolean holds = Caller.start(check::holds).result();
            System.out.println(what + (holds ? " holds" : " FAILED"));
        }
    }

    private List<String> trace(Class<?> main, String... options) throws Exception {
        assumeTrue(ChildJvm.isInstalled("strace"), "no strace");
        Path log = dir.resolve("strace.txt");
        List<String> strace = Stream.concat(
                        Stream.of("strace", "-f", "--seccomp-bpf", "-o", log.toString()), Stream.of(options))
                .toList();
        String output =
                ChildJvm.run(dir, strace, List.of(), main, dir.resolve("s").toString());
        assertThat(output).doesNotContain("FAILED");
        Files.writeString(dir.resolve("output.txt"), output);
        return Files.readAllLines(log);
    }

    private static long count(List<String> lines, String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        return lines.stream().filter(line -> compiled.matcher(line).find()).count();
    }

    @Test
    void callsThatASignalInterruptsAreMadeAgainAndWaitsAreNotCutShort() throws Exception {
        List<String> lines = trace(
                Calls.class,
                "-e",
                "trace=recvfrom,sendto,recvmsg,sendmsg,recvmmsg,sendmmsg,poll,ppoll,epoll_wait,accept4,connect",
                "-e",
                "inject=recvfrom,sendto,recvmsg,sendmsg,recvmmsg,sendmmsg,poll,ppoll,epoll_wait,accept4,connect:error=EINTR:when=1..2");
        for (String call : List.of(
                "recvfrom", "sendto", "recvmsg", "sendmsg", "recvmmsg", "sendmmsg", "poll", "ppoll", "epoll_wait"))
            assertThat(count(lines, "\\b" + call + "(\\(| resumed>).*EINTR.*INJECTED"))
                    .as("%s in %s", call, lines)
                    .isGreaterThanOrEqualTo(2);
        assertThat(count(lines, "\\baccept4(\\(| resumed>).*EINTR.*INJECTED")).isEqualTo(6);
        assertThat(count(lines, "\\b(send|recv)msg(\\(| resumed>).*EINTR.*INJECTED"))
                .as("sendto and recvfrom too")
                .isEqualTo(8);
        assertThat(count(
                        lines,
                        "\\bconnect\\(.*" + Pattern.quote(dir.resolve("s").toString()) + ".*EINTR.*INJECTED"))
                .isEqualTo(6);
        assertThat(Files.readString(dir.resolve("output.txt")).lines().filter(line -> line.endsWith("holds")))
                .hasSize(17);
    }

    /** The closes of a thread of its own, all but the last in vain: the JVM's start does not survive a failing close. */
    static final class Close {
        static final int NTH = 400;

        private Close() {}

        public static void main(String[] args) throws Exception {
            int fd = PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0);
            OwnedFd owned = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
            System.out.println("numbers " + fd + " " + owned.<Integer>lend(number -> number));
            afterVainCloses(() -> PosixSocket.close(fd));
            afterVainCloses(owned::close);
        }

        private interface Closing {
            void run() throws IOException;
        }

        private static void afterVainCloses(Closing closing) throws Exception {
            Caller<Object> caller = Caller.start(() -> {
                for (int i = 1; i < NTH; i++) LibC.close(-1);
                closing.run();
                return null;
            });
            caller.result();
        }
    }

    @Test
    void aCloseThatASignalInterruptsIsNotMadeAgain() throws Exception {
        List<String> lines =
                trace(Close.class, "-e", "trace=close", "-e", "inject=close:error=EINTR:when=" + Close.NTH);
        String numbers = Files.readString(dir.resolve("output.txt"));
        String[] fds = numbers.substring(numbers.indexOf("numbers ")).strip().split(" ", -1);
        for (int i = 1; i <= 2; i++) {
            String close = "\\bclose\\(" + fds[i] + "\\)";
            String last = lines.stream()
                    .filter(line -> Pattern.compile(close).matcher(line).find())
                    .reduce((first, second) -> second)
                    .orElse("never closed");
            assertThat(last).as("the last %s", close).contains("EINTR", "INJECTED");
        }
    }

    /** Sends by every way that there is. */
    static final class Sends {
        private Sends() {}

        public static void main(String[] args) throws Exception {
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            OwnedFd owned = OwnedFd.adopt(pair[0]);
            PosixSocket.send(pair[0], Fds.direct(1), 0);
            owned.send(ByteBuffer.allocate(1), SocketConstants.MSG_DONTWAIT);
            owned.trySend(NativeBuffer.allocate(1), 0, 1);
            owned.sendmsg(new Message(Fds.direct(1)), 0);
            PosixSocket.sendmmsg(pair[0], new Message[] {new Message(Fds.direct(1))}, 0);
            int bound = PosixSocket.socket(AF_UNIX, SOCK_DGRAM, 0);
            PosixSocket.bind(bound, SockaddrUn.unnamed());
            PosixSocket.sendto(bound, Fds.direct(1), 0, PosixSocket.getsockname(bound));
        }
    }

    @Test
    void everySendAsksForNoSignal() throws Exception {
        List<String> lines = trace(Sends.class, "-e", "trace=sendto,sendmsg,sendmmsg");
        assertThat(count(lines, "\\bsend(to|msg|mmsg)\\(.*MSG_NOSIGNAL")).isEqualTo(6);
        assertThat(count(lines, "\\bsend(to|msg|mmsg)\\(")).isEqualTo(6);
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.EPOLLIN;
import static io.posixsocket.SocketConstants.EPOLL_CTL_ADD;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_NONBLOCK;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jnr.constants.platform.Signal;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every function that transfers or creates, while strace lets every second system call of its kind fail: the call says so and
 * works when made again, or is made again unseen. Counted are the faults that strace reports.
 */
@EnabledOnOs(OS.LINUX)
class FaultTest {
    private static final int ROUNDS = 25;
    private static final String TRANSFERS = "sendto,recvfrom,sendmsg,recvmsg,sendmmsg,recvmmsg";
    private static final String MORE_TRANSFERS = TRANSFERS + ",readv,writev,sendfile";
    private static final String CREATIONS = "socket,socketpair,accept4,epoll_create1,eventfd2,memfd_create,pipe2,dup3";

    private static int injected;

    @TempDir
    private Path dir;

    /** Calls each function, on a thread of its own since strace counts by thread, and prints what came of it. */
    static final class Calls {
        private static Errno errno;

        private Calls() {}

        private interface Call {
            Object make() throws IOException;
        }

        public static void main(String[] args) throws Exception {
            SockaddrUn path = SockaddrUn.path(args[1]);
            errno = Errno.valueOf(args[0]);
            List<String> kinds = List.of(args).subList(2, args.length);
            if (kinds.contains("transfers")) transfers(kinds.contains("more"));
            if (kinds.contains("connections")) connections(path);
            if (kinds.contains("waits")) waits();
            if (kinds.contains("creations")) creations();
            if (kinds.contains("files")) files(args[1] + ".file");
        }

        private static void transfers(boolean more) throws Exception {
            int[] in = filledPair();
            OwnedFd inFd = OwnedFd.adopt(in[0]);
            NativeBuffer nativeByte = NativeBuffer.allocate(1);
            Message message = new Message(Fds.direct(1));
            each("recv", "recv", () -> PosixSocket.recv(in[0], ByteBuffer.allocate(1), 0));
            each("recv direct", "recv", () -> PosixSocket.recv(in[0], ByteBuffer.allocateDirect(1), 0));
            each("OwnedFd.recv", "recv", () -> inFd.recv(ByteBuffer.allocate(1), 0));
            each("OwnedFd.tryRecv", "", () -> inFd.tryRecv(nativeByte, 0, 1));
            each(
                    "recvfrom",
                    "recvfrom",
                    () -> PosixSocket.recvfrom(in[0], ByteBuffer.allocate(1), 0).count());
            each("recvmsg", "recvmsg", () -> PosixSocket.recvmsg(in[0], message.buffers(ByteBuffer.allocate(1)), 0));
            Message[] messages = {message};
            each("recvmmsg", "recvmmsg", () -> {
                message.buffers(ByteBuffer.allocate(1));
                return PosixSocket.recvmmsg(in[0], messages, 0, null);
            });

            each("send", "send", sending(fd -> PosixSocket.send(fd, ByteBuffer.allocate(1), 0)));
            each("send direct", "send", sending(fd -> PosixSocket.send(fd, Fds.direct(1), 0)));
            OwnedFd out = OwnedFd.adopt(filledPair()[0]);
            each("OwnedFd.send", "send", () -> out.send(Fds.direct(1), 0));
            each("OwnedFd.trySend", "", () -> out.trySend(nativeByte, 0, 1));
            each("sendmsg", "sendmsg", sending(fd -> PosixSocket.sendmsg(fd, new Message(Fds.direct(1)), 0)));
            each(
                    "sendmmsg",
                    "sendmmsg",
                    sending(fd -> PosixSocket.sendmmsg(fd, new Message[] {new Message(Fds.direct(1))}, 0)));
            int udp = again(() -> PosixSocket.socket(AF_INET, SOCK_DGRAM, 0));
            PosixSocket.bind(udp, Fds.LOOPBACK);
            Sockaddr self = PosixSocket.getsockname(udp);
            each("sendto", "sendto", () -> PosixSocket.sendto(udp, Fds.direct(1), 0, self));
            if (!more) return;
            int file = again(() -> PosixIo.memfd_create("file", 0));
            PosixIo.write(file, ByteBuffer.allocate(1));
            each("readv", "readv", () -> PosixIo.readv(in[0], ByteBuffer.allocate(1)));
            each("writev", "writev", sending(fd -> PosixIo.writev(fd, Fds.direct(1))));
            each("sendfile", "sendfile", sending(fd -> PosixIo.sendfile(fd, file, 0, 1)));
        }

        private static void connections(SockaddrUn path) throws Exception {
            int listener = again(() -> PosixSocket.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
            again(() -> bound(listener, path));
            again(() -> listening(listener));
            int[] unbound = new int[ROUNDS + 1];
            for (int i = 0; i < unbound.length; i++)
                unbound[i] = again(() -> PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
            int[] nextUnbound = {0};
            each("bind", errno == Errno.ENOBUFS ? "bind" : null, () -> {
                bound(unbound[nextUnbound[0]], SockaddrUn.path(path.path() + "." + nextUnbound[0]));
                return unbound[nextUnbound[0]++];
            });
            each("listen", errno == Errno.ENOBUFS ? "listen" : null, () -> listening(listener));
            OwnedFd owned = OwnedFd.adopt(listener);
            int[] clients = new int[3 * (ROUNDS + 1)];
            for (int i = 0; i < clients.length; i++)
                clients[i] = again(() -> PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
            int[] next = {0};
            String connect = errno == Errno.EMFILE ? null : "connect"; // creates nothing
            each("connect", connect, () -> {
                PosixSocket.connect(clients[next[0]], path);
                return clients[next[0]++];
            });
            // EAGAIN is a full backlog here: OwnedFd waits for its end
            each("OwnedFd.connect", errno == Errno.EAGAIN ? null : connect, () -> {
                OwnedFd.adopt(clients[next[0]]).connect(path);
                return clients[next[0]++];
            });
            for (; next[0] < clients.length; next[0]++) {
                again(() -> {
                    PosixSocket.connect(clients[next[0]], path);
                    return 1;
                });
            }
            each("accept", "accept", () -> PosixSocket.accept(listener));
            each(
                    "accept with an address",
                    "accept",
                    () -> PosixSocket.acceptfrom(listener, 0).fd());
            each("OwnedFd.tryAccept", "", owned::tryAccept);
        }

        private static int bound(int fd, Sockaddr addr) throws IOException {
            PosixSocket.bind(fd, addr);
            return fd;
        }

        private static int listening(int fd) throws IOException {
            PosixSocket.listen(fd, 4 * ROUNDS);
            return fd;
        }

        /** What the JVM does too: the faults are those of one path. */
        private static void files(String path) throws Exception {
            boolean transfers = errno != Errno.EMFILE; // creates nothing
            int fd = again(() -> PosixFile.open(path, PosixFile.O_RDWR | PosixFile.O_CREAT, 0600));
            OwnedFd owned = OwnedFd.adopt(again(() -> PosixFile.open(path, PosixFile.O_RDWR, 0)));
            each("open", errno == Errno.EAGAIN ? null : "open", () -> PosixFile.open(path, PosixFile.O_RDWR, 0));
            each("write", transfers ? "write" : null, () -> PosixIo.write(fd, ByteBuffer.allocate(9)));
            each("write direct", transfers ? "write" : null, () -> PosixIo.write(fd, Fds.direct(1)));
            each("OwnedFd.write", null, () -> owned.write(Fds.direct(1)));
            int reader = again(() -> PosixFile.open(path, PosixFile.O_RDWR, 0));
            each("read", transfers ? "read" : null, () -> PosixIo.read(reader, ByteBuffer.allocate(1)));
            each("read direct", transfers ? "read" : null, () -> PosixIo.read(reader, ByteBuffer.allocateDirect(1)));
            each("OwnedFd.read", null, () -> owned.read(ByteBuffer.allocate(1)));
        }

        private static void waits() throws Exception {
            int[] in = filledPair();
            OwnedFd owned = OwnedFd.adopt(in[0]);
            int epoll = again(() -> PosixSocket.epoll_create1(0));
            PosixSocket.epoll_ctl(epoll, EPOLL_CTL_ADD, in[0], EPOLLIN, 0);
            each("poll", "poll", () -> PosixSocket.poll(new Pollfd[] {new Pollfd(in[0], POLLIN)}, -1));
            each("OwnedFd.poll", "poll", () -> owned.poll(POLLIN, 1_000_000_000_000L));
            each(
                    "ppoll",
                    "ppoll",
                    () -> PosixSocket.ppoll(new Pollfd[] {new Pollfd(in[0], POLLIN)}, Duration.ofDays(1)));
            each("epoll_wait", "epoll_wait", () -> PosixSocket.epoll_wait(epoll, new EpollEvents(1), -1));
            each("select", "select", () -> PosixSocket.select(in[0] + 1, FdSet.of(in[0]), null, null, null));
            each("pselect", "pselect", () -> PosixSocket.pselect(in[0] + 1, FdSet.of(in[0]), null, null, null));
        }

        private static void creations() throws Exception {
            int fd = again(() -> PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
            each("socket", "socket", () -> PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
            each("socketpair", "socketpair", () -> PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0)[1]);
            if (errno == Errno.ENOBUFS) return; // is no error of the others
            each("epoll_create1", "epoll_create1", () -> PosixSocket.epoll_create1(0));
            each("eventfd", "eventfd", () -> PosixIo.eventfd(0, 0));
            each("memfd_create", "memfd_create", () -> PosixIo.memfd_create("file", 0));
            each("pipe", "pipe", () -> PosixIo.pipe()[1]);
            each("pipe2", "pipe2", () -> PosixIo.pipe2(0)[1]);
            each("dup3", "dup3", () -> PosixIo.dup3(0, fd, 0));
        }

        private static int[] filledPair() throws IOException {
            int[] pair = new int[2];
            again(() -> {
                int[] made = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
                System.arraycopy(made, 0, pair, 0, 2);
                return 1;
            });
            again(() -> PosixSocket.send(pair[1], ByteBuffer.allocate(16 * ROUNDS), 0));
            return pair;
        }

        /** On a pair of its own, so that no buffer is ever full. */
        private static Call sending(OwnedFd.Operation<Object> send) throws IOException {
            int fd = filledPair()[0];
            return () -> send.apply(fd);
        }

        /** For the preparations, which meet the faults too. */
        private static int again(Call call) throws IOException {
            for (int attempts = 0; ; attempts++) {
                try {
                    return (Integer) call.make();
                } catch (ErrnoException e) {
                    if (e.errno() != errno || attempts > 2) throw e;
                }
            }
        }

        /**
         * Prints "as expected" if every other call failed with {@code errno} and named {@code function}, or said that it would
         * block where {@code function} is empty and nothing else, or all succeeded where it is null or a signal came.
         */
        private static void each(String what, String function, Call call) throws Exception {
            String[] before = {"none"};
            Caller<Integer> caller = Caller.start(() -> {
                int good = 0;
                if (!succeeds(call.make(), before)) return good; // the first one of a thread never fails
                for (int i = 0; i < ROUNDS; i++) {
                    before[0] = "round " + i;
                    if (function != null && errno != Errno.EINTR && !fails(function, call, before)) return good;
                    if (!succeeds(call.make(), before)) return good;
                    good++;
                }
                return good;
            });
            Throwable failure = caller.failure();
            boolean good = failure == null && caller.result() == ROUNDS;
            System.out.println(what + (good ? " as expected" : " FAILED: " + before[0] + ", " + failure));
        }

        private static boolean fails(String function, Call call, String[] note) throws IOException {
            try {
                Object result = call.make();
                note[0] += ": returned " + result;
                boolean wouldBlock = result == null || result.equals(OwnedFd.WOULD_BLOCK);
                return function.isEmpty() && errno == Errno.EAGAIN && wouldBlock;
            } catch (ErrnoException e) {
                note[0] += ": " + e;
                return e.errno() == errno && (function.isEmpty() || e.function().equals(function));
            }
        }

        private static boolean succeeds(Object result, String[] note) {
            note[0] += ", then " + result;
            return result instanceof OwnedFd || (result instanceof Number number && number.longValue() > 0);
        }
    }

    /** Returns what each function printed, and adds to the count of faults. */
    private Map<String, Integer> inject(String errno, String syscalls, String... kinds) throws Exception {
        assumeTrue(ChildJvm.isInstalled("strace"), "no strace");
        Path log = dir.resolve("strace.txt");
        List<String> strace = new ArrayList<>(List.of("strace", "-f", "-o", log.toString()));
        boolean onePath = List.of(kinds).contains("files");
        strace.addAll(onePath ? List.of("-P", dir.resolve("s.file").toString()) : List.of("--seccomp-bpf"));
        strace.addAll(List.of("-e", "trace=" + syscalls));
        strace.addAll(List.of("-e", "inject=" + syscalls + ":error=" + errno + ":when=2+2"));
        String[] arguments = new String[kinds.length + 2];
        arguments[0] = errno;
        arguments[1] = dir.resolve("s").toString();
        System.arraycopy(kinds, 0, arguments, 2, kinds.length);
        String output = ChildJvm.run(dir, strace, List.of(), Calls.class, arguments);
        assertThat(output.lines()).allMatch(line -> line.endsWith(" as expected"), "as expected: " + output);

        Map<String, Integer> counts = new HashMap<>();
        Pattern pattern = Pattern.compile("^\\d+ +(\\w+)\\(.*\\b" + errno + "\\b.*\\(INJECTED\\)");
        for (String line : Files.readAllLines(log)) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) counts.merge(matcher.group(1), 1, Integer::sum);
        }
        for (String syscall : syscalls.split(",", -1)) {
            // which of select and pselect6 there is, is the C library's choice
            if (!syscall.contains("select"))
                assertThat(counts.getOrDefault(syscall, 0))
                        .as("%s in %s", syscall, counts)
                        .isGreaterThanOrEqualTo(ROUNDS);
        }
        injected += counts.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println("FaultTest " + errno + ": " + counts);
        return counts;
    }

    @Test
    void callsThatASignalInterruptsAreMadeAgain() throws Exception {
        inject(
                "EINTR",
                MORE_TRANSFERS + ",bind,listen,accept4,connect,poll,ppoll,epoll_wait,select,pselect6",
                "transfers",
                "more",
                "connections",
                "waits");
    }

    @Test
    void whatWouldBlockSaysSoAndLosesNothing() throws Exception {
        inject("EAGAIN", MORE_TRANSFERS + ",accept4,connect", "transfers", "more", "connections");
    }

    @Test
    void aKernelWithoutBuffersIsAnExceptionAndTheNextCallWorks() throws Exception {
        inject(
                "ENOBUFS",
                TRANSFERS + ",bind,listen,accept4,connect,socket,socketpair",
                "transfers",
                "connections",
                "creations");
    }

    @Test
    void aProcessWithoutDescriptorsIsToldByWhateverCreatesOne() throws Exception {
        inject("EMFILE", CREATIONS, "connections", "creations");
    }

    @ParameterizedTest
    @CsvSource({"EINTR, 'openat,read,write'", "EAGAIN, 'read,write'", "EMFILE, openat"})
    void filesAndPipesFailAndGoOnLikewise(String errno, String syscalls) throws Exception {
        inject(errno, syscalls, "files");
    }

    /** Connects while a signal waits for the thread: the kernel says EINTR, and goes on connecting. */
    static final class SignalledConnects {
        private SignalledConnects() {}

        public static void main(String[] args) throws Exception {
            POSIXFactory.getNativePOSIX().signal(Signal.SIGURG, number -> {});
            int listener = PosixSocket.socket(AF_INET, SOCK_STREAM, 0);
            PosixSocket.bind(listener, Fds.LOOPBACK);
            PosixSocket.listen(listener, 2 * ROUNDS);
            Sockaddr addr = PosixSocket.getsockname(listener);
            for (int i = 0; i < 2 * ROUNDS; i++) {
                OwnedFd client = OwnedFd.adopt(PosixSocket.socket(AF_INET, SOCK_STREAM, 0));
                // with a limit, which the kernel does not set up again after a signal
                client.setsockopt(SockOpt.SO_SNDTIMEO, Duration.ofMinutes(1));
                if (i % 2 == 0) client.connect(addr);
                else
                    client.<Integer>lend(fd -> {
                        PosixSocket.connect(fd, addr);
                        return fd;
                    });
                Accepted accepted = PosixSocket.acceptfrom(listener, 0);
                client.send(Fds.direct(i), 0);
                ByteBuffer got = ByteBuffer.allocate(1);
                accepted.fd().recv(got, 0);
                boolean whole = got.get(0) == i && accepted.address().equals(client.getsockname());
                System.out.println(whole ? "connected" : "FAILED at " + i);
                client.close();
                accepted.fd().close();
            }
        }
    }

    @Test
    void aConnectOnTcpThatASignalInterruptsIsWaitedFor() throws Exception {
        assumeTrue(ChildJvm.isInstalled("strace"), "no strace");
        Path log = dir.resolve("strace.txt");
        // not by seccomp: there strace injects no signal
        List<String> strace = List.of(
                "strace", "-f", "-o", log.toString(), "-e", "trace=connect", "-e", "inject=connect:signal=SIGURG");
        String output = ChildJvm.run(dir, strace, List.of(), SignalledConnects.class);
        assertThat(output.lines()).hasSize(2 * ROUNDS).containsOnly("connected");
        assertThat(Files.readAllLines(log).stream().filter(line -> line.contains("= -1 EINTR")))
                .as("by the kernel")
                .hasSizeGreaterThanOrEqualTo(2 * ROUNDS);
    }

    @AfterAll
    static void atLeastAThousandFaultsWereInjected() {
        System.out.println("FaultTest: " + injected + " faults injected");
        if (ChildJvm.isInstalled("strace")) assertThat(injected).isGreaterThanOrEqualTo(1_000);
    }
}

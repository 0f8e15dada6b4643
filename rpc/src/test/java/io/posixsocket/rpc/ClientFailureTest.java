package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.SHUT_RD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.posixsocket.ErrnoException;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How calls fail, what the failure says of their effect, and which are made again. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ClientFailureTest {
    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void path() {
        path = directory.resolve("s");
    }

    private Client client() {
        return Client.builder(SockaddrUn.path(path)).build();
    }

    private Server server(AtomicInteger calls) throws IOException {
        return Server.builder()
                .listen(SockaddrUn.path(path))
                .service(Hello.service(request -> {
                    calls.incrementAndGet();
                    return Hello.greet(request);
                }))
                .start();
    }

    private static Hello call(Channel channel) {
        return channel.call(Hello.SAY_HELLO, Hello.of("x"));
    }

    private static Background<Hello> begin(Channel channel) {
        return Background.run(() -> call(channel));
    }

    private static StatusException failure(Channel channel) {
        return catchThrowableOfType(StatusException.class, () -> call(channel));
    }

    // --- nobody there ------------------------------------------------------------------------------------------------

    @Test
    void missingServerIsUnavailableAndTheCallDidNotRun() throws IOException {
        try (Client client = client()) {
            StatusException failure = failure(client);
            assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
            assertThat(failure.executed()).isEqualTo(Executed.NO);
            assertThat(failure.getMessage())
                    .startsWith("UNAVAILABLE (did not run): demo.greeter.v1.Greeter/SayHello at unix:" + path + ": ")
                    .contains("connect(unix:" + path + "): ENOENT");
            assertThat(failure).hasCauseInstanceOf(ErrnoException.class);
        }
    }

    @Test
    void pathWithoutAListenerIsUnavailable() throws IOException {
        ScriptedPeer.listen(path).close();
        try (Client client = client()) {
            assertThat(failure(client).getMessage())
                    .startsWith("UNAVAILABLE (did not run)")
                    .contains("unix:" + path, "ECONNREFUSED");
        }
    }

    @Test
    void missingDirectoryIsUnavailable() {
        path = directory.resolve("no/such/s");
        try (Client client = client()) {
            assertThat(failure(client).getMessage())
                    .startsWith("UNAVAILABLE (did not run)")
                    .contains("unix:" + path, "ENOENT");
        }
    }

    @Test
    void pathThatMayNotBeOpenedIsUnavailable() throws IOException {
        Assumptions.assumeTrue(
                io.posixsocket.PosixSocket.geteuid() != 0, "root may open everything; OtherUserTest is what root runs");
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
            assertThat(failure(client).getMessage()).contains("unix:" + path, "EACCES");
            assertThat(listening.hasClient()).isFalse();
        }
    }

    @Test
    void wrongMethodNameIsUnimplemented() throws IOException {
        MethodDescriptor<Hello, Hello> wrong =
                MethodDescriptor.unary(Hello.SERVICE, "Wrong", Hello.PARSER, Hello.PARSER);
        try (Server server = server(new AtomicInteger());
                Client client = client()) {
            assertThat(server.addresses()).hasSize(1);
            assertThatThrownBy(() -> client.call(wrong, Hello.DEFAULT)).hasMessage("UNIMPLEMENTED: method Wrong");
            assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
        }
    }

    // --- the server goes away ----------------------------------------------------------------------------------------

    @Test
    void requestThatWasTakenMayHaveRun() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> call = begin(client);
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
            }
            StatusException failure = call.failure();
            assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
            assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
            assertThat(failure.description())
                    .isEqualTo("demo.greeter.v1.Greeter/SayHello at unix:" + path
                            + ": the server ended the connection before it replied to anything: perhaps it does not serve uid "
                            + io.posixsocket.PosixSocket.geteuid()
                            + ", or has as many connections as it takes, in all or of one user");
            assertThat(listening.hasClient()).as("made again").isFalse();
        }
    }

    /** Nothing wakes who waits for room then, and no deadline does. */
    @Test
    void requestThatTheServerStopsReadingIsMadeAgainOnANewConnection() throws Exception {
        Hello large = Hello.ofSize(3 << 20);
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> call = Background.run(() -> client.call(Hello.SAY_HELLO, large));
            try (ScriptedPeer draining = listening.accept()) {
                Eventually.get(
                        () -> call.thread().getStackTrace(),
                        stack -> Arrays.stream(stack)
                                .anyMatch(frame -> frame.getMethodName().equals("awaitWritable")));
                draining.fd().shutdown(SHUT_RD);
                try (ScriptedPeer next = listening.accept()) {
                    next.receive();
                    next.send(Frame.reply(1, Hello.of("taken")));
                    assertThat(call.result()).isEqualTo(Hello.of("taken"));
                }
            }
        }
    }

    @Test
    void requestThatWasTakenAndNotReadMayHaveRun() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> call = begin(client);
            try (ScriptedPeer server = listening.accept()) {
                assertThat(server.fd().poll(io.posixsocket.SocketConstants.POLLIN, -1))
                        .isNotZero();
            }
            StatusException failure = call.failure();
            assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
            assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
            assertThat(listening.hasClient()).as("made again").isFalse();
        }
    }

    @Test
    void answerCutShortIsUnavailable() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> call = begin(client);
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                byte[] reply = Frame.reply(1, Hello.of("Hello world")).bytes();
                server.send(java.util.Arrays.copyOf(reply, reply.length - 1));
            }
            assertThat(call.failure().status()).isEqualTo(Status.UNAVAILABLE);
        }
    }

    @Test
    void connectionThatEndedWhileNobodyUsedItIsReplacedOnce() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> call = begin(client);
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                server.send(Frame.reply(1, Hello.of("one")));
                call.result();
            }
            call = begin(client);
            try (ScriptedPeer server = listening.accept()) {
                server.expect(Frame.request(1, Hello.SAY_HELLO, Hello.of("x")).withPromise());
                assertThat(listening.hasClient()).isFalse();
                server.send(Frame.reply(1, Hello.of("two")));
                assertThat(call.result()).isEqualTo(Hello.of("two"));
            }
        }
    }

    @Test
    void callThatNoConnectionTakesIsMadeThriceAndDidNotRun() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            // larger than any socket buffer: taken in part
            Background<Hello> call = Background.run(() -> client.call(Hello.SAY_HELLO, Hello.ofSize(4_000_000)));
            for (int i = 0; i < 3; i++) {
                try (ScriptedPeer server = listening.accept()) {
                    assertThat(server.fd().poll(io.posixsocket.SocketConstants.POLLIN, -1))
                            .isNotZero();
                }
            }
            StatusException failure = call.failure();
            assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
            assertThat(failure.executed()).isEqualTo(Executed.NO);
            assertThat(failure.getMessage()).contains("unix:" + path, "(did not run)");
            assertThat(listening.hasClient()).as("a fourth time").isFalse();
        }
    }

    @Test
    void answerThatWasQueuedBeforeTheConnectionEndedIsTheOutcome() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> call = Background.run(() -> client.call(Hello.SAY_HELLO, Hello.ofSize(4_000_000)));
            try (ScriptedPeer server = listening.accept()) {
                assertThat(server.fd().poll(io.posixsocket.SocketConstants.POLLIN, -1))
                        .isNotZero();
                server.send(
                        Frame.join(List.of(Frame.reply(7, Hello.of("other")), Frame.failure(1, 8, "too much for me"))));
            } // closed: the client's next send fails, what was sent to it stays
            assertThat(call.failure().getMessage()).isEqualTo("RESOURCE_EXHAUSTED: too much for me");
            assertThat(listening.hasClient()).as("made again").isFalse();
        }
    }

    @Test
    void callAfterARestartSucceedsOnTheSameClient() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (Client client = client()) {
            for (int restart = 0; restart < 5; restart++) {
                try (Server server = server(calls)) {
                    assertThat(server.isDraining()).isFalse();
                    for (int i = 0; i < 3; i++) assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
                }
                assertThat(failure(client).executed()).isEqualTo(Executed.NO);
            }
        }
        assertThat(calls.get()).as("each ran once").isEqualTo(15);
    }

    @Test
    void staleConnectionsOfManyCallersAreAllReplacedAndEachCallRunsOnce() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        int callers = 8;
        CountDownLatch all = new CountDownLatch(callers);
        try (Client client = client()) {
            Server first = Server.builder()
                    .listen(SockaddrUn.path(path))
                    .service(Hello.service(request -> {
                        all.countDown();
                        ServerConcurrencyTest.await(all); // each has its own connection
                        return Hello.greet(request);
                    }))
                    .start();
            List<Background<Hello>> running = new ArrayList<>();
            for (int i = 0; i < callers; i++) running.add(begin(client));
            for (Background<Hello> one : running) one.result();
            first.close();
            try (Server second = server(calls)) {
                assertThat(second.isDraining()).isFalse();
                for (int i = 0; i < 2 * callers; i++) assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
            }
        }
        assertThat(calls.get()).isEqualTo(2 * callers);
    }

    // --- time --------------------------------------------------------------------------------------------------------

    @Test
    void deadlineIsNeverEarlyAndTheCallMayHaveRun() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            for (long nanos : new long[] {200_000_000, 123_456_789}) {
                long begin = System.nanoTime();
                StatusException failure = failure(client.withTimeout(Duration.ofNanos(nanos)));
                assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(nanos);
                assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
                assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
                assertThat(failure.description())
                        .isEqualTo("demo.greeter.v1.Greeter/SayHello at unix:" + path + ": deadline exceeded");
                try (ScriptedPeer server = listening.accept()) {
                    server.receive();
                    server.expectEnd(); // how a server learns that nobody waits
                }
            }
        }
    }

    @Test
    void deadlineBeforeTheRequestWasTakenMeansThatItDidNotRun() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Hello large = Hello.ofSize(4_000_000);
            StatusException failure = catchThrowableOfType(
                    StatusException.class,
                    () -> client.withTimeout(Duration.ofMillis(200)).call(Hello.SAY_HELLO, large));
            assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
            assertThat(failure.executed()).isEqualTo(Executed.NO);
            listening.accept().close();
        }
    }

    @Test
    void deadlineThatHasPassedSendsNothing() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (Server server = server(calls);
                Client client = client()) {
            call(client);
            Channel late = client.withDeadline(Deadline.after(Duration.ofSeconds(-1)));
            assertThat(failure(late).getMessage())
                    .isEqualTo(
                            "DEADLINE_EXCEEDED (did not run): demo.greeter.v1.Greeter/SayHello: the deadline passed before"
                                    + " the request was sent");
            assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
            assertThat(server.isDraining()).isFalse();
        }
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void deadlineEndsTheWaitForAFullBacklog() throws Exception {
        try (io.posixsocket.OwnedFd full = io.posixsocket.OwnedFd.adopt(io.posixsocket.PosixSocket.socket(
                        io.posixsocket.SocketConstants.AF_UNIX, io.posixsocket.SocketConstants.SOCK_STREAM, 0));
                Client client = client()) {
            full.bind(SockaddrUn.path(path));
            full.listen(0);
            try (ScriptedPeer waiting = ScriptedPeer.connect(path)) {
                assertThat(waiting.fd().isOpen()).isTrue();
                StatusException failure = failure(client.withTimeout(Duration.ofMillis(50)));
                assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
                assertThat(failure.executed()).isEqualTo(Executed.NO);
            }
        }
    }

    @Test
    void callAfterAnExpiredOneSucceeds() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .service(Hello.service(request -> {
                            if (!request.text().equals("hang")) return Hello.greet(request);
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                            return Hello.DEFAULT;
                        }))
                        .start();
                Client client = client()) {
            call(client); // what is loaded on first use may take longer than the call that is to expire
            StatusException failure = catchThrowableOfType(
                    StatusException.class,
                    () -> client.withTimeout(Duration.ofMillis(200)).call(Hello.SAY_HELLO, Hello.of("hang")));
            assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
            ServerConcurrencyTest.await(interrupted);
            assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
            assertThat(server.isDraining()).isFalse();
        }
    }

    // --- interrupts and close ----------------------------------------------------------------------------------------

    @Test
    void interruptBeforeACallCancelsItAndKeepsTheFlag() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (Server server = server(calls);
                Client client = client()) {
            call(client);
            Thread.currentThread().interrupt();
            StatusException failure = failure(client);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(failure.status()).isEqualTo(Status.CANCELLED);
            assertThat(failure.executed()).isEqualTo(Executed.NO);
            assertThat(failure.description())
                    .contains(
                            "SayHello at unix:" + path,
                            "thread " + Thread.currentThread().getName() + " was interrupted");
            assertThat(failure).hasCauseInstanceOf(ClosedByInterruptException.class);
            assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
            assertThat(server.isDraining()).isFalse();
        }
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void interruptDuringACallCancelsItAloneAndKeepsTheFlag() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> other = begin(client);
            ScriptedPeer otherServer = listening.accept();
            otherServer.receive();

            for (Duration timeout : new Duration[] {null, Duration.ofDays(1)}) {
                Background<Boolean> interrupted = Background.run(() -> {
                    StatusException failure = failure(timeout == null ? client : client.withTimeout(timeout));
                    assertThat(failure.status()).isEqualTo(Status.CANCELLED);
                    assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
                    assertThat(failure.description()).contains("unix:" + path, "thread background was interrupted");
                    return Thread.interrupted();
                });
                try (ScriptedPeer server = listening.accept()) {
                    server.receive();
                    interrupted.thread().interrupt();
                    assertThat(interrupted.result()).as("the flag stays").isTrue();
                    server.expectEnd();
                }
            }
            otherServer.send(Frame.reply(1, Hello.of("unharmed")));
            assertThat(other.result()).isEqualTo(Hello.of("unharmed"));
            otherServer.close();
        }
    }

    @Test
    void interruptWhileTheRequestIsWrittenMeansThatItDidNotRun() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> call = Background.run(() -> client.call(Hello.SAY_HELLO, Hello.ofSize(4_000_000)));
            try (ScriptedPeer server = listening.accept()) {
                assertThat(server.fd().poll(io.posixsocket.SocketConstants.POLLIN, -1))
                        .isNotZero();
                call.thread().interrupt();
                StatusException failure = call.failure();
                assertThat(failure.status()).isEqualTo(Status.CANCELLED);
                assertThat(failure.executed()).isEqualTo(Executed.NO);
            }
        }
    }

    @Test
    void closeDuringACallCancelsIt() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path)) {
            for (Duration timeout : new Duration[] {null, Duration.ofDays(1)}) {
                Client client = client();
                Background<Hello> call = begin(timeout == null ? client : client.withTimeout(timeout));
                try (ScriptedPeer server = listening.accept()) {
                    server.receive();
                    client.close();
                    StatusException failure = call.failure();
                    assertThat(failure.status()).isEqualTo(Status.CANCELLED);
                    assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
                    assertThat(failure.description())
                            .isEqualTo("demo.greeter.v1.Greeter/SayHello at unix:" + path + ": the client was closed");
                    server.expectEnd();
                }
            }
        }
    }

    @Test
    void callAfterCloseDidNotRun() throws Exception {
        try (Server server = server(new AtomicInteger())) {
            Client client = client();
            call(client);
            client.close();
            client.close();
            StatusException failure = failure(client);
            assertThat(failure.status()).isEqualTo(Status.CANCELLED);
            assertThat(failure.executed()).isEqualTo(Executed.NO);
            assertThat(failure.description())
                    .isEqualTo("demo.greeter.v1.Greeter/SayHello at unix:" + path + ": the client is closed");
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void closeRacesWithCallsAndLeavesNothingOpen() throws Exception {
        try (Server server = server(new AtomicInteger())) {
            for (int round = 0; round < 200; round++) {
                Client client = client();
                List<Background<Hello>> calls = List.of(begin(client), begin(client), begin(client));
                client.close();
                for (Background<Hello> call : calls) {
                    try {
                        assertThat(call.result()).isEqualTo(Hello.of("Hello x"));
                    } catch (StatusException e) {
                        assertThat(e.status()).as(e.getMessage()).isEqualTo(Status.CANCELLED);
                    }
                }
            }
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void interruptsThatComeAtAnyMomentCancelOneCallOnly() throws Exception {
        try (Server server = server(new AtomicInteger());
                Client client = client()) {
            long seed = System.nanoTime();
            System.out.println("interruptsThatComeAtAnyMomentCancelOneCallOnly: seed " + seed);
            java.util.Random random = new java.util.Random(seed);
            Background<int[]> caller = Background.run(() -> {
                int[] outcomes = new int[2];
                while (outcomes[0] + outcomes[1] < 5_000) {
                    try {
                        assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
                        outcomes[0]++;
                    } catch (StatusException e) {
                        assertThat(e.status()).as(e.getMessage()).isEqualTo(Status.CANCELLED);
                        assertThat(Thread.interrupted()).isTrue();
                        outcomes[1]++;
                    }
                }
                return outcomes;
            });
            while (caller.thread().isAlive()) {
                caller.thread().interrupt();
                long end = System.nanoTime() + random.nextInt(300_000);
                while (System.nanoTime() < end) Thread.onSpinWait();
            }
            int[] outcomes = caller.result();
            assertThat(outcomes[0]).isPositive();
            assertThat(outcomes[1]).as("interrupts that bit").isPositive();
            assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
            assertThat(server.isDraining()).isFalse();
        }
    }

    // --- who is it ---------------------------------------------------------------------------------------------------

    @Test
    void serverThatIsNotPermittedGetsNotAByte() throws Exception {
        PeerPolicy nobody = new PeerPolicy() {
            @Override
            public boolean permits(io.posixsocket.PeerCredentials peer) {
                return false;
            }

            @Override
            public String toString() {
                return "nobody";
            }
        };
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client =
                        Client.builder(SockaddrUn.path(path)).authorize(nobody).build()) {
            StatusException failure = failure(client);
            assertThat(failure.status()).isEqualTo(Status.PERMISSION_DENIED);
            assertThat(failure.executed()).isEqualTo(Executed.NO);
            assertThat(failure.description())
                    .contains(
                            "the server at unix:" + path + " is pid "
                                    + ProcessHandle.current().pid(),
                            "wanted is nobody");
            try (ScriptedPeer server = listening.accept()) {
                server.expectEnd();
            }
        }
    }

    @Test
    void policyThatThrowsPermitsNoServer() throws Exception {
        for (Throwable thrown :
                new Throwable[] {new IllegalStateException("cannot say"), new AssertionError("nor this")}) {
            PeerPolicy failing = peer -> {
                if (thrown instanceof Error error) throw error;
                throw (RuntimeException) thrown;
            };
            path = directory.resolve(thrown.getClass().getSimpleName());
            try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                    Client client = Client.builder(SockaddrUn.path(path))
                            .authorize(failing)
                            .build()) {
                StatusException failure = failure(client);
                assertThat(failure.status()).isEqualTo(Status.PERMISSION_DENIED);
                assertThat(failure.description()).contains(thrown.getMessage());
                try (ScriptedPeer server = listening.accept()) {
                    server.expectEnd();
                }
            }
        }
    }

    @Test
    void clientThatIsNotPermittedIsClosedWithoutAByte() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        PeerPolicy everySecond = peer -> {
            assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
            return asked.incrementAndGet() % 2 == 0;
        };
        try (Server server = Server.builder()
                .listen(SockaddrUn.path(path))
                .authorize(everySecond)
                .service(Hello.service())
                .start()) {
            for (int i = 0; i < 2; i++) {
                try (ScriptedPeer denied = ScriptedPeer.connect(path)) {
                    denied.expectEnd();
                }
                try (ScriptedPeer permitted = ScriptedPeer.connect(path)) {
                    permitted.send(Vectors.HELLO_WORLD);
                    permitted.expect(Vectors.HELLO_WORLD_REPLY);
                }
            }
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void policyThatThrowsPermitsNoClientAndTheServerGoesOnAccepting() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (Server server = Server.builder()
                .listen(SockaddrUn.path(path))
                .authorize(peer -> {
                    switch (asked.incrementAndGet()) {
                        case 1 -> throw new IllegalStateException("cannot say");
                        case 2 -> throw new AssertionError("nor this");
                        default -> {
                            return true;
                        }
                    }
                })
                .service(Hello.service())
                .start()) {
            for (int i = 0; i < 2; i++) {
                try (ScriptedPeer denied = ScriptedPeer.connect(path)) {
                    denied.expectEnd();
                }
            }
            try (ScriptedPeer permitted = ScriptedPeer.connect(path)) {
                permitted.send(Vectors.HELLO_WORLD);
                permitted.expect(Vectors.HELLO_WORLD_REPLY);
            }
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void deniedClientSeesUnavailable() throws Exception {
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .authorize(peer -> false)
                        .service(Hello.service())
                        .start();
                Client client = client()) {
            StatusException failure = failure(client);
            assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
            assertThat(failure.getMessage()).contains("unix:" + path);
            assertThat(server.isDraining()).isFalse();
        }
    }
}

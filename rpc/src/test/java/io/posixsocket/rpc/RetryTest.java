package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Calls that wait for their server, and calls that are made again. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class RetryTest {
    private static final MethodDescriptor<Hello, Hello> IDEMPOTENT =
            Hello.SAY_HELLO.withIdempotency(Idempotency.IDEMPOTENT);
    private static final MethodDescriptor<Hello, Hello> NO_SIDE_EFFECTS =
            Hello.SAY_HELLO.withIdempotency(Idempotency.NO_SIDE_EFFECTS);

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

    private Server server() throws IOException {
        return Server.builder()
                .listen(SockaddrUn.path(path))
                .service(Hello.service())
                .start();
    }

    private static Background<Hello> begin(Channel channel) {
        return Background.run(() -> channel.call(Hello.SAY_HELLO, Hello.of("x")));
    }

    private static StatusException failure(Channel channel) {
        return failure(channel, Hello.SAY_HELLO);
    }

    private static StatusException failure(Channel channel, MethodDescriptor<Hello, Hello> method) {
        return catchThrowableOfType(StatusException.class, () -> channel.call(method, Hello.of("x")));
    }

    // --- waiting for the server --------------------------------------------------------------------------------------

    @Test
    void callWaitsForAServerThatIsNotThereYet() throws Exception {
        try (Client client = client()) {
            List<Background<Hello>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++)
                calls.add(begin(
                        i % 2 == 0
                                ? client.withWaitForReady()
                                : client.withTimeout(Duration.ofDays(1)).withWaitForReady()));
            Eventually.get(client::stats, stats -> stats.failedConnects() >= 4);
            Eventually.get(client::stats, stats -> stats.waiting() == 4); // one of them may be at an attempt
            try (Server server = server()) {
                for (Background<Hello> call : calls) assertThat(call.result()).isEqualTo(Hello.of("Hello x"));
                assertThat(server.isDraining()).isFalse();
            }
            assertThat(client.stats().waiting()).isZero();
        }
    }

    @Test
    void callThatDoesNotWaitFailsAtOnceWhileOthersDoAndFindsTheServerFirst() throws Exception {
        try (Client client = client()) {
            Background<Hello> waiting = begin(client.withWaitForReady());
            Eventually.get(client::stats, stats -> stats.failedConnects() >= 1);
            for (int i = 0; i < 20; i++) { // each makes the back-off longer, none is kept by it
                StatusException failure = failure(client);
                assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
                assertThat(failure.executed()).isEqualTo(Executed.NO);
                assertThat(failure.description()).contains("ENOENT");
            }
            assertThat(client.stats().failedConnects()).isGreaterThanOrEqualTo(21);
            try (Server server = server()) {
                assertThat(client.call(Hello.SAY_HELLO, Hello.of("y"))).isEqualTo(Hello.of("Hello y"));
                assertThat(waiting.result()).isEqualTo(Hello.of("Hello x"));
                assertThat(server.isDraining()).isFalse();
            }
        }
    }

    @Test
    void waitForTheServerEndsByDeadlineInterruptAndClose() throws Exception {
        Client client = client();
        StatusException late = failure(client.withTimeout(Duration.ofMillis(30)).withWaitForReady());
        assertThat(late.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        assertThat(late.executed()).isEqualTo(Executed.NO);
        assertThat(late.description())
                .contains("SayHello at unix:" + path, "no server: connect(unix:" + path + "): ENOENT");

        Background<Boolean> interrupted = Background.run(() -> {
            StatusException failure = failure(client.withWaitForReady());
            assertThat(failure.status()).isEqualTo(Status.CANCELLED);
            assertThat(failure.executed()).isEqualTo(Executed.NO);
            return Thread.interrupted();
        });
        Eventually.get(client::stats, stats -> stats.waiting() == 1);
        interrupted.thread().interrupt();
        assertThat(interrupted.result()).as("the flag stays").isTrue();

        Background<Hello> closed = begin(client.withWaitForReady());
        Eventually.get(client::stats, stats -> stats.waiting() == 1);
        client.close();
        assertThat(closed.failure().status()).isEqualTo(Status.CANCELLED);
    }

    @Test
    void waitingDoesNotHelpWhereTheServerIsTheWrongOne() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = Client.builder(SockaddrUn.path(path))
                        .authorize(peer -> false)
                        .build()) {
            assertThat(failure(client.withWaitForReady()).status()).isEqualTo(Status.PERMISSION_DENIED);
            listening.accept().close();
        }
    }

    @Test
    void requestThatNoConnectionTakesIsMadeAgainUntilOneDoes() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<Hello> call =
                    Background.run(() -> client.withWaitForReady().call(Hello.SAY_HELLO, Hello.ofSize(4_000_000)));
            for (int i = 0; i < 5; i++) {
                try (ScriptedPeer server = listening.accept()) {
                    assertThat(server.fd().poll(io.posixsocket.SocketConstants.POLLIN, -1))
                            .isNotZero();
                }
            }
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                server.send(Frame.reply(1, Hello.of("ok")));
                assertThat(call.result()).isEqualTo(Hello.of("ok"));
            }
            assertThat(client.stats().retries()).isEqualTo(5);
            assertThat(client.stats().failedConnects()).isEqualTo(5);
        }
    }

    @Test
    void restartsUnderLoadFailNoCallThatWaitsAndRunEachOnce() throws Exception {
        int callers = 6;
        int restarts = Integer.getInteger("posixsocket.restarts", 20);
        Map<String, Boolean> ledger = new ConcurrentHashMap<>();
        AtomicBoolean over = new AtomicBoolean();
        ServiceDefinition service = Hello.service(request -> {
            if (ledger.put(request.text(), true) != null) throw new IllegalStateException("ran twice");
            return Hello.greet(request);
        });
        try (Client client = client()) {
            List<Background<Integer>> running = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int caller = i;
                Channel channel = i % 2 == 0
                        ? client.withWaitForReady()
                        : client.withTimeout(Duration.ofMinutes(1)).withWaitForReady();
                running.add(Background.run(() -> {
                    int calls = 0;
                    for (; !over.get(); calls++)
                        assertThat(channel.call(Hello.SAY_HELLO, Hello.of(caller + "." + calls)))
                                .isEqualTo(Hello.of("Hello " + caller + "." + calls));
                    return calls;
                }));
            }
            for (int i = 0; i < restarts; i++) {
                try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .service(service)
                        .start()) {
                    int before = ledger.size();
                    Eventually.get(ledger::size, size -> size >= before + 200);
                    if (i == restarts - 1) {
                        over.set(true);
                        int calls = 0;
                        for (Background<Integer> one : running) calls += one.result();
                        assertThat(ledger).hasSize(calls);
                    }
                    assertThat(server.isDraining()).isFalse();
                }
            }
            ClientStats stats = client.stats();
            assertThat(stats.connects()).as("that the restarts bit").isGreaterThanOrEqualTo(restarts);
            assertThat(stats.failedConnects() + stats.retries()).isPositive();
        }
    }

    // --- what may have run -------------------------------------------------------------------------------------------

    /** The server takes a request and ends, so many times; then it answers. */
    private static void takeAndEnd(ScriptedPeer.Listening listening, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
            }
        }
    }

    @Test
    void idempotentCallThatMayHaveRunIsMadeAgain() throws Exception {
        for (MethodDescriptor<Hello, Hello> method : List.of(IDEMPOTENT, NO_SIDE_EFFECTS)) {
            path = directory.resolve(method.idempotency().name());
            try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                    Client client = client()) {
                Background<Hello> call =
                        Background.run(() -> client.withRetry(Retry.IDEMPOTENT).call(method, Hello.of("x")));
                takeAndEnd(listening, 2);
                try (ScriptedPeer server = listening.accept()) {
                    server.expect(Frame.request(1, method, Hello.of("x")).withPromise());
                    server.send(Frame.reply(1, Hello.of("third")));
                    assertThat(call.result()).isEqualTo(Hello.of("third"));
                }
                assertThat(client.stats().retries()).isEqualTo(2);
            }
        }
    }

    @Test
    void afterTwoRetriesItFailsAndMayHaveRun() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Background<StatusException> call =
                    Background.run(() -> failure(client.withRetry(Retry.IDEMPOTENT), IDEMPOTENT));
            takeAndEnd(listening, 3);
            assertThat(call.result().status()).isEqualTo(Status.UNAVAILABLE);
            assertThat(call.result().executed()).isEqualTo(Executed.MAYBE);
            assertThat(listening.hasClient()).isFalse();
        }
    }

    @Test
    void lastAttemptThatDidNotRunDoesNotHideOneThatMayHave() throws Exception {
        ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
        try (Client client = client()) {
            Background<StatusException> call =
                    Background.run(() -> failure(client.withRetry(Retry.IDEMPOTENT), IDEMPOTENT));
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                listening.close(); // the second attempt cannot connect
            }
            StatusException failure = call.result();
            assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
            assertThat(failure.description()).contains("ECONNREFUSED");
            assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
            assertThat(failure.getSuppressed()).hasSize(1);
            assertThat(failure.getSuppressed()[0]).hasMessageContaining("before it replied");
        }
    }

    @Test
    void whatIsNotBothAllowedAndIdempotentIsNotMadeAgain() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            List<Background<StatusException>> calls = List.of(
                    Background.run(() -> failure(client.withRetry(Retry.IDEMPOTENT), Hello.SAY_HELLO)),
                    Background.run(() -> failure(client, IDEMPOTENT)),
                    Background.run(() ->
                            failure(client.withRetry(Retry.IDEMPOTENT).withRetry(Retry.NOT_EXECUTED), IDEMPOTENT)));
            takeAndEnd(listening, 3);
            for (Background<StatusException> call : calls)
                assertThat(call.result().executed()).isEqualTo(Executed.MAYBE);
            assertThat(listening.hasClient()).isFalse();
            assertThat(client.stats().retries()).isZero();
        }
    }

    @Test
    void ofTheServersAnswersOnlyUnavailableIsAskedAgain() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client()) {
            Channel channel = client.withRetry(Retry.IDEMPOTENT);
            Background<Hello> call = Background.run(() -> channel.call(IDEMPOTENT, Hello.of("x")));
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                server.send(Frame.failure(1, 14, "shutting down"));
                assertThat(server.receive().streamId()).isEqualTo(3);
                server.send(Frame.failure(3, 5, "no such thing"));
                assertThat(call.failure().getMessage()).isEqualTo("NOT_FOUND: no such thing");
                assertThat(server.hasNothing()).isTrue();
            }
        }
    }

    @Test
    void backOffDoublesFromFiveMillisecondsToOneSecondGiveOrTakeAFifth() {
        long[] millis = {5, 10, 20, 40, 80, 160, 320, 640, 1000};
        for (int failures = 0; failures < millis.length; failures++) {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis[failures]);
            long least = Long.MAX_VALUE;
            long most = 0;
            for (int i = 0; i < 1_000; i++) {
                long one = BackOff.nanos(failures);
                assertThat(one).isBetween(nanos * 8 / 10, nanos * 12 / 10);
                least = Math.min(least, one);
                most = Math.max(most, one);
            }
            assertThat(most - least).as("spread").isGreaterThan(nanos / 10);
        }
    }
}

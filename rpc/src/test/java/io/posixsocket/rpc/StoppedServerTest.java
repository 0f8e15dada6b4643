package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is there and does nothing, stopped by SIGSTOP: each call ends by its deadline, says rightly whether it may have
 * run, and has not run twice, whatever the server finds when it goes on.
 */
@Timeout(180)
@ExtendWith(NoLeaks.class)
class StoppedServerTest {
    private static final int BACKLOG = 4;
    private static final Duration TIMEOUT = Duration.ofMillis(500);

    @TempDir
    Path directory;

    private Path path;
    private Path ledger;
    private ChildJvm server;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        path = directory.resolve("s");
        ledger = directory.resolve("ledger");
        server = ChildJvm.start(WorkServer.class, path.toString(), ledger.toString(), "" + BACKLOG);
        client = Client.connect("unix:" + path);
        assertThat(server.line()).isEqualTo("loaded");
        server.tell("listen");
        assertThat(server.line()).isEqualTo("listening");
        call("before");
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    private void call(String name) {
        for (Work.Shape shape : Work.Shape.values()) Work.call(client, shape, Hello.of(name + shape), () -> {});
    }

    private StatusException expired(Work.Shape shape, Hello request) {
        long begin = System.nanoTime();
        StatusException failure = catchThrowableOfType(
                StatusException.class, () -> Work.call(client.withTimeout(TIMEOUT), shape, request, () -> {}));
        assertThat(System.nanoTime() - begin).as("never early").isGreaterThanOrEqualTo(TIMEOUT.toNanos());
        assertThat(failure.status()).as(failure.getMessage()).isEqualTo(Status.DEADLINE_EXCEEDED);
        return failure;
    }

    /** The server goes on, has seen the end of whoever left, and serves; the names in its ledger. */
    private List<String> goOn() throws Exception {
        server.signal("CONT");
        call("after");
        server.tell("shutdown"); // after the last answer to whoever is still there
        assertThat(server.line()).isEqualTo("shut true");
        List<String> names = Files.readAllLines(ledger);
        assertThat(names).doesNotHaveDuplicates();
        for (Work.Shape shape : Work.Shape.values()) assertThat(names).contains("before" + shape, "after" + shape);
        return names;
    }

    @Test
    void waitForTheReplyEndsAndTheCallMayHaveRun() throws Exception {
        server.signal("STOP");
        for (Work.Shape shape : Work.Shape.values())
            assertThat(expired(shape, Hello.of("sent" + shape)).executed()).isEqualTo(Executed.MAYBE);
        goOn(); // it finds that these callers are gone, and may run them nevertheless: once
    }

    @Test
    void requestThatIsNotTakenWholeDoesNotRun() throws Exception {
        server.signal("STOP");
        String large = "large" + "x".repeat(4_000_000);
        for (Work.Shape shape : List.of(Work.Shape.UNARY, Work.Shape.SERVER_STREAM))
            assertThat(expired(shape, Hello.of(large)).executed()).isEqualTo(Executed.NO);
        assertThat(goOn()).noneMatch(name -> name.startsWith("large"));
    }

    /** The Request itself was taken. */
    @Test
    void streamsMessageThatIsNotTakenEndsACallThatMayHaveRun() throws Exception {
        server.signal("STOP");
        String large = "large" + "x".repeat(1_000_000);
        for (Work.Shape shape : List.of(Work.Shape.CLIENT_STREAM, Work.Shape.BOTH))
            assertThat(expired(shape, Hello.of(large)).executed()).isEqualTo(Executed.MAYBE);
        assertThat(goOn()).noneMatch(name -> name.startsWith("large"));
    }

    @Test
    void waitForAPlaceInTheBacklogEndsAndNothingRan() throws Exception {
        server.signal("STOP");
        client.close(); // its connection would be used
        client = Client.connect("unix:" + path);
        List<ScriptedPeer> backlog = new ArrayList<>();
        try {
            for (int i = 0; i <= BACKLOG; i++) backlog.add(ScriptedPeer.connect(path));
            for (Work.Shape shape : Work.Shape.values())
                assertThat(expired(shape, Hello.of("none" + shape)).executed()).isEqualTo(Executed.NO);
            assertThat(client.stats().connects()).isZero();
        } finally {
            backlog.forEach(ScriptedPeer::close);
        }
        assertThat(goOn()).noneMatch(name -> name.startsWith("none"));
    }

    /** Stopped while its replies are on the way: what came before counts, then the deadline. */
    @Test
    void streamThatStopsInTheMiddleEnds() throws Exception {
        try (Call<Hello, Hello> call = client.withTimeout(Duration.ofSeconds(2)).start(Work.SERVER_STREAM)) {
            call.send(new Hello("flow", Long.MAX_VALUE));
            assertThat(call.receive().text()).isEqualTo("flow");
            server.signal("STOP");
            StatusException failure = catchThrowableOfType(StatusException.class, () -> {
                for (; ; ) assertThat(call.receive().text()).isEqualTo("flow");
            });
            assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
            assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
        }
        assertThat(goOn()).contains("flow");
    }

    /** Who waits for the server's room, not for its answer, in a stream that goes both ways. */
    @Test
    void floodOfRequestsEndsByTheDeadline() throws Exception {
        server.signal("STOP");
        Channel channel = client.withTimeout(TIMEOUT);
        for (Runnable flood : List.<Runnable>of(
                () -> channel.callClientStreaming(Work.CLIENT_STREAM, endless("flood1")),
                () -> channel.callBidiStreaming(Work.BOTH, endless("flood2"), reply -> {}))) {
            StatusException failure = catchThrowableOfType(StatusException.class, flood::run);
            assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
            assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
        }
        goOn();
    }

    private static Iterable<Hello> endless(String name) {
        Hello request = Hello.of(name + "x".repeat(1000));
        return () -> Stream.generate(() -> request).iterator();
    }
}

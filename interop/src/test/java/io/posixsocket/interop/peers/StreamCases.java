package io.posixsocket.interop.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Streams of every shape. */
final class StreamCases {
    private static final String RECEIVE = "receive";
    private static final int MANY = 1_000;

    static final List<Case> ALL = List.of(
            Case.stream("a client stream", StreamCases::clientStream),
            Case.stream("a server stream", StreamCases::serverStream),
            Case.stream("a server stream of 1,000", StreamCases::longServerStream),
            Case.stream("both ways, in turns", StreamCases::bothWays),
            Case.stream("empty messages in a stream", StreamCases::emptyMessages),
            Case.stream("the server ends a client stream early", StreamCases::serverEndsClientStream),
            Case.stream("the server ends both ways early", StreamCases::serverEndsBothWays),
            Case.stream("an error amid a server stream", StreamCases::errorAmidServerStream),
            Case.stream("an error amid both ways", StreamCases::errorAmidBothWays),
            Case.stream("a deadline that passes amid a stream", StreamCases::deadlinePasses),
            Case.stream("the client leaves early", StreamCases::clientLeaves));

    private StreamCases() {}

    private static String clientStream(Pair pair) {
        assertThat(pair.stream("Sum", "send=:1", "send=:2", "send=:3", "close", RECEIVE, RECEIVE))
                .isEqualTo("ok|:6|end");
        assertThat(pair.stream("Sum", "close", RECEIVE, RECEIVE)).isEqualTo("ok|:0|end");
        return "ok";
    }

    private static String serverStream(Pair pair) {
        assertThat(pair.stream("Count", "send=:2", RECEIVE, RECEIVE, RECEIVE)).isEqualTo("ok|:1|:2|end");
        assertThat(pair.stream("Count", "send=:0", RECEIVE)).isEqualTo("ok|end");
        return "ok";
    }

    private static String longServerStream(Pair pair) {
        String[] steps = Collections.nCopies(MANY + 2, RECEIVE).toArray(String[]::new);
        steps[0] = "send=:" + MANY;
        String numbers = IntStream.rangeClosed(1, MANY).mapToObj(n -> ":" + n).collect(Collectors.joining("|"));
        assertThat(pair.stream("Count", steps)).isEqualTo("ok|" + numbers + "|end");
        return "ok";
    }

    private static String bothWays(Pair pair) {
        assertThat(pair.stream("Chat", "send=a:1", RECEIVE, "send=ü:2", "send=c:3", RECEIVE, RECEIVE, "close", RECEIVE))
                .isEqualTo("ok|a:1|ü:2|c:3|end");
        return "ok";
    }

    private static String emptyMessages(Pair pair) {
        assertThat(pair.stream("Chat", "send=:0", RECEIVE, "send=:0", RECEIVE, "close", RECEIVE))
                .isEqualTo("ok|:0|:0|end");
        return "ok";
    }

    private static String serverEndsClientStream(Pair pair) {
        assertThat(pair.stream("Sum", "send=:5", "send=stop:1", RECEIVE, RECEIVE))
                .isEqualTo("ok|:6|end");
        return "ok";
    }

    private static String serverEndsBothWays(Pair pair) {
        assertThat(pair.stream("Chat", "send=a:1", RECEIVE, "send=stop:0", RECEIVE))
                .isEqualTo("ok|a:1|end");
        return "ok";
    }

    private static String errorAmidServerStream(Pair pair) {
        assertThat(pair.stream("Count", "send=fail:2", RECEIVE, RECEIVE, RECEIVE))
                .isEqualTo("ok|:1|:2|failed|9|failed as told|");
        return "9";
    }

    private static String errorAmidBothWays(Pair pair) {
        assertThat(pair.stream("Chat", "send=a:1", RECEIVE, "send=fail:0", RECEIVE))
                .isEqualTo("ok|a:1|failed|9|failed as told|");
        return "9";
    }

    /** Go's client does not send it: there the server hears of the connection's end. */
    private static String deadlinePasses(Pair pair) throws Exception {
        String hold = "hold-" + Pair.name();
        try (PeerProcess late = pair.anotherClient()) {
            assertThat(late.ask(Pair.stream("Chat", 1_000, "send=a:1", RECEIVE, "send=" + hold + ":0", RECEIVE)))
                    .startsWith("ok|a:1|failed|4|");
            if (pair.weCall()) pair.server.awaitEvent("cancelled|" + hold);
        }
        pair.server.awaitEvent("cancelled|" + hold);
        return pair.weCall() ? "4" : "4 " + Note.DEADLINE_NOT_SENT;
    }

    /** Ours ends its connection with the call, a Go client leaves only itself: there the server hears of it with the connection. */
    private static String clientLeaves(Pair pair) throws Exception {
        String hold = "hold-" + Pair.name();
        try (PeerProcess leaving = pair.anotherClient()) {
            CompletableFuture<String> left =
                    leaving.start(Pair.stream("Chat", 0, "send=a:1", RECEIVE, "send=" + hold + ":0", "leave"));
            assertThat(leaving.await(left, "Chat")).isEqualTo("ok|a:1");
            pair.server.awaitEvent("holding|" + hold);
            assertThat(leaving.ask(Pair.stream("Chat", 0, "send=b:2", RECEIVE, "close", RECEIVE)))
                    .isEqualTo("ok|b:2|end");
        }
        pair.server.awaitEvent("cancelled|" + hold);
        return pair.weCall() ? "ok" : "ok " + Note.LEFT_SILENTLY;
    }
}

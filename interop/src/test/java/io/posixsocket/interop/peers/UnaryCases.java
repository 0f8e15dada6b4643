package io.posixsocket.interop.peers;

import static io.posixsocket.interop.peers.Pair.SERVICE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One request, one reply. */
final class UnaryCases {
    private static final int MAX_BODY = 4 << 20;
    private static final int CALLS = 100;
    private static final int CALL_MILLIS = 100;

    static final List<Case> ALL = List.of(
            Case.unary("a call", UnaryCases::call),
            Case.unary("empty messages", UnaryCases::emptyMessages),
            Case.unary("metadata with several values", UnaryCases::metadata),
            Case.unary("a deadline that is met", UnaryCases::deadlineMet),
            Case.unary("a deadline that passes", UnaryCases::deadlinePasses),
            Case.unary("a status with details", UnaryCases::statusWithDetails),
            Case.unary("a handler's plain error", UnaryCases::plainError),
            Case.unary("an unknown service", UnaryCases::unknownService),
            Case.unary("an unknown method", UnaryCases::unknownMethod),
            Case.unary("a request of 4 MiB", UnaryCases::longestRequest),
            Case.unary("a request of 4 MiB + 1", UnaryCases::tooLongRequest),
            Case.unary("a reply of 4 MiB", UnaryCases::longestReply),
            Case.unary("a reply of 4 MiB + 1", UnaryCases::tooLongReply),
            Case.unary("fast calls beside a slow one", UnaryCases::fastBesideSlow),
            Case.unary("100 calls of 100 ms at once", UnaryCases::manyAtOnce));

    private UnaryCases() {}

    private static String call(Pair pair) {
        assertThat(pair.call("Echo", "Grüße, 世界", -7)).isEqualTo("ok|Grüße, 世界|-7|0|");
        return "ok";
    }

    private static String emptyMessages(Pair pair) {
        assertThat(pair.call("Echo", "", 0)).isEqualTo("ok||0|0|");
        return "ok";
    }

    private static String metadata(Pair pair) {
        assertThat(pair.client.ask(Pair.unary(SERVICE, "Told", 0, "", 0, 0, "a=1", "a=2", "b=ü", "c=")))
                .isEqualTo("ok||0|0|a=1,a=2,b=ü,c=");
        return "ok";
    }

    private static String deadlineMet(Pair pair) {
        String answer = pair.client.ask(Pair.unary(SERVICE, "Told", 60_000, "", 0, 0));
        assertThat(answer).startsWith("ok||");
        assertThat(Long.parseLong(answer.split("\\|", -1)[2]))
                .as("milliseconds left, as the server was told")
                .isBetween(1L, 60_000L);
        return "ok";
    }

    private static String deadlinePasses(Pair pair) {
        String name = Pair.name();
        String answer = pair.client.ask(Pair.unary(SERVICE, "Hold", 1_000, name, 0, 0));
        String cell = pair.clientPeer == Peer.RUST_SYNC ? "`timed out waiting on channel` " + Note.OWN_TIMEOUT : "4";
        if (pair.clientPeer != Peer.RUST_SYNC || !answer.endsWith("timed out waiting on channel"))
            assertThat(answer).startsWith("failed|4|");
        pair.server.awaitEvent("holding|" + name);
        if (pair.serverPeer == Peer.RUST_SYNC) {
            assertThat(pair.call("Release", name, 0)).startsWith("ok|");
            return cell + " " + Note.NOT_TOLD;
        }
        pair.server.awaitEvent("cancelled|" + name);
        return cell;
    }

    private static String statusWithDetails(Pair pair) {
        assertThat(pair.call("Fail", "kein Käse", 9))
                .isEqualTo("failed|9|kein Käse|type.googleapis.com/interop.v1.Item=0a0a6b65696e204bc3a47365");
        return "9";
    }

    private static String plainError(Pair pair) {
        String text = pair.serverPeer.isRust() ? "Others(\"no cheese\")" : "no cheese";
        assertThat(pair.call("Fail", "no cheese", 0)).isEqualTo("failed|2|" + text + "|");
        return "2 `" + text + "`";
    }

    private static String unknownService(Pair pair) {
        String expected = pair.serverPeer.isRust() ? "3|/No.Such/Echo does not exist" : "12|service No.Such";
        return refused(pair, Pair.unary("No.Such", "Echo", 0, "", 0, 0), expected);
    }

    private static String unknownMethod(Pair pair) {
        String expected = pair.serverPeer.isRust() ? "3|/interop.v1.Unary/Nope does not exist" : "12|method Nope";
        return refused(pair, Pair.unary(SERVICE, "Nope", 0, "", 0, 0), expected);
    }

    private static String refused(Pair pair, String[] call, String expected) {
        assertThat(pair.client.ask(call)).isEqualTo("failed|" + expected + "|");
        return expected.replace("|", " `") + "`";
    }

    /** Names with a byte of tag and one of length each, a payload with one and four, and in it the data with one and four. */
    private static int longestData(String method) {
        return MAX_BODY - 2 - SERVICE.length() - 2 - method.length() - 5 - 5;
    }

    private static String longestRequest(Pair pair) {
        int length = longestData("Take");
        assertThat(pair.client.ask(Pair.unary(SERVICE, "Take", 0, "", 0, length)))
                .isEqualTo("ok||" + length + "|0|");
        return "ok";
    }

    private static String tooLongRequest(Pair pair) {
        String answer = pair.client.ask(Pair.unary(SERVICE, "Take", 0, "", 0, longestData("Take") + 1));
        // that it is one byte too long is what shows that the other one was of 4 MiB
        assertThat(answer).contains("message length 4194305 exceed maximum message size of 4194304");
        assertThat(answer).startsWith("failed|8|");
        call(pair);
        return pair.weCall() ? "8, not sent" : "8";
    }

    /** A payload with a byte of tag and four of length, in it the data with the same; Rust adds an empty status of two. */
    private static int longestReplyData(Pair pair) {
        return MAX_BODY - 5 - 5 - (pair.serverPeer.isRust() ? 2 : 0);
    }

    private static String longestReply(Pair pair) {
        int length = longestReplyData(pair);
        assertThat(pair.call("Give", "", length)).isEqualTo("ok||0|" + length + "|");
        return "ok";
    }

    private static String tooLongReply(Pair pair) {
        assertThat(pair.call("Give", "", longestReplyData(pair) + 1))
                .startsWith("failed|8|")
                .endsWith("message length 4194305 exceed maximum message size of 4194304|");
        call(pair);
        return "8";
    }

    private static String fastBesideSlow(Pair pair) {
        String name = Pair.name();
        CompletableFuture<String> slow = pair.start("Hold", name, 0);
        pair.server.awaitEvent("holding|" + name);
        for (int i = 0; i < 20; i++) call(pair);
        assertThat(slow).isNotDone();
        assertThat(pair.call("Release", name, 0)).startsWith("ok|");
        assertThat(pair.client.await(slow, "Hold")).isEqualTo("ok|" + name + "|0|0|");
        return "ok";
    }

    /** One after the other they would take 10 s. */
    private static String manyAtOnce(Pair pair) {
        List<CompletableFuture<String>> calls = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < CALLS; i++) calls.add(pair.start("Sleep", "x", CALL_MILLIS));
        for (CompletableFuture<String> call : calls) {
            assertThat(pair.client.await(call, "Sleep")).isEqualTo("ok|x|" + CALL_MILLIS + "|0|");
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        assertThat(millis).as("milliseconds for all").isBetween((long) CALL_MILLIS, 5_000L);
        pair.figures.add(CALLS + " calls of " + CALL_MILLIS + " ms at once: " + millis + " ms");
        return "ok";
    }
}

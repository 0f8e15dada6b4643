package io.posixsocket.interop.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** SIGKILL of either side while a call is under way. */
final class DeathCases {
    static final List<Case> ALL = List.of(
            Case.unary("the server is killed amid a call", DeathCases::serverAmidCall),
            Case.unary("the client is killed amid a call", DeathCases::clientAmidCall),
            Case.stream("the server is killed amid a stream", DeathCases::serverAmidStream),
            Case.stream("the client is killed amid a stream", DeathCases::clientAmidStream));

    private DeathCases() {}

    private static String serverAmidCall(Pair pair) throws Exception {

        try (Pair doomed = pair.another()) {
            String name = Pair.name();
            CompletableFuture<String> call = doomed.start("Hold", name, 0);
            return serverDies(doomed, call, name);
        }
    }

    private static String serverAmidStream(Pair pair) throws Exception {
        try (Pair doomed = pair.another()) {
            String name = "hold-" + Pair.name();
            CompletableFuture<String> call =
                    doomed.client.start(Pair.stream("Chat", 0, "send=" + name + ":0", "receive"));
            return serverDies(doomed, call, name);
        }
    }

    private static String serverDies(Pair doomed, CompletableFuture<String> call, String name) {
        doomed.server.awaitEvent("holding|" + name);
        doomed.server.kill();
        boolean heard = doomed.clientPeer != Peer.RUST_ASYNC;
        if (!heard) assertThat(doomed.call("Echo", "", 0)).startsWith("broken|socket err");
        String answer = doomed.client.await(call, name).replaceFirst("^ok\\|", "");
        if (doomed.weCall()) {
            assertThat(answer).startsWith("failed|14|");
            return "14";
        }
        String expected = switch (doomed.clientPeer) {
            case RUST_SYNC -> "socket err: socket error socket disconnected";
            case RUST_ASYNC -> "ttrpc err: Recive packet from recver error";
            default -> "ttrpc: closed";
        };
        assertThat(answer).isEqualTo("broken|" + expected);
        return "`" + expected + "`" + (heard ? "" : " " + Note.END_NOT_HEARD);
    }

    private static String clientAmidCall(Pair pair) throws Exception {
        String name = Pair.name();
        PeerProcess doomed = pair.anotherClient();
        try {
            CompletableFuture<String> call = doomed.start(Pair.unary(Pair.SERVICE, "Hold", 0, name, 0, 0));
            pair.server.awaitEvent("holding|" + name);
            assertThat(call).isNotDone();
        } finally {
            doomed.kill();
        }
        return clientDied(pair, name);
    }

    private static String clientAmidStream(Pair pair) throws Exception {
        String name = "hold-" + Pair.name();
        PeerProcess doomed = pair.anotherClient();
        try {
            CompletableFuture<String> call = doomed.start(Pair.stream("Chat", 0, "send=" + name + ":0", "receive"));
            pair.server.awaitEvent("holding|" + name);
            assertThat(call).isNotDone();
        } finally {
            doomed.kill();
        }
        return clientDied(pair, name);
    }

    /** The handler hears of it, the others' calls go on. */
    private static String clientDied(Pair pair, String name) {
        boolean told = pair.serverPeer != Peer.RUST_SYNC;
        if (told) pair.server.awaitEvent("cancelled|" + name);
        assertThat(pair.call("Release", name, 0)).startsWith("ok|");
        return told ? "ok" : "ok " + Note.NOT_TOLD;
    }
}

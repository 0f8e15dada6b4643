package io.posixsocket.interop.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A client and a server, one of them ours, that talk to each other. */
final class Pair implements AutoCloseable {
    static final String SERVICE = "interop.v1.Unary";

    private static final AtomicInteger names = new AtomicInteger();

    final Peer clientPeer;
    final Peer serverPeer;
    final PeerProcess client;
    final PeerProcess server;
    /** What was measured. */
    final List<String> figures = new ArrayList<>();

    private final Path built;
    private final Path directory;
    private final Path path;

    Pair(Peer clientPeer, Peer serverPeer, Path built, Path directory) throws IOException {
        this.clientPeer = clientPeer;
        this.serverPeer = serverPeer;
        this.built = built;
        this.directory = directory;
        this.path = directory.resolve(name());
        server = PeerProcess.server(serverPeer, built, path);
        boolean connected = false;
        try {
            client = PeerProcess.client(clientPeer, built, path);
            connected = true;
        } finally {
            if (!connected) server.kill();
        }
    }

    /** Another pair of the same kind, to be killed. */
    Pair another() throws IOException {
        return new Pair(clientPeer, serverPeer, built, directory);
    }

    /** Another client of the same server. */
    PeerProcess anotherClient() throws IOException {
        return PeerProcess.client(clientPeer, built, path);
    }

    /** A name that no other call has. */
    static String name() {
        return "n" + names.incrementAndGet();
    }

    boolean weCall() {
        return clientPeer == Peer.OURS;
    }

    String call(String method, String text, long number) {
        return client.ask(unary(SERVICE, method, 0, text, number, 0));
    }

    CompletableFuture<String> start(String method, String text, long number) {
        return client.start(unary(SERVICE, method, 0, text, number, 0));
    }

    String stream(String method, String... steps) {
        return client.ask(stream(method, 0, steps));
    }

    static String[] stream(String method, long millis, String... steps) {
        return words(Stream.of("stream", method, Long.toString(millis)), steps);
    }

    static String[] unary(
            String service, String method, long millis, String text, long number, int length, String... metadata) {
        Stream<String> fixed = Stream.of(
                "unary", service, method, Long.toString(millis), text, Long.toString(number), Integer.toString(length));
        return words(fixed, metadata);
    }

    private static String[] words(Stream<String> fixed, String... more) {
        return Stream.concat(fixed, Arrays.stream(more)).toArray(String[]::new);
    }

    @Override
    public void close() {
        try (server) {
            client.close();
        }
    }
}

package io.posixsocket.interop.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An implementation of ttRPC with a program that speaks the language of {@link PeerProcess}. */
enum Peer {
    OURS("ours", true),
    GO_1_1("Go 1.1.1", false),
    GO_1_2("Go 1.2.4", true),
    RUST_SYNC("Rust 0.5.2, sync", false),
    RUST_ASYNC("Rust 0.5.2, async", false);

    static final List<Peer> FOREIGN = List.of(GO_1_1, GO_1_2, RUST_SYNC, RUST_ASYNC);

    final String title;
    private final boolean streams;

    Peer(String title, boolean streams) {
        this.title = title;
        this.streams = streams;
    }

    boolean can(Case each) {
        return streams || !each.streams();
    }

    boolean isRust() {
        return this == RUST_SYNC || this == RUST_ASYNC;
    }

    /** What runs it, but for "serve" or "call" and the socket's path. */
    List<String> command(Path built) {
        return switch (this) {
            case OURS -> java();
            case GO_1_1 -> List.of(built.resolve("go-1.1/peer").toString());
            case GO_1_2 -> List.of(built.resolve("go-1.2/peer").toString());
            case RUST_SYNC -> List.of(built.resolve("rust/peer").toString(), "sync");
            case RUST_ASYNC -> List.of(built.resolve("rust/peer").toString(), "async");
        };
    }

    private static List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24)
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dstdout.encoding=UTF-8", "-Dfile.encoding=UTF-8"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JavaPeer.class.getName()));
        return command;
    }
}

package io.posixsocket.benchmarks;

import java.util.List;

/** All contestants. */
final class Contestants {
    /** What the others are compared with. */
    static final String BASELINE = "c-blocking";

    static final String SPIN = "rpc-spin";
    static final String NO_SPIN = "rpc-nospin";

    private Contestants() {}

    /** The contestants named, or all if none is. */
    static List<Contestant> named(List<String> names, NativeProgram pingpong) {
        List<Contestant> all = all(pingpong);
        for (String name : names) {
            if (all.stream().noneMatch(contestant -> contestant.name().equals(name)))
                throw new IllegalArgumentException("no contestant is called '" + name + "'; there are "
                        + String.join(", ", all.stream().map(Contestant::name).toList()));
        }
        return all.stream()
                .filter(contestant -> names.isEmpty() || names.contains(contestant.name()))
                .toList();
    }

    private static List<Contestant> all(NativeProgram pingpong) {
        return List.of(
                Contestant.program(BASELINE, "C, blocks in recv", pingpong, "0"),
                Contestant.program("c-spinning", "C, 20 µs of recv(MSG_DONTWAIT), then blocks", pingpong, "20"),
                Contestant.java(
                        "core-blocking", "OwnedFd's blocking send and recv", CoreServer.class, CoreClient.class),
                Contestant.java(
                        "jdk-blocking", "the JDK's SocketChannel, blocking", ChannelServer.class, ChannelClient.class),
                Contestant.java(SPIN, "generated stub, as it comes: spins", RpcServer.class, RpcClient.class),
                Contestant.java(
                        NO_SPIN, "generated stub, noSpin() on both sides", RpcServer.class, RpcClient.class, "noSpin"),
                Contestant.java("rpc-tcp", "generated stub over TCP: spins", RpcServer.class, RpcClient.class, "tcp"));
    }
}

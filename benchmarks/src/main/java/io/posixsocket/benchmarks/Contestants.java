package io.posixsocket.benchmarks;

import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.newsclub.net.unix.AFUNIXSocket;

/** All contestants. */
final class Contestants {
    /** What the others are compared with. */
    static final String BASELINE = "c-blocking";

    static final String SPIN = "rpc-spin";
    static final String NO_SPIN = "rpc-nospin";

    /** The name that stands for each. */
    static final String EACH = "all";

    /** Those that must not fail. */
    static final List<String> OURS = List.of("core-blocking", SPIN, NO_SPIN, "rpc-tcp", "rpc-jdk25");

    /** Those that run if none is named: they need nothing that is not in this project. */
    static final List<String> USUAL = List.of(BASELINE, "c-spinning", "core-blocking", "jdk-blocking", SPIN, NO_SPIN);

    /** Found, built or installed when it is asked for, and not before: some take long. */
    @FunctionalInterface
    private interface Maker {
        Contestant make(NativeProgram pingpong) throws IOException, InterruptedException;
    }

    /** The program of a contestant that is no Java program: that in C, which there is, or another. */
    @FunctionalInterface
    private interface Building {
        NativeProgram of(NativeProgram pingpong) throws IOException, InterruptedException;
    }

    private record Choice(String name, Maker maker) {}

    private static final List<Choice> ALL = List.of(
            program(BASELINE, "C, blocks in recv", pingpong -> pingpong, "0"),
            program("c-spinning", "C, 20 µs of recv(MSG_DONTWAIT), then blocks", pingpong -> pingpong, "20"),
            java("jffi-blocking", "jnr-ffi alone, blocking send and recv", RawServer.class, RawClient.class),
            java("core-blocking", "OwnedFd's blocking send and recv", CoreServer.class, CoreClient.class),
            java("jdk-blocking", "the JDK's SocketChannel, blocking", ChannelServer.class, ChannelClient.class),
            java25("jdk25-blocking", "the same on JDK 25", ChannelServer.class, ChannelClient.class),
            java(
                    "jnr-unixsocket",
                    "jnr-unixsocket's UnixSocketChannel, blocking",
                    ChannelServer.class,
                    ChannelClient.class,
                    Channels.JNR.name()),
            needing(
                    Contestants::noJunixsocket,
                    java(
                            "junixsocket",
                            "junixsocket's AFUNIXSocketChannel, blocking",
                            ChannelServer.class,
                            ChannelClient.class,
                            Channels.JUNIXSOCKET.name())),
            lonely(
                    "each of its connections has two processes",
                    program(
                            "node-posix-socket",
                            "npm's posix-socket in node, blocking",
                            none -> NodeProgram.pingPong(base()))),
            java(SPIN, "generated stub, as it comes: spins", RpcServer.class, RpcClient.class),
            java(NO_SPIN, "generated stub, noSpin() on both sides", RpcServer.class, RpcClient.class, "noSpin"),
            java("rpc-tcp", "generated stub over TCP: spins", RpcServer.class, RpcClient.class, "tcp"),
            java25("rpc-jdk25", "rpc-spin on JDK 25", RpcServer.class, RpcClient.class),
            program("go-ttrpc", "containerd's ttrpc in Go", none -> GoProgram.ttrpcEcho(base())),
            needing(Contestants::noEpoll, java("grpc-epoll", "gRPC over AF_UNIX", GrpcServer.class, GrpcClient.class)),
            needing(
                    Contestants::noEpoll,
                    java(
                            "grpc-direct",
                            "gRPC over AF_UNIX, directExecutor() on both sides",
                            GrpcServer.class,
                            GrpcClient.class,
                            GrpcEcho.DIRECT)),
            java("grpc-default", "gRPC as it comes, over TCP", GrpcServer.class, GrpcClient.class, GrpcEcho.TCP),
            java("thrift", "Thrift over TCP", ThriftServer.class, ThriftClient.class),
            lonely(
                    "RMI opens its connections as it likes",
                    java("rmi", "the JDK's RMI over TCP", RmiServer.class, RmiClient.class)));

    private Contestants() {}

    /** The names of all. */
    static List<String> names() {
        return ALL.stream().map(Choice::name).toList();
    }

    /** The contestants named, the usual ones if none is, or each, in their own order. */
    static List<Contestant> named(List<String> names, NativeProgram pingpong) throws IOException, InterruptedException {
        List<String> wanted = chosen(names);
        List<Contestant> contestants = new ArrayList<>();
        for (Choice choice : ALL) {
            if (wanted.contains(choice.name)) contestants.add(choice.maker.make(pingpong));
        }
        return contestants;
    }

    /** Their names, in their own order. */
    static List<String> chosen(List<String> names) {
        for (String name : names) {
            if (!name.equals(EACH) && !names().contains(name))
                throw new IllegalArgumentException(
                        "no contestant is called '" + name + "'; there are " + String.join(", ", names()) + "; all");
        }
        List<String> wanted = names.isEmpty() ? USUAL : names.contains(EACH) ? names() : names;
        return names().stream().filter(wanted::contains).toList();
    }

    private static Choice java(String name, String about, Class<?> server, Class<?> client, String... options) {
        return new Choice(name, pingpong -> Contestant.java(name, about, server, client, options));
    }

    private static Choice java25(String name, String about, Class<?> server, Class<?> client, String... options) {
        return new Choice(name, pingpong -> Contestant.java25(name, about, server, client, options));
    }

    private static Choice program(String name, String about, Building program, String... options) {
        return new Choice(name, pingpong -> Contestant.program(name, about, program.of(pingpong), options));
    }

    private static Path base() {
        return Path.of(System.getProperty("posixsocket.basedir", "."));
    }

    private static Choice needing(Supplier<Optional<String>> absence, Choice choice) {
        return new Choice(choice.name, pingpong -> choice.maker.make(pingpong).absentFor(absence.get()));
    }

    private static Choice lonely(String reason, Choice choice) {
        return new Choice(choice.name, pingpong -> choice.maker.make(pingpong).lonelyFor(reason));
    }

    private static Optional<String> noEpoll() {
        return Optional.ofNullable(Epoll.unavailabilityCause()).map(cause -> "Netty's epoll: " + cause);
    }

    private static Optional<String> noJunixsocket() {
        return AFUNIXSocket.isSupported()
                ? Optional.empty()
                : Optional.of("junixsocket has no native library for this system");
    }
}

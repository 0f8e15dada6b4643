package io.posixsocket.benchmarks;

import io.posixsocket.rpc.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A small server process, of whose calls some never end. Arguments: {@link Terms}. */
final class HangingServer implements Echo {
    private static final String HANGS = "HANGS";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private HangingServer() {}

    public static void main(String[] args) throws Exception {
        Server server = Server.builder()
                .listen("unix:" + Terms.of(args).path())
                .service(Echo.service(new HangingServer()))
                .start();
        try (server) {
            ServerConsole.attend();
        }
    }

    @Override
    public Payload echo(Payload request) {
        return request;
    }

    /** Says that it was called. */
    @Override
    public Payload hang(Payload request) {
        System.out.println(HANGS);
        try {
            Thread.sleep(Long.MAX_VALUE); // until the server interrupts it
        } catch (InterruptedException e) {
            // the caller has gone
        }
        return request;
    }

    /** Starts one, in a JVM that is as small as it can be. */
    static ServerProcess start() throws IOException, InterruptedException {
        return ServerProcess.start(
                HangingServer.class,
                List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx16m", "-Xss256k"),
                List.of());
    }

    /** Waits until a call has come that hangs. */
    static void awaitCall(ServerProcess server) throws IOException, InterruptedException {
        String line = server.child().await(LIMIT);
        if (!line.equals(HANGS)) throw new IOException("the server said '" + line + "' instead of " + HANGS);
    }
}

package io.posixsocket.benchmarks;

import io.posixsocket.rpc.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A small server process, of whose calls some never end. Argument: its address. */
final class HangingServer implements Echo {
    private static final String HANGS = "HANGS";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private HangingServer() {}

    public static void main(String[] args) throws Exception {
        Server server = Server.builder()
                .listen(args[0])
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
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            // the caller has gone
        }
        return request;
    }

    /** Starts one, in a JVM that is as small as it can be. */
    static Running start() throws IOException, InterruptedException {
        TemporaryDirectory directory = new TemporaryDirectory();
        String address = "unix:" + directory.path().resolve("s");
        List<String> words = new ArrayList<>(Contestant.java());
        words.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx16m", "-Xss256k"));
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), HangingServer.class.getName(), address));
        return new Running(address, Child.start("the server", words, directory.path()), directory);
    }

    /** A running one. */
    record Running(String address, Child child, TemporaryDirectory directory) implements AutoCloseable {
        /** Waits until a call has come that hangs. */
        void awaitCall() throws IOException, InterruptedException {
            String line = child.await(LIMIT);
            if (!line.equals(HANGS)) throw new IOException("the server said '" + line + "' instead of " + HANGS);
        }

        /** How much memory it has. */
        long residentKiB() throws IOException {
            return Machine.residentKiB(child.pid());
        }

        void kill() {
            child.kill();
        }

        @Override
        public void close() throws IOException {
            child.close();
            directory.close();
        }
    }
}

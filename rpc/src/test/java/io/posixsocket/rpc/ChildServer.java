package io.posixsocket.rpc;

import io.posixsocket.SockaddrUn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A server in a process of its own, which can be killed. Says on its standard output what happens to it. */
final class ChildServer implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;

    private ChildServer(Process process) {
        this.process = process;
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Returns when it is ready, or has failed: {@link #line} says which. */
    static ChildServer start(Path path) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        if (Runtime.version().feature() >= 24) // what it says is read: no warnings of jnr-ffi and protobuf between
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), ChildServer.class.getName(), path.toString()));
        return new ChildServer(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** The next line that it says. */
    String line() throws IOException {
        return said.readLine();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL: nothing is cleaned up. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() throws IOException {
        kill();
        said.close();
    }

    /** Greets; a call named "hang" is told on standard output and never returns. */
    public static void main(String[] args) throws InterruptedException {
        try (Server server = Server.builder()
                .listen(SockaddrUn.path(args[0]))
                .service(Hello.service(request -> {
                    if (!request.text().equals("hang")) return Hello.greet(request);
                    System.out.println("hanging");
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Hello.DEFAULT;
                }))
                .start()) {
            System.out.println("ready");
            server.awaitTermination();
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
    }
}

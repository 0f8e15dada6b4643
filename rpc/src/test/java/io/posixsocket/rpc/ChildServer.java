package io.posixsocket.rpc;

import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A server in a process of its own, which can be killed. Says on its standard output what happens to it. */
final class ChildServer implements AutoCloseable {
    private final ChildJvm jvm;

    private ChildServer(ChildJvm jvm) {
        this.jvm = jvm;
    }

    /** Returns when it is ready, or has failed: {@link #line} says which. */
    static ChildServer start(Path path) throws IOException {
        return new ChildServer(ChildJvm.start(ChildServer.class, path.toString()));
    }

    /** The next line that it says. */
    String line() {
        return jvm.line();
    }

    long pid() {
        return jvm.pid();
    }

    /** SIGKILL: nothing is cleaned up. */
    void kill() {
        jvm.kill();
    }

    @Override
    public void close() throws IOException {
        jvm.close();
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

package io.posixsocket.examples.greeter;

import hello.Greeter;
import hello.HelloReply;
import hello.HelloRequest;
import io.posixsocket.PeerCredentials;
import io.posixsocket.rpc.CallContext;
import io.posixsocket.rpc.Server;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.io.IOException;
import java.time.Duration;

/**
 * The demo's server: {@code GreeterServer unix:/tmp/greeter.sock}. Says where it listens, and ends when its standard input
 * does: so it does not outlive the program that started it.
 */
public final class GreeterServer implements Greeter {
    /** Who is called so is slow to greet back. */
    static final String SLEEPY = "Sleepy";

    static final Duration NAP = Duration.ofSeconds(10);

    @Override
    public HelloReply sayHello(HelloRequest request) {
        String name = request.getName();
        if (name.isEmpty()) throw new StatusException(Status.INVALID_ARGUMENT, "name is empty, say who you are");
        if (name.equals(SLEEPY)) nap();
        // who calls is the kernel's word, not the caller's
        PeerCredentials peer = CallContext.current().peer().orElseThrow();
        return HelloReply.newBuilder()
                .setMessage("Hello, " + name + "! You are pid " + peer.pid() + ", uid " + peer.uid() + ".")
                .build();
    }

    private static void nap() {
        try {
            Thread.sleep(NAP.toMillis());
        } catch (InterruptedException e) { // the caller's deadline has passed: nobody waits for the rest of it
            throw new StatusException(Status.CANCELLED, "woken", e);
        }
    }

    public static void main(String[] args) throws IOException {
        try (Server server = Server.builder()
                .listen(args[0])
                .service(Greeter.service(new GreeterServer()))
                .start()) {
            System.out.println("pid " + ProcessHandle.current().pid() + " listens at "
                    + server.addresses().get(0));
            while (System.in.read() >= 0) {
                // only its end matters
            }
        }
        System.out.println("has stopped, its socket is gone");
    }
}

package io.posixsocket.examples.greeter;

import hello.Greeter;
import hello.HelloRequest;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/** The demo's client: {@code GreeterClient unix:/tmp/greeter.sock}. Ends with an exception if the server surprises it. */
public final class GreeterClient {
    private static final Duration TIMEOUT = Duration.ofMillis(50);
    private static final int WARM_UP_CALLS = 100_000;
    private static final int CALLS = 100_000;
    /** A name that makes the request 64 bytes long. */
    private static final String LONG_NAME = "x".repeat(62);

    private final Client client;

    private GreeterClient(Client client) {
        this.client = client;
    }

    public static void main(String[] args) {
        System.out.println("pid " + ProcessHandle.current().pid() + " calls " + args[0]);
        try (Client client = Client.connect(args[0])) {
            GreeterClient greeter = new GreeterClient(client);
            greeter.getReply();
            greeter.getStatus();
            greeter.exceedDeadline();
            greeter.measure();
        }
    }

    private static HelloRequest named(String name) {
        return HelloRequest.newBuilder().setName(name).build();
    }

    private void getReply() {
        String reply = Greeter.stub(client).sayHello(named("Ada")).getMessage();
        System.out.println("sayHello(\"Ada\")    -> " + reply);
        expect(
                "You are pid " + ProcessHandle.current().pid(),
                reply.contains("pid " + ProcessHandle.current().pid() + ","));
    }

    private void getStatus() {
        StatusException e = failure(Greeter.stub(client), "");
        System.out.println("sayHello(\"\")       -> status " + e.status().code() + ", " + e.getMessage());
        expect("INVALID_ARGUMENT", e.status() == Status.INVALID_ARGUMENT);
    }

    private void exceedDeadline() {
        long start = System.nanoTime();
        StatusException e = failure(Greeter.stub(client.withTimeout(TIMEOUT)), GreeterServer.SLEEPY);
        double millis = (System.nanoTime() - start) / 1e6;
        System.out.printf(
                Locale.ROOT,
                "sayHello(\"%s\") -> %s, %.1f ms after the call%n",
                GreeterServer.SLEEPY,
                e.status(),
                millis);
        expect("DEADLINE_EXCEEDED", e.status() == Status.DEADLINE_EXCEEDED && millis >= TIMEOUT.toMillis());
    }

    private static StatusException failure(Greeter greeter, String name) {
        try {
            throw new IllegalStateException("no failure but " + greeter.sayHello(named(name)));
        } catch (StatusException e) {
            return e;
        }
    }

    private void measure() {
        Greeter greeter = Greeter.stub(client);
        HelloRequest request = named(LONG_NAME);
        for (int i = 0; i < WARM_UP_CALLS; i++) greeter.sayHello(request);
        long[] nanos = new long[CALLS];
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            long before = System.nanoTime();
            greeter.sayHello(request);
            nanos[i] = System.nanoTime() - before;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "%,d calls of %d bytes: p50 %.1f µs, p99 %.1f µs, p99.9 %.1f µs, %,.0f calls per second%n",
                CALLS,
                request.getSerializedSize(),
                nanos[CALLS / 2] / 1e3,
                nanos[CALLS / 100 * 99] / 1e3,
                nanos[CALLS / 1000 * 999] / 1e3,
                CALLS / seconds);
    }

    private static void expect(String what, boolean seen) {
        if (!seen) throw new IllegalStateException("expected " + what + ", see the line above");
    }
}

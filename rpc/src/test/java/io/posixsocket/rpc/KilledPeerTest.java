package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.SockaddrUn;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** kill -9 of either side, in calls of each shape, while the caller waits and while it is in the middle of a stream. */
@Timeout(180)
@ExtendWith(NoLeaks.class)
class KilledPeerTest {

    @TempDir
    Path directory;

    static Stream<Arguments> moments() {
        return Stream.of(Work.Shape.values())
                .flatMap(shape -> shape == Work.Shape.UNARY
                        ? Stream.of(Arguments.of(shape, false))
                        : Stream.of(Arguments.of(shape, false), Arguments.of(shape, true)));
    }

    @ParameterizedTest(name = "{0}, in the middle: {1}")
    @MethodSource("moments")
    void killedServerMeansUnavailableAndMaybe(Work.Shape shape, boolean amid) throws Exception {
        Path path = directory.resolve("s");
        Path ledger = directory.resolve("ledger");
        CountDownLatch inTheMiddle = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        try (Client client = Client.connect("unix:" + path)) {
            try (ChildJvm server = ChildJvm.start(WorkServer.class, path.toString(), ledger.toString())) {
                assertThat(server.line()).isEqualTo("loaded");
                server.tell("listen");
                assertThat(server.line()).isEqualTo("listening");
                Background<Void> call = Background.run(() -> {
                    Work.call(client, shape, new Hello(WorkServer.HANG, 1), () -> {
                        inTheMiddle.countDown();
                        if (amid) awaitInterruptibly(killed);
                    });
                    return null;
                });
                assertThat(server.line()).isEqualTo("hanging");
                if (amid) ServerConcurrencyTest.await(inTheMiddle);
                server.kill();
                killed.countDown();
                StatusException failure = call.failure();
                assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
                assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
                assertThat(failure.description()).contains("at unix:" + path);
            }
            assertThat(client.stats().connections()).isZero();
            Eventually.get(KilledPeerTest::walkers, walkers -> walkers == 0);

            // what the dead one left is no obstacle
            try (ChildJvm successor = ChildJvm.start(WorkServer.class, path.toString(), ledger.toString())) {
                successor.tell("listen");
                Work.call(client.withWaitForReady(), shape, new Hello("x", 1), () -> {});
                assertThat(client.stats().connections()).isEqualTo(1);
            }
        }
    }

    /** The requests of a call both ways are walked by another thread, which the end of the call interrupts. */
    private static void awaitInterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long walkers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().endsWith("-requests"))
                .count();
    }

    @ParameterizedTest(name = "{0}, in the middle: {1}")
    @MethodSource("moments")
    void killedClientCancelsTheHandler(Work.Shape shape, boolean amid) throws Exception {
        Path path = directory.resolve("s");
        CountDownLatch running = new CountDownLatch(1);
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        Consumer<Hello> work = request -> {
            running.countDown();
            if (amid || !request.text().equals("x")) return; // the stream goes on until it cannot
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                ended.add(CallContext.current().isCancelled() ? "cancelled" : "interrupted");
            }
        };
        Interceptor watch = (call, proceed) -> {
            try {
                proceed.run();
            } catch (StatusException e) {
                ended.add(e.status() == Status.CANCELLED ? "cancelled" : e.getMessage());
                throw e;
            }
        };
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .intercept(watch)
                        .service(Work.service(work))
                        .start();
                Client other = Client.connect("unix:" + path)) {
            try (ChildJvm client = ChildJvm.start(WorkClient.class, path.toString(), shape.name(), "" + amid)) {
                ServerConcurrencyTest.await(running);
                if (amid) assertThat(client.line()).isEqualTo("amid");
                client.kill();
                assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("cancelled");
            }
            Eventually.get(() -> server.stats().connections(), open -> open == 0);
            Work.call(other, shape, new Hello("y", 1), () -> {});
            // a stream both of whose threads are inside at its end takes its connection along
            assertThat(server.stats().connections()).isLessThanOrEqualTo(1);
        }
    }
}

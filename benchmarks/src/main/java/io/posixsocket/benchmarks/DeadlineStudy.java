package io.posixsocket.benchmarks;

import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How much later than its deadline a call ends that nobody answers. */
final class DeadlineStudy implements Study {
    private static final int CALLERS = 4;
    private static final double SHORTEST_NANOS = 5e6;
    private static final double LONGEST_NANOS = 1e9;

    @Override
    public String name() {
        return "deadlines";
    }

    @Override
    public String about() {
        return "how much later than its deadline a call ends that nobody answers; timeouts from 5 ms to 1 s, each order of"
                + " magnitude as often, " + CALLERS + " callers";
    }

    @Override
    public int samples() {
        return 1_000;
    }

    @Override
    public Finding take(int samples) throws IOException, InterruptedException {
        Histogram delays = new ConcurrentHistogram(3);
        AtomicInteger early = new AtomicInteger();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (ServerProcess server = HangingServer.start();
                Client client = Client.connect(server.address())) {
            Echo echo = Echo.stub(client);
            for (int i = 0; i < 2_000; i++) echo.echo(Payload.getDefaultInstance());
            Random random = new Random(1);
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < samples; i++) {
                double timeout = SHORTEST_NANOS * Math.pow(LONGEST_NANOS / SHORTEST_NANOS, random.nextDouble());
                calls.add(callers.submit(() -> {
                    long late = overshoot(client, (long) timeout);
                    if (late < 0) early.incrementAndGet();
                    else delays.recordValue(late);
                }));
            }
            for (Future<?> call : calls) call.get();
        } catch (ExecutionException e) {
            throw new IOException("a call ended otherwise than by its deadline", e.getCause());
        } finally {
            callers.shutdownNow();
        }
        return Finding.delays(delays, early.get() + " early");
    }

    private static long overshoot(Client client, long timeoutNanos) {
        Echo echo = Echo.stub(client.withTimeout(Duration.ofNanos(timeoutNanos)));
        long begin = System.nanoTime();
        try {
            echo.hang(Payload.getDefaultInstance());
        } catch (StatusException e) {
            long took = System.nanoTime() - begin;
            if (e.status() == Status.DEADLINE_EXCEEDED) return took - timeoutNanos;
            throw e;
        }
        throw new IllegalStateException("a call that nobody answers was answered");
    }
}

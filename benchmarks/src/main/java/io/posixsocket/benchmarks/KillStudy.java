package io.posixsocket.benchmarks;

import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;

/** How soon a caller knows whose server is killed, from the signal to the exception. */
final class KillStudy implements Study {
    @Override
    public String name() {
        return "kills";
    }

    @Override
    public String about() {
        return "how soon a blocked caller fails after its server was killed (SIGKILL)";
    }

    @Override
    public int samples() {
        return 200;
    }

    @Override
    public Finding take(int samples) throws IOException, InterruptedException {
        Histogram delays = new Histogram(3);
        long residentKiB = 0;
        for (int i = 0; i < samples; i++) {
            try (ServerProcess server = HangingServer.start();
                    Client client = Client.connect(server.address())) {
                Echo echo = Echo.stub(client);
                CompletableFuture<Long> failedAt = CompletableFuture.supplyAsync(() -> failure(echo));
                HangingServer.awaitCall(server);
                residentKiB =
                        Math.max(residentKiB, Machine.residentKiB(server.child().pid()));
                long begin = System.nanoTime();
                server.child().kill();
                delays.recordValue(failedAt.join() - begin);
            } catch (CompletionException e) {
                throw new IOException("a call ended otherwise than by the end of its server", e.getCause());
            }
        }
        return Finding.delays(delays, "servers of up to " + residentKiB / 1024 + " MiB resident");
    }

    /** When the call has failed. */
    private static long failure(Echo echo) {
        try {
            echo.hang(Payload.getDefaultInstance());
        } catch (StatusException e) {
            long now = System.nanoTime();
            if (e.status() == Status.UNAVAILABLE) return now;
            throw e;
        }
        throw new IllegalStateException("a call that nobody answers was answered");
    }
}

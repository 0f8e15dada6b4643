package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A thousand callers, each blocked in a call of its own on a connection of its own. */
@Timeout(300)
@ExtendWith(NoLeaks.class)
class CrowdTest {
    private static final int CALLERS = Integer.getInteger("posixsocket.crowd", 1_000);
    private static final long STACK_BYTES = 128 * 1024;
    /** Beyond what the first crowd has left warm. */
    private static final long HEAP_BYTES = 8 << 20;

    @TempDir
    Path directory;

    private Path path;
    private Path ledger;
    private final ConcurrentLinkedQueue<StatusException> failures = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void paths() {
        path = directory.resolve("s");
        ledger = directory.resolve("ledger");
    }

    private ChildJvm server(int workers) throws IOException {
        ChildJvm server =
                ChildJvm.start(WorkServer.class, path.toString(), ledger.toString(), "", Integer.toString(workers));
        assertThat(server.line()).isEqualTo("loaded");
        server.tell("listen");
        assertThat(server.line()).isEqualTo("listening");
        return server;
    }

    private Client client() {
        return Client.builder("unix:" + path).maxConnections(CALLERS).noSpin().build();
    }

    /** Their names begin with what the server does with them. */
    private List<Thread> callers(Channel channel, String kind) {
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Hello request = Hello.of(kind + i);
            Runnable call = () -> {
                try {
                    Work.call(channel, Work.Shape.UNARY, request, () -> {});
                } catch (StatusException e) {
                    failures.add(e);
                }
            };
            Thread caller = new Thread(null, call, request.text(), STACK_BYTES);
            caller.setDaemon(true);
            caller.start();
            callers.add(caller);
        }
        return callers;
    }

    private static int threads(long pid) {
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return (int) tasks.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long heap(ChildJvm server) {
        server.tell("heap");
        return Long.parseLong(server.line());
    }

    @Test
    void allCompleteAndLeaveNeitherThreadsNorMemory() throws Exception {
        try (ChildJvm server = server(CALLERS + 16)) {
            int threadsBefore = 0;
            long heapBefore = 0;
            for (int crowd = 0; crowd < 2; crowd++) { // the first one is the warm-up of memory
                if (crowd == 0) threadsBefore = threads(server.pid());
                server.tell("hold");
                assertThat(server.line()).isEqualTo("holding");
                try (Client client = client()) {
                    List<Thread> callers = callers(client, WorkServer.HANG + crowd + "-");
                    for (int i = 0; i < CALLERS; i++) assertThat(server.line()).isEqualTo("hanging");
                    assertThat(client.stats().connections()).isEqualTo(CALLERS);
                    assertThat(threads(server.pid())).isGreaterThanOrEqualTo(CALLERS);
                    server.tell("release");
                    for (Thread caller : callers) caller.join();
                    assertThat(client.stats().discarded()).isZero();
                }
                assertThat(failures).isEmpty();
                if (crowd == 0) heapBefore = heap(server);
            }
            int limit = threadsBefore + 8; // a worker that waits, the garbage collector's, the compiler's
            Eventually.get(() -> threads(server.pid()), threads -> threads <= limit); // workers go after 10 s
            assertThat(heap(server) - heapBefore)
                    .as("bytes that a crowd has left")
                    .isLessThan(HEAP_BYTES);
        }
        assertThat(Files.readAllLines(ledger)).hasSize(2 * CALLERS).doesNotHaveDuplicates();
    }

    /** More callers than threads to serve them: who is not served is told so and did not run, and nobody waits for ever. */
    @Test
    void moreCallersThanWorkersAreServedInTurnOrRefused() throws Exception {
        int workers = 16;
        try (ChildJvm server = server(workers);
                Client client = client()) {
            List<Thread> callers = callers(client, WorkServer.HANG);
            for (int i = 0; i < workers; i++) assertThat(server.line()).isEqualTo("hanging");
            Eventually.get(
                    () -> client.stats().connects() + failures.size(), connected -> connected >= CALLERS - workers);
            server.tell("release");
            for (Thread caller : callers) caller.join();
            for (StatusException failure : failures) {
                assertThat(failure.status()).as(failure.getMessage()).isEqualTo(Status.RESOURCE_EXHAUSTED);
                assertThat(failure.description()).contains("maxWorkers");
            }
            assertThat(Files.readAllLines(ledger))
                    .hasSize(CALLERS - failures.size())
                    .doesNotHaveDuplicates();
            failures.clear();
            for (Thread caller : callers(client, "again")) caller.join();
            assertThat(Files.readAllLines(ledger).stream().filter(name -> name.startsWith("again")))
                    .hasSize(CALLERS - failures.size());
        }
    }
}

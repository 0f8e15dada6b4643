package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients of all manners at once. Whoever behaves is served, whoever does not harms itself alone. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class RandomClientsTest {
    private static final int CLIENTS = 12;
    private static final int CONNECTIONS = 150;

    private enum Manner {
        PIPELINES,
        PIPELINES_ALONE,
        HALF_CLOSES,
        HANGS_UP,
        HANGS_UP_ALONE,
        CUTS_A_FRAME,
        SENDS_GARBAGE,
        DRIPS,
        EXPIRES,
        SAYS_TOO_MUCH,
        SAYS_NOTHING,
        NEVER_READS
    }

    @TempDir
    Path directory;

    private final Set<Manner> met = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicInteger leaked = new AtomicInteger();

    private Hello handle(Hello request) {
        CallContext call = CallContext.current();
        if (Thread.interrupted() && !call.isCancelled()) leaked.incrementAndGet();
        long end = System.nanoTime() + request.number();
        while (System.nanoTime() - end < 0 && !call.isCancelled()) LockSupport.parkNanos(end - System.nanoTime());
        if (call.isCancelled()) cancelled.incrementAndGet();
        if (request.text().startsWith("throw")) throw new StatusException(Status.ABORTED, "as told");
        if (request.text().startsWith("large")) return Hello.of("Hello " + "y".repeat(300_000));
        return Hello.greet(request);
    }

    @Test
    void serverStaysHealthyWhateverItsClientsDo() throws Exception {
        long seed = Long.getLong("posixsocket.seed", System.nanoTime());
        System.out.println("RandomClientsTest: -Dposixsocket.seed=" + seed);
        Path path = directory.resolve("s");
        Server server = Server.builder()
                .listen(SockaddrUn.path(path))
                .maxWorkers(32)
                .overloadAfter(Duration.ofMinutes(5))
                .service(Hello.service(this::handle))
                .start();
        try (server) {
            runClients(path, seed);
            long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (connections(server) > 0 && System.nanoTime() < patience) Thread.sleep(1);
            assertThat(connections(server)).as("connections that nobody closed").isZero();
        }
        assertThat(met).as("what was tried").containsExactlyInAnyOrder(Manner.values());
        assertThat(cancelled.get()).as("calls that were cancelled").isPositive();
        assertThat(leaked.get()).as("interrupts that reached another call").isZero();
    }

    private void runClients(Path path, long seed) throws Exception {
        List<Background<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed + i);
            clients.add(Background.run(() -> {
                int connections = 0;
                for (; connections < CONNECTIONS; connections++) misbehave(path, random);
                return connections;
            }));
        }
        try (Client decent = Client.connect("unix:" + path)) {
            int calls = 0;
            for (Background<Integer> client : clients) {
                while (client.thread().isAlive()) {
                    Hello reply = decent.call(Hello.SAY_HELLO, Hello.of("n" + ++calls));
                    assertThat(reply).isEqualTo(Hello.of("Hello n" + calls));
                }
                assertThat(client.result()).isEqualTo(CONNECTIONS);
            }
            assertThat(calls).as("calls of the client that behaves").isPositive();
        }
    }

    private static int connections(Server server) throws ReflectiveOperationException {
        java.lang.reflect.Field field = Server.class.getDeclaredField("connections");
        field.setAccessible(true);
        return ((Set<?>) field.get(server)).size();
    }

    private void misbehave(Path path, Random random) throws IOException {
        Manner manner = Manner.values()[random.nextInt(Manner.values().length)];
        met.add(manner);
        try (ScriptedPeer peer = ScriptedPeer.connect(path)) {
            switch (manner) {
                case PIPELINES -> {
                    int count = 1 + random.nextInt(150);
                    peer.send(Frame.join(requests(random, count, 100_000)));
                    expectAnswers(peer, count);
                }
                case PIPELINES_ALONE -> {
                    int count = 1 + random.nextInt(30);
                    List<Frame> requests = requests(random, count, 100_000);
                    requests.set(0, requests.get(0).withPromise());
                    peer.send(Frame.join(requests));
                    for (int id = 1; id < 2 * count; id += 2)
                        assertThat(peer.receive().streamId()).isEqualTo(id);
                }
                case HALF_CLOSES -> {
                    int count = 1 + random.nextInt(100);
                    List<Frame> requests = requests(random, count, 100_000);
                    if (random.nextBoolean()) requests.set(0, requests.get(0).withPromise());
                    peer.send(Frame.join(requests));
                    peer.halfClose();
                    expectAnswers(peer, count);
                    peer.expectEnd();
                }
                case HANGS_UP -> peer.send(Frame.join(requests(random, 1 + random.nextInt(100), 2_000_000)));
                case HANGS_UP_ALONE -> {
                    peer.send(requests(random, 1, 5_000_000).get(0).withPromise());
                    pause(random);
                }
                case CUTS_A_FRAME -> {
                    byte[] bytes = Frame.join(requests(random, 1 + random.nextInt(3), 100_000));
                    peer.send(Arrays.copyOf(bytes, random.nextInt(bytes.length)));
                    pause(random);
                }
                case SENDS_GARBAGE -> {
                    byte[] garbage = new byte[1 + random.nextInt(200)];
                    random.nextBytes(garbage);
                    if (random.nextBoolean()) peer.send(Frame.join(requests(random, 3, 100_000)));
                    try {
                        peer.send(garbage);
                    } catch (io.posixsocket.ErrnoException e) {
                        assertThat(e.errno()).isEqualTo(io.posixsocket.Errno.EPIPE);
                    }
                    pause(random);
                }
                case DRIPS -> {
                    byte[] bytes = Frame.join(requests(random, 2, 0));
                    for (int at = 0; at < bytes.length; ) {
                        int end = Math.min(bytes.length, at + 1 + random.nextInt(20));
                        peer.send(Arrays.copyOfRange(bytes, at, end));
                        at = end;
                    }
                    expectAnswers(peer, 2);
                }
                case EXPIRES -> {
                    int count = 1 + random.nextInt(20);
                    List<Frame> requests = new ArrayList<>();
                    for (int i = 0; i < count; i++)
                        requests.add(Frame.request(
                                2 * i + 1,
                                Hello.SAY_HELLO,
                                new Hello("x", random.nextInt(2_000_000)),
                                1 + random.nextInt(2_000_000)));
                    if (random.nextBoolean()) requests.set(0, requests.get(0).withPromise());
                    peer.send(Frame.join(requests));
                    expectAnswers(peer, count);
                }
                case SAYS_TOO_MUCH -> {
                    int length = (4 << 20) + 1 + random.nextInt(1000);
                    peer.send(Frame.header(length, 1, 1));
                    peer.send(new byte[length]);
                    assertThat(peer.receive().contains("exceed maximum message size"))
                            .isTrue();
                }
                case SAYS_NOTHING -> pause(random);
                case NEVER_READS -> {
                    List<Frame> requests = new ArrayList<>();
                    for (int i = 0; i < 10; i++)
                        requests.add(Frame.request(2 * i + 1, Hello.SAY_HELLO, Hello.of("large")));
                    if (random.nextBoolean()) requests.set(0, requests.get(0).withPromise());
                    peer.send(Frame.join(requests));
                    pause(random);
                }
            }
        }
    }

    private static void pause(Random random) {
        LockSupport.parkNanos(random.nextInt(2_000_000));
    }

    private static List<Frame> requests(Random random, int count, int maxNanos) {
        List<Frame> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = random.nextInt(10) == 0 ? "throw" : random.nextInt(50) == 0 ? "large" : "x";
            long nanos = maxNanos == 0 ? 0 : random.nextInt(maxNanos);
            requests.add(Frame.request(2 * i + 1, Hello.SAY_HELLO, new Hello(text, nanos)));
        }
        return requests;
    }

    private static void expectAnswers(ScriptedPeer peer, int count) throws IOException {
        Set<Integer> ids = new HashSet<>();
        for (int i = 0; i < count; i++) ids.add(peer.receive().streamId());
        assertThat(ids).hasSize(count);
    }
}

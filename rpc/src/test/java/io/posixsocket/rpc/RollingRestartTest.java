package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Server processes that take turns at one path, under load: each new one listens while the old one still drains. No call of a
 * caller that waits for ready fails, and by the ledger that all processes append to each runs once.
 */
@Timeout(3600)
@ExtendWith(NoLeaks.class)
class RollingRestartTest {
    private static final int RESTARTS = Integer.getInteger("posixsocket.rolling", 4);
    /** Callers whose server is stopped when they come: they wait in its backlog when it is told to shut down. */
    private static final int LATE = 8;

    @TempDir
    Path directory;

    private Path path;
    private Path ledger;
    private final ConcurrentLinkedQueue<String> made = new ConcurrentLinkedQueue<>();
    private final AtomicInteger names = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    private ChildJvm load() throws Exception {
        ChildJvm server = ChildJvm.start(WorkServer.class, path.toString(), ledger.toString());
        assertThat(server.line()).isEqualTo("loaded");
        return server;
    }

    /** No code that makes it again: one failure fails the test. */
    private void call(Channel channel, Work.Shape shape, String kind, Runnable amid) {
        String name = kind + " " + shape + " " + names.incrementAndGet();
        made.add(name);
        Work.call(channel.withWaitForReady(), shape, new Hello(name, 20), amid);
    }

    private Background<Integer> caller(Channel channel, Work.Shape shape, String kind) {
        return Background.run(() -> {
            int calls = 0;
            for (; !over.get(); calls++) call(channel, shape, kind, () -> {});
            return calls;
        });
    }

    @Test
    void noCallFailsAndEachRunsOnce() throws Exception {
        path = directory.resolve("s");
        ledger = directory.resolve("ledger");
        int overlaps = 0;
        ChildJvm server = load();
        try (Client client = Client.connect("unix:" + path)) {
            server.tell("listen");
            assertThat(server.line()).isEqualTo("listening");
            List<Background<Integer>> load = new ArrayList<>();
            // calls of one message, which the kernel takes or does not; those of many are in hand()
            for (int i = 0; i < 3; i++) {
                load.add(caller(client, Work.Shape.UNARY, "quick"));
                load.add(caller(client, Work.Shape.SERVER_STREAM, "quick"));
            }
            for (int i = 0; i < 2; i++) {
                load.add(caller(client, Work.Shape.UNARY, WorkServer.SLOW));
                load.add(caller(client, Work.Shape.SERVER_STREAM, WorkServer.SLOW));
            }
            for (int i = 0; i < RESTARTS; i++) {
                ChildJvm next = load();
                try {
                    if (hand(client, server, next)) overlaps++;
                } finally {
                    server.close();
                    server = next;
                }
            }
            over.set(true);
            for (Background<Integer> one : load) assertThat(one.result()).isPositive();
            System.out.println(RESTARTS + " rolling restarts, in " + overlaps + " both processes served: " + made.size()
                    + " calls, " + client.stats());
            assertThat(client.stats().failedConnects() + client.stats().retries())
                    .as("that the restarts bit")
                    .isPositive();
        } finally {
            server.close();
        }
        assertThat(overlaps).as("restarts in which the old one still drained").isPositive();
        List<String> ran = Files.readAllLines(ledger);
        Set<String> once = new HashSet<>(ran);
        assertThat(once).as("calls that ran, none twice").hasSameSizeAs(ran);
        assertThat(once.equals(new HashSet<>(made)))
                .as("all that were made ran")
                .isTrue();
    }

    /**
     * From one to the next, with streams of requests in the middle, and callers of all shapes who have sent their first one to a
     * server that has not accepted them. Whether both served at the same time.
     */
    private boolean hand(Client client, ChildJvm server, ChildJvm next) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<Background<Void>> streams = new ArrayList<>(); // in the middle, until the next one listens
        for (Work.Shape shape : List.of(Work.Shape.CLIENT_STREAM, Work.Shape.BOTH)) {
            streams.add(Background.run(() -> {
                call(client, shape, WorkServer.STREAM, () -> ServerConcurrencyTest.await(end));
                return null;
            }));
            assertThat(server.line()).isEqualTo("inside");
        }
        server.signal("STOP");
        Work.Shape[] shapes = Work.Shape.values();
        List<Client> clients = new ArrayList<>();
        List<Background<Void>> late = new ArrayList<>();
        try {
            for (int i = 0; i < LATE; i++) {
                Client one = Client.connect("unix:" + path);
                clients.add(one);
                Work.Shape shape = shapes[i % shapes.length];
                CountDownLatch sent = new CountDownLatch(1);
                late.add(Background.run(() -> {
                    call(one, shape, "late", () -> {
                        sent.countDown();
                        ServerConcurrencyTest.await(end);
                    });
                    return null;
                }));
                if (shape == Work.Shape.CLIENT_STREAM || shape == Work.Shape.BOTH) ServerConcurrencyTest.await(sent);
                else Eventually.get(() -> one.stats().connects(), connects -> connects == 1);
            }
            server.tell("shutdown");
            server.signal("CONT");
            next.tell("listen");
            assertThat(next.line()).isEqualTo("listening");
            boolean both = !server.hasSaid();
            end.countDown();
            for (Background<Void> one : streams) one.result();
            for (Background<Void> one : late) one.result();
            assertThat(server.line()).isEqualTo("shut true");
            return both;
        } finally {
            clients.forEach(Client::close);
        }
    }
}

package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Int64Value;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** All workers are busy: callers are told, nothing else stops, and afterwards all is as before. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class OverloadTest {
    private static final int WORKERS = 2;
    private static final String BUSY = "all 2 workers are busy, maxWorkers is 2";

    @TempDir
    Path directory;

    private final CountDownLatch go = new CountDownLatch(1);
    private final List<ScriptedPeer> peers = new ArrayList<>();
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final Streamer streamer = new Streamer();
    private final AtomicInteger blocked = new AtomicInteger();
    private final Map<ScriptedPeer, Integer> ids = new HashMap<>(); // of the requests that block
    private Path path;
    private Server server;

    private Server.Builder builder() {
        path = directory.resolve("s");
        return Server.builder()
                .listen(SockaddrUn.path(path))
                .maxWorkers(WORKERS)
                .service(streamer.service())
                .service(Hello.service(request -> {
                    threads.add(Thread.currentThread().getName());
                    if (request.text().equals("block")) {
                        blocked.incrementAndGet();
                        ServerConcurrencyTest.await(go);
                    }
                    return Hello.greet(request);
                }));
    }

    private ScriptedPeer connect() throws IOException {
        ScriptedPeer peer = ScriptedPeer.connect(path);
        peers.add(peer);
        return peer;
    }

    private static Frame request(int id, String text) {
        return Frame.request(id, Hello.SAY_HELLO, Hello.of(text));
    }

    /** Occupies all workers but so many, one of them by an exclusive connection. On a slow machine it may be refused at first. */
    private void block(int free) throws IOException {
        for (int i = 0; i < WORKERS - free; i++) {
            ScriptedPeer peer = connect();
            int id = 1;
            peer.send(i == 0 ? request(id, "block").withPromise() : request(id, "block"));
            for (int before = i; blocked.get() == before; ) {
                if (peer.hasNothing()) {
                    Thread.onSpinWait();
                    continue;
                }
                peer.expect(Frame.failure(id, 8, BUSY));
                id += 2;
                peer.send(request(id, "block"));
            }
            ids.put(peer, id);
        }
    }

    private void release() throws IOException {
        go.countDown();
        for (ScriptedPeer peer : ids.keySet()) peer.expect(Frame.reply(ids.get(peer), Hello.of("Hello block")));
    }

    /** A worker is there, or will be: on a slow machine it may be refused at first. */
    private static void expectServed(ScriptedPeer peer, Frame request) throws IOException {
        Frame next = request;
        Frame answer = peer.send(next).receive();
        while (answer.equals(Frame.failure(next.streamId(), 8, BUSY))) {
            next = next.withId(next.streamId() + 2);
            answer = peer.send(next).receive();
        }
        assertThat(answer.type()).isEqualTo(2);
        assertThat(answer.contains("Hello ")).as("a reply and not %s", answer).isTrue();
    }

    @AfterEach
    void stop() {
        go.countDown();
        peers.forEach(ScriptedPeer::close);
        if (server != null) server.close();
    }

    @Test
    void callersAreRefusedOnConnectionsOfAllKindsAndServedAfterwards() throws Exception {
        server = builder().start();
        ScriptedPeer shared = ScriptedPeer.connect(path);
        expectServed(shared, request(1, "x"));
        ScriptedPeer exclusive = ScriptedPeer.connect(path);
        expectServed(exclusive, request(1, "x").withPromise());
        block(0);
        ScriptedPeer fresh = ScriptedPeer.connect(path); // the keeper accepts, too
        for (ScriptedPeer peer : List.of(shared, exclusive, fresh)) {
            peers.add(peer);
            peer.send(request(1003, "y")).expect(Frame.failure(1003, 8, BUSY));
            peer.send(Frame.request(1005, Streamer.COUNT, Streamer.item(3))).expect(Frame.failure(1005, 8, BUSY));
        }
        try (Client client = Client.connect("unix:" + path)) {
            assertThatThrownBy(() -> client.call(Hello.SAY_HELLO, Hello.of("y")))
                    .isInstanceOfSatisfying(StatusException.class, e -> {
                        assertThat(e.status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
                        assertThat(e.description()).isEqualTo(BUSY);
                    });
            assertThat(server.stats().refused()).isGreaterThanOrEqualTo(7);
            release();
            for (ScriptedPeer peer : List.of(shared, exclusive, fresh)) expectServed(peer, request(1007, "y"));
        }
        assertThat(threads).noneMatch(name -> name.contains("keeper"));
        assertThat(server.stats().started()).isEqualTo(server.stats().answered());
    }

    @Test
    void manyRequestsInOneWriteAreAllRefusedInTheirOrder() throws IOException {
        server = builder().start();
        block(0);
        ScriptedPeer peer = connect();
        List<Frame> requests = new ArrayList<>();
        for (int id = 1; id < 401; id += 2) requests.add(request(id, "y"));
        peer.send(Frame.join(requests));
        for (int id = 1; id < 401; id += 2) peer.expect(Frame.failure(id, 8, BUSY));
    }

    @Test
    void promiseInARefusedRequestCounts() throws IOException {
        server = builder().start();
        block(0);
        ScriptedPeer peer = connect();
        peer.send(request(1, "y").withPromise()).expect(Frame.failure(1, 8, BUSY));
        release();
        expectServed(peer, request(3, "y"));
        threads.clear();
        List<Frame> requests = new ArrayList<>();
        for (int id = 1001; id < 1101; id += 2) requests.add(request(id, "y"));
        peer.send(Frame.join(requests));
        for (int id = 1001; id < 1101; id += 2)
            assertThat(peer.receive().streamId()).isEqualTo(id);
        assertThat(threads).as("an exclusive connection keeps its worker").hasSize(1);
    }

    @Test
    void requestCutInTheMiddleIsRefusedWhenItIsWhole() throws IOException {
        server = builder().start();
        block(0);
        ScriptedPeer peer = connect();
        byte[] large = request(1, "y".repeat(1_000_000)).bytes();
        peer.send(Arrays.copyOf(large, 500_000));
        Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes > 400_000);
        peer.send(Arrays.copyOfRange(large, 500_000, large.length)).expect(Frame.failure(1, 8, BUSY));
        Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes == 0);
        ScriptedPeer other = connect();
        byte[] small = request(1, "y").bytes();
        other.send(Arrays.copyOf(small, 5));
        peer.send(request(3, "y")).expect(Frame.failure(3, 8, BUSY));
        release();
        expectServed(peer, request(5, "y"));
        other.send(Arrays.copyOfRange(small, 5, small.length));
        assertThat(other.receive().streamId()).isOne();
        expectServed(other, request(3, "y"));
    }

    @Test
    void whatIsWrongAnywayIsToldAsAlways() throws IOException {
        server = builder().start();
        block(0);
        ScriptedPeer peer = connect();
        peer.send(request(2, "y"));
        peer.expect(Frame.failure(2, 3, "StreamID must be odd for client initiated streams"));
        peer.send(request(3, "y")).expect(Frame.failure(3, 8, BUSY));
        peer.send(request(3, "y")).expect(Frame.failure(3, 3, "StreamID cannot be re-used and must increment"));
        peer.send(Frame.header(5 << 20, 5, 1));
        peer.expect(Frame.failure(5, 8, "message length 5242880 exceed maximum message size of 4194304"));
        connect().send("ff00").send("00000000000000000000").expectEnd();
        ScriptedPeer halfClosed = connect();
        halfClosed.send(request(1, "y"));
        halfClosed.halfClose();
        halfClosed.expect(Frame.failure(1, 8, BUSY));
        halfClosed.expectEnd();
    }

    @Test
    void messagesOfAStreamThatRunsAreDelivered() throws Exception {
        AtomicLong sum = new AtomicLong();
        CountDownLatch three = new CountDownLatch(3);
        streamer.echo = (items, out) -> {
            for (Int64Value item : items) {
                sum.addAndGet(item.getValue());
                three.countDown();
                out.accept(item);
            }
        };
        server = builder().start();
        block(1);
        ScriptedPeer peer = connect();
        peer.send(
                Frame.request(1, Streamer.ECHO, Int64Value.getDefaultInstance()).withFlags(2));
        peer.send(new Frame(1, 3, 0, Streamer.item(5).toByteArray()));
        peer.expect(new Frame(1, 3, 0, Streamer.item(5).toByteArray())); // the stream runs
        peer.send(request(3, "y")).expect(Frame.failure(3, 8, BUSY));
        for (long n = 6; n < 8; n++) {
            peer.send(new Frame(1, 3, 0, Streamer.item(n).toByteArray()));
            peer.expect(new Frame(1, 3, 0, Streamer.item(n).toByteArray()));
        }
        ServerConcurrencyTest.await(three);
        assertThat(sum.get()).isEqualTo(18);
        peer.send(new Frame(1, 3, 5, new byte[0])).expect(new Frame(1, 3, 5, new byte[0]));
    }

    @Test
    void hangUpCancelsCallsAlthoughNoWorkerIsFree() throws Exception {
        CountDownLatch running = new CountDownLatch(WORKERS);
        CountDownLatch interrupted = new CountDownLatch(WORKERS);
        streamer.twice = item -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                assertThat(CallContext.current().isCancelled()).isTrue();
                interrupted.countDown();
                ServerConcurrencyTest.await(go);
            }
            return item;
        };
        server = builder().start();
        for (int i = 0; i < WORKERS; i++) {
            Frame request = Frame.request(1, Streamer.DOUBLE, Streamer.item(1));
            connect().send(i == 0 ? request : request.withPromise());
        }
        ServerConcurrencyTest.await(running);
        peers.forEach(ScriptedPeer::close);
        ServerConcurrencyTest.await(interrupted); // both, while both workers are still inside
    }

    @Test
    void usersPolicyIsNotAskedByTheKeeper() throws Exception {
        Set<String> askedBy = ConcurrentHashMap.newKeySet();
        server = builder()
                .authorize(peer -> {
                    askedBy.add(Thread.currentThread().getName());
                    return true;
                })
                .start();
        ScriptedPeer before = ScriptedPeer.connect(path);
        expectServed(before, request(1, "x"));
        block(0);
        peers.add(before);
        ScriptedPeer later = connect();
        later.send(request(1, "y"));
        before.send(request(1003, "y")).expect(Frame.failure(1003, 8, BUSY)); // the keeper has looked
        before.send(request(1005, "y")).expect(Frame.failure(1005, 8, BUSY));
        assertThat(server.stats().accepted()).isEqualTo(3);
        release();
        assertThat(later.receive().streamId()).isOne();
        assertThat(askedBy).isNotEmpty().noneMatch(name -> name.contains("keeper"));
    }

    @Test
    void requestsWaitWhereTheServerSaysSo() throws Exception {
        server = builder().overloadAfter(Duration.ofMinutes(5)).start();
        block(0);
        ScriptedPeer peer = connect();
        peer.send(request(1, "y"));
        release();
        peer.expect(Frame.reply(1, Hello.of("Hello y")));
        assertThat(server.stats().refused()).isZero();
        assertThatThrownBy(() -> Server.builder().overloadAfter(Duration.ofNanos(-1)))
                .hasMessage("overloadAfter is PT-0.000000001S, must be zero or longer");
    }

    @Test
    void hundredsOfConnectionsAreRefusedAndNoneIsForgotten() throws Exception {
        server = builder().start();
        List<ScriptedPeer> many = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            ScriptedPeer peer = ScriptedPeer.connect(path);
            many.add(peer);
            expectServed(peer, i % 2 == 0 ? request(1, "x") : request(1, "x").withPromise());
        }
        block(0);
        for (int round = 0; round < 5; round++) {
            for (ScriptedPeer peer : many) peer.send(request(2 * round + 1001, "y"));
            for (ScriptedPeer peer : many) peer.expect(Frame.failure(2 * round + 1001, 8, BUSY));
        }
        release();
        peers.addAll(many);
        for (ScriptedPeer peer : many) expectServed(peer, request(2001, "y"));
        assertThat(server.stats().refused()).isGreaterThanOrEqualTo(750);
    }

    @Test
    void serverEndsWhileAllWorkersAreBusy() throws Exception {
        server = builder().start();
        block(0);
        ScriptedPeer peer = connect();
        peer.send(request(1, "y")).expect(Frame.failure(1, 8, BUSY));
        Background<Boolean> ending = Background.run(() -> server.shutdown(Duration.ofMinutes(1)));
        peer.expectEnd(); // though no worker reads it
        release();
        assertThat(ending.result()).isTrue();
    }
}

package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.AbstractParser;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import io.posixsocket.OwnedFd;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How callers share a client's connections. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class PoolTest {
    private static final Duration FOR_EVER = Duration.ofDays(1);

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void path() {
        path = directory.resolve("s");
    }

    private Client client(int maxConnections) {
        return Client.builder(SockaddrUn.path(path))
                .maxConnections(maxConnections)
                .build();
    }

    private Server server() throws IOException {
        return Server.builder()
                .listen(SockaddrUn.path(path))
                .service(Hello.service())
                .start();
    }

    private static Hello call(Channel channel, String text) {
        return channel.call(Hello.SAY_HELLO, Hello.of(text));
    }

    private static Background<Hello> begin(Channel channel, String text) {
        return Background.run(() -> call(channel, text));
    }

    private static StatusException failure(Channel channel) {
        return catchThrowableOfType(StatusException.class, () -> call(channel, "x"));
    }

    /** An interrupt does not end it and is kept. */
    private static void awaitDeaf(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private static void awaitWaiting(Client client, int count) {
        Eventually.get(client::stats, stats -> stats.waiting() == count);
    }

    /** A reply whose reader runs {@code inside} while the call holds its connection. */
    private static MethodDescriptor<Hello, Hello> reading(Runnable inside) {
        return MethodDescriptor.unary(Hello.SERVICE, "SayHello", Hello.PARSER, new AbstractParser<>() {
            @Override
            public Hello parsePartialFrom(CodedInputStream from, ExtensionRegistryLite registry)
                    throws InvalidProtocolBufferException {
                Hello hello = Hello.PARSER.parsePartialFrom(from, registry);
                inside.run();
                return hello;
            }
        });
    }

    // --- waiting for a connection ------------------------------------------------------------------------------------

    @Test
    void callersBeyondTheCapAreServedInTheOrderInWhichTheyCame() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client(1)) {
            List<Background<Hello>> calls = new ArrayList<>();
            calls.add(begin(client, "0"));
            try (ScriptedPeer server = listening.accept()) {
                for (int i = 1; i < 6; i++) {
                    calls.add(begin(i % 2 == 0 ? client : client.withTimeout(FOR_EVER), "" + i));
                    awaitWaiting(client, i);
                }
                for (int i = 0; i < 6; i++) {
                    Frame request = server.receive();
                    assertThat(request.contains("" + i)).as("call %d", i).isTrue();
                    assertThat(request.streamId()).isEqualTo(2 * i + 1);
                    server.send(Frame.reply(request.streamId(), Hello.of("re " + i)));
                    assertThat(calls.get(i).result()).isEqualTo(Hello.of("re " + i));
                }
                assertThat(listening.hasClient()).isFalse();
            }
            ClientStats stats = client.stats();
            assertThat(stats.leaseWaits()).isEqualTo(5);
            assertThat(stats.connects()).isEqualTo(1);
            assertThat(stats.waiting()).isZero();
        }
    }

    @Test
    void deadlineEndsTheWaitForALease() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client(1)) {
            Background<Hello> first = begin(client, "first");
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                StatusException failure = failure(client.withTimeout(Duration.ofMillis(30)));
                assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
                assertThat(failure.executed()).isEqualTo(Executed.NO);
                assertThat(failure.description())
                        .isEqualTo(
                                "demo.greeter.v1.Greeter/SayHello at unix:" + path
                                        + ": deadline exceeded before the request was sent: all 1 connections (maxConnections) are in use");
                server.send(Frame.reply(1, Hello.of("one")));
                assertThat(first.result()).isEqualTo(Hello.of("one"));
                Background<Hello> next = begin(client, "next");
                server.expect(Frame.request(3, Hello.SAY_HELLO, Hello.of("next")));
                server.send(Frame.reply(3, Hello.of("two")));
                assertThat(next.result()).isEqualTo(Hello.of("two"));
            }
        }
    }

    @Test
    void interruptEndsTheWaitForALeaseAndKeepsTheFlag() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client(1)) {
            Background<Hello> first = begin(client, "first");
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                Background<Boolean> interrupted = Background.run(() -> {
                    StatusException failure = failure(client);
                    assertThat(failure.status()).isEqualTo(Status.CANCELLED);
                    assertThat(failure.executed()).isEqualTo(Executed.NO);
                    assertThat(failure.description()).contains("thread background was interrupted");
                    return Thread.interrupted();
                });
                awaitWaiting(client, 1);
                Background<Hello> behind = begin(client, "behind");
                awaitWaiting(client, 2);
                interrupted.thread().interrupt();
                assertThat(interrupted.result()).as("the flag stays").isTrue();
                server.send(Frame.reply(1, Hello.of("one")));
                first.result();
                server.expect(Frame.request(3, Hello.SAY_HELLO, Hello.of("behind")));
                server.send(Frame.reply(3, Hello.of("two")));
                assertThat(behind.result()).isEqualTo(Hello.of("two"));
            }
        }
    }

    @Test
    void closeWakesAllWhoWait() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path)) {
            Client client = client(1);
            Background<Hello> first = begin(client, "first");
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                List<Background<Hello>> waiting = List.of(
                        begin(client, "a"),
                        begin(client.withTimeout(FOR_EVER), "b"),
                        begin(client.withWaitForReady(), "c"));
                awaitWaiting(client, 3);
                client.close();
                assertThat(first.failure().executed()).isEqualTo(Executed.MAYBE);
                for (Background<Hello> one : waiting) {
                    StatusException failure = one.failure();
                    assertThat(failure.status()).isEqualTo(Status.CANCELLED);
                    assertThat(failure.executed()).isEqualTo(Executed.NO);
                    assertThat(failure.description()).endsWith(": the client is closed");
                }
            }
            assertThat(client.stats().connections()).isZero();
        }
    }

    @Test
    void placeOfABrokenConnectionGoesToWhoWaits() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client(1)) {
            Background<Hello> first = begin(client, "first");
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                Background<Hello> second = begin(client, "second");
                awaitWaiting(client, 1);
                first.thread().interrupt();
                assertThat(first.failure().status()).isEqualTo(Status.CANCELLED);
                try (ScriptedPeer next = listening.accept()) {
                    next.receive();
                    next.send(Frame.reply(1, Hello.of("two")));
                    assertThat(second.result()).isEqualTo(Hello.of("two"));
                }
            }
            assertThat(client.stats().discarded()).isEqualTo(1);
            assertThat(client.stats().connects()).isEqualTo(2);
        }
    }

    @Test
    void thousandCallersShareSixtyFourConnections() throws Exception {
        int callers = 1_000;
        int cap = 64;
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .service(Hello.service(request -> {
                            most.accumulateAndGet(now.incrementAndGet(), Math::max);
                            ServerConcurrencyTest.await(go);
                            now.decrementAndGet();
                            return Hello.greet(request);
                        }))
                        .start();
                Client client = client(cap)) {
            List<Background<Integer>> running = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int caller = i;
                running.add(Background.run(() -> {
                    for (int call = 0; call < 5; call++)
                        assertThat(call(client, caller + "." + call))
                                .isEqualTo(Hello.of("Hello " + caller + "." + call));
                    return caller;
                }));
            }
            awaitWaiting(client, callers - cap);
            go.countDown();
            for (Background<Integer> one : running) one.result();
            assertThat(most.get()).isEqualTo(cap);
            ClientStats stats = client.stats();
            assertThat(stats.connects()).isEqualTo(cap);
            assertThat(stats.leaseWaits()).isGreaterThanOrEqualTo(callers - cap);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void callersOfAllMannersLeaveThePoolAsItWas() throws Exception {
        long seed = Long.getLong("posixsocket.seed", System.nanoTime());
        System.out.println("callersOfAllMannersLeaveThePoolAsItWas: -Dposixsocket.seed=" + seed);
        int callers = 24;
        try (Server server = server();
                Client client = client(4)) {
            List<Background<Integer>> running = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                java.util.Random random = new java.util.Random(seed + i);
                running.add(Background.run(() -> {
                    int served = 0;
                    for (int call = 0; call < 400; call++) {
                        if (random.nextInt(20) == 0) Thread.currentThread().interrupt();
                        try {
                            call(
                                    random.nextInt(4) == 0
                                            ? client.withTimeout(Duration.ofNanos(random.nextInt(1_000_000) + 1))
                                            : client,
                                    "x");
                            served++;
                        } catch (StatusException e) {
                            assertThat(e.status()).as(e.getMessage()).isIn(Status.CANCELLED, Status.DEADLINE_EXCEEDED);
                        }
                        Thread.interrupted();
                    }
                    return served;
                }));
            }
            int served = 0;
            for (Background<Integer> one : running) served += one.result();
            assertThat(served).isPositive();
            ClientStats stats = client.stats();
            assertThat(stats.waiting()).isZero();
            assertThat(stats.connections()).isLessThanOrEqualTo(4);
            assertThat(stats.leaseWaits()).isPositive();
            assertThat(stats.discarded()).isPositive();
            CyclicBarrier all = new CyclicBarrier(4); // no place was lost
            List<Background<Hello>> four = new ArrayList<>();
            for (int i = 0; i < 4; i++)
                four.add(Background.run(() -> client.call(reading(() -> meet(all)), Hello.of("x"))));
            for (Background<Hello> one : four) assertThat(one.result()).isEqualTo(Hello.of("Hello x"));
            assertThat(server.isDraining()).isFalse();
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    // --- calls inside calls ------------------------------------------------------------------------------------------

    @Test
    void nestedCallOnAnExhaustedPoolFailsAtOnce() throws Exception {
        try (Server server = server();
                Client client = client(1)) {
            List<StatusException> nested = new ArrayList<>();
            Runnable inside = () -> nested.add(failure(client.withWaitForReady()));
            assertThat(client.call(reading(inside), Hello.of("x"))).isEqualTo(Hello.of("Hello x"));
            assertThat(nested).hasSize(1);
            assertThat(nested.get(0).status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
            assertThat(nested.get(0).executed()).isEqualTo(Executed.NO);
            assertThat(nested.get(0).description())
                    .contains("SayHello at unix:" + path)
                    .endsWith(
                            "is inside another call of this client, and all 1 connections (maxConnections) are in use:"
                                    + " a nested call could wait for itself");
            assertThat(client.stats().exhausted()).isEqualTo(1);
            assertThat(client.stats().waiting()).isZero();
            assertThat(call(client, "y")).isEqualTo(Hello.of("Hello y"));
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void eightThreadsOnAPoolOfEightWithNestedCallsFailAtOnce() throws Exception {
        CyclicBarrier all = new CyclicBarrier(8);
        try (Server server = server();
                Client client = client(8)) {
            List<Background<StatusException>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                calls.add(Background.run(() -> {
                    List<StatusException> nested = new ArrayList<>();
                    client.call(
                            reading(() -> {
                                meet(all); // each holds a connection
                                nested.add(failure(client));
                                meet(all);
                            }),
                            Hello.of("x"));
                    return nested.get(0);
                }));
            }
            for (Background<StatusException> one : calls)
                assertThat(one.result().status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
            assertThat(client.stats().exhausted()).isEqualTo(8);
            assertThat(client.stats().connects()).isEqualTo(8);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void nestedCallsInConsumersAndIterablesOfAllThreadsFailAtOnce() throws Exception {
        CyclicBarrier all = new CyclicBarrier(8);
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .service(new Streamer().service())
                        .service(Hello.service())
                        .start();
                Client client = client(8)) {
            List<Background<StatusException>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int shape = i % 3;
                calls.add(Background.run(() -> {
                    List<StatusException> nested = new ArrayList<>();
                    Runnable inside = () -> {
                        meet(all); // each holds a connection
                        nested.add(failure(client));
                        meet(all);
                    };
                    Iterable<Int64Value> one = () -> {
                        inside.run();
                        return List.of(Streamer.item(1)).iterator();
                    };
                    if (shape == 0)
                        client.callServerStreaming(Streamer.COUNT, Streamer.item(1), response -> inside.run());
                    else if (shape == 1) client.callClientStreaming(Streamer.SUM_UP, one);
                    else client.callBidiStreaming(Streamer.ECHO, one, response -> {}); // walked by another thread
                    return nested.get(0);
                }));
            }
            for (Background<StatusException> one : calls)
                assertThat(one.result().status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
            assertThat(client.stats().exhausted()).isEqualTo(8);
            assertThat(client.stats().waiting()).isZero();
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void interceptorsRunOutsideOfTheLeaseAndMayCall() throws Exception {
        try (Server server = server();
                Client client = client(1)) {
            List<Hello> nested = new ArrayList<>();
            Channel channel = client.withInterceptor((call, proceed) -> {
                nested.add(call(client, "before"));
                proceed.run();
                nested.add(call(client, "after"));
            });
            assertThat(call(channel, "x")).isEqualTo(Hello.of("Hello x"));
            assertThat(nested).containsExactly(Hello.of("Hello before"), Hello.of("Hello after"));
            assertThat(client.stats().connects()).isEqualTo(1);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void policyThatCallsItsOwnClientDenies() throws Exception {
        List<Client> self = new ArrayList<>();
        try (Server server = server();
                Client client = Client.builder(SockaddrUn.path(path))
                        .authorize(peer -> call(self.get(0), "nested") != null)
                        .build()) {
            self.add(client);
            StatusException failure = failure(client);
            assertThat(failure.status()).isEqualTo(Status.PERMISSION_DENIED);
            assertThat(failure.description()).contains("makes a call on the client that asks it");
            assertThat(server.isDraining()).isFalse();
        }
    }

    // --- the life of a connection ------------------------------------------------------------------------------------

    @Test
    void idleConnectionIsClosedAndTheNextCallConnects() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = Client.builder(SockaddrUn.path(path))
                        .idleTimeout(Duration.ofMillis(20))
                        .build()) {
            Background<Hello> held = begin(client, "held"); // in use all the time: not idle
            try (ScriptedPeer busy = listening.accept()) {
                busy.receive();
                for (int i = 0; i < 3; i++) {
                    Background<Hello> call = begin(client, "x");
                    try (ScriptedPeer server = listening.accept()) {
                        server.expect(
                                Frame.request(1, Hello.SAY_HELLO, Hello.of("x")).withPromise());
                        server.send(Frame.reply(1, Hello.of("one")));
                        call.result();
                        server.expectEnd();
                    }
                }
                assertThat(client.stats().idleClosed()).isEqualTo(3);
                Eventually.get(client::stats, stats -> stats.connections() == 1); // closed, and then taken out
                busy.send(Frame.reply(1, Hello.of("late")));
                assertThat(held.result()).isEqualTo(Hello.of("late"));
                busy.expectEnd();
            }
            Eventually.get(client::stats, stats -> stats.connections() == 0);
        }
    }

    @Test
    void keeperEndsWhenNoClientNeedsIt() throws Exception {
        try (Server server = server()) {
            Client client = Client.builder(SockaddrUn.path(path))
                    .idleTimeout(Duration.ofMillis(200))
                    .build();
            assertThat(keepers())
                    .as("nothing is started for a client without calls")
                    .isLessThanOrEqualTo(1);
            call(client, "x");
            Eventually.get(client::stats, stats -> stats.connections() == 0);
            Eventually.get(PoolTest::keepers, keepers -> keepers == 0);
            call(client, "x");
            assertThat(keepers()).isEqualTo(1);
            client.close();
            Eventually.get(PoolTest::keepers, keepers -> keepers == 0);
            assertThat(server.isDraining()).isFalse();
        }
    }

    private static int keepers() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("posixsocket-client-keeper"))
                .count();
    }

    @Test
    void connectionIsLeftBeforeItsIdsRunOut() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client(1)) {
            Background<Hello> call = begin(client, "first");
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                server.send(Frame.reply(1, Hello.of("one")));
                call.result();
                setNextId(client, 0xfffffffb);
                for (int id : new int[] {0xfffffffb, 0xfffffffd}) {
                    call = begin(client, "late");
                    server.expect(Frame.request(id, Hello.SAY_HELLO, Hello.of("late")));
                    server.send(Frame.reply(id, Hello.of("ok")));
                    assertThat(call.result()).isEqualTo(Hello.of("ok"));
                }
                server.expectEnd();
                call = begin(client, "anew");
                try (ScriptedPeer next = listening.accept()) {
                    next.expect(
                            Frame.request(1, Hello.SAY_HELLO, Hello.of("anew")).withPromise());
                    next.send(Frame.reply(1, Hello.of("two")));
                    assertThat(call.result()).isEqualTo(Hello.of("two"));
                }
            }
        }
    }

    /** Of the only connection, which nobody uses. */
    private static void setNextId(Client client, int id) throws ReflectiveOperationException {
        Object pool = field(Client.class, "pool").get(client);
        ClientConnection[] all =
                (ClientConnection[]) field(Pool.class, "connections").get(pool);
        assertThat(all).hasSize(1);
        assertThat(all[0].lease().take(Thread.currentThread())).isTrue();
        field(ClientConnection.class, "nextId").setInt(all[0], id);
        all[0].lease().end();
    }

    private static Field field(Class<?> owner, String name) throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    @Test
    void threadPrefersTheConnectionThatItUsedLast() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = client(8)) {
            Background<Hello> other = begin(client, "other");
            try (ScriptedPeer first = listening.accept()) {
                first.receive();
                CountDownLatch go = new CountDownLatch(1);
                Background<Hello> mine = Background.run(() -> {
                    call(client, "1");
                    ServerConcurrencyTest.await(go);
                    return call(client, "2");
                });
                try (ScriptedPeer second = listening.accept()) {
                    second.receive();
                    second.send(Frame.reply(1, Hello.of("ok")));
                    first.send(Frame.reply(1, Hello.of("ok")));
                    other.result(); // both are idle
                    go.countDown();
                    second.expect(Frame.request(3, Hello.SAY_HELLO, Hello.of("2")));
                    assertThat(first.hasNothing()).isTrue();
                    second.send(Frame.reply(3, Hello.of("mine")));
                    assertThat(mine.result()).isEqualTo(Hello.of("mine"));
                }
            }
        }
    }

    @Test
    void leaseAndReturnAllocateNothing() throws Exception {
        try (Server server = server();
                Client client = client(64)) {
            call(client, "x");
            Pool pool = (Pool) field(Client.class, "pool").get(client);
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            leaseAndReturn(pool, 1_000);
            long before = threads.getCurrentThreadAllocatedBytes();
            leaseAndReturn(pool, 100_000);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(allocated).as("bytes for 100,000 leases").isLessThan(100_000);
            assertThat(client.stats().leaseWaits()).isZero();
            assertThat(client.stats().connects()).isEqualTo(1);
            assertThat(server.isDraining()).isFalse();
        }
    }

    private static void leaseAndReturn(Pool pool, int times) {
        for (int i = 0; i < times; i++) pool.giveBack(pool.lease(Hello.SAY_HELLO, null, false));
    }

    // --- connecting --------------------------------------------------------------------------------------------------

    /** Does something before each attempt. */
    private record Gate(Connector to, AtomicInteger attempts, Runnable before) implements Connector {
        @Override
        public OwnedFd connect(Deadline deadline, Opening opening) throws IOException {
            attempts.incrementAndGet();
            before.run();
            return to.connect(deadline, opening);
        }

        @Override
        public boolean isUnix() {
            return to.isUnix();
        }
    }

    private Client gated(AtomicInteger attempts, Runnable before) {
        return new Client(new Gate(new Connector.To(SockaddrUn.path(path), null), attempts, before), Spin.DEFAULT);
    }

    @Test
    void onlyOneCallerConnectsAtATime() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch manyWait = new CountDownLatch(1);
        CyclicBarrier all = new CyclicBarrier(16);
        try (Server server = server();
                Client client = gated(new AtomicInteger(), () -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    ServerConcurrencyTest.await(manyWait);
                    inside.decrementAndGet();
                })) {
            List<Background<Hello>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++)
                calls.add(Background.run(() -> client.call(reading(() -> meet(all)), Hello.of("x"))));
            awaitWaiting(client, 15);
            manyWait.countDown();
            for (Background<Hello> one : calls) assertThat(one.result()).isEqualTo(Hello.of("Hello x"));
            assertThat(most.get()).isEqualTo(1);
            assertThat(client.stats().connects()).isEqualTo(16);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void failureToConnectIsSharedByAllThatCameBeforeTheAttemptBegan() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch manyWait = new CountDownLatch(1);
        try (Client client = gated(attempts, () -> ServerConcurrencyTest.await(manyWait))) {
            List<Background<Hello>> calls = new ArrayList<>();
            for (int i = 0; i < 10; i++) calls.add(begin(client, "x"));
            awaitWaiting(client, 9);
            manyWait.countDown();
            for (Background<Hello> one : calls) {
                StatusException failure = one.failure();
                assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
                assertThat(failure.executed()).isEqualTo(Executed.NO);
                assertThat(failure.description()).contains("ENOENT");
            }
            assertThat(attempts.get())
                    .as("the first one's, and one that began after all had come")
                    .isEqualTo(2);
            assertThat(client.stats().failedConnects()).isEqualTo(2);
        }
    }

    @Test
    void callerThatIsInterruptedLeavesTheConnectingToTheNext() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        try (Server server = server();
                Client client = gated(attempts, () -> {
                    if (attempts.get() == 1) awaitDeaf(go);
                })) {
            Background<Hello> first = begin(client, "x");
            Eventually.get(attempts::get, begun -> begun == 1);
            Background<Hello> second = begin(client, "y");
            awaitWaiting(client, 1);
            first.thread().interrupt();
            go.countDown();
            assertThat(first.failure().status()).isEqualTo(Status.CANCELLED);
            assertThat(second.result()).isEqualTo(Hello.of("Hello y"));
            assertThat(client.stats().failedConnects())
                    .as("none of the server's")
                    .isZero();
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void closeWhileOneConnectsCancelsThoseWhoWaitForIt() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        try (Server server = server()) {
            Client client = gated(attempts, () -> ServerConcurrencyTest.await(go));
            Background<Hello> first = begin(client, "x");
            Eventually.get(attempts::get, begun -> begun == 1);
            Background<Hello> second = begin(client, "y");
            awaitWaiting(client, 1);
            client.close();
            assertThat(second.failure().status()).isEqualTo(Status.CANCELLED);
            go.countDown();
            assertThat(first.failure().status()).isEqualTo(Status.CANCELLED);
            assertThat(first.failure().executed()).isEqualTo(Executed.NO);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        Client.Builder builder = Client.builder("unix:/nowhere");
        assertThatThrownBy(() -> builder.maxConnections(0)).hasMessage("maxConnections is 0, must be at least 1");
        assertThatThrownBy(() -> builder.idleTimeout(Duration.ZERO))
                .hasMessage("idleTimeout is PT0S, must be positive");
    }
}

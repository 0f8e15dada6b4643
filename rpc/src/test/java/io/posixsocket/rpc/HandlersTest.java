package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Int64Value;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handlers in an executor of the user's: all is as if workers ran them, and what waits there is bounded and ends in time. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class HandlersTest {
    /** A user's choice. */
    enum Kind {
        FIXED,
        CACHED,
        SAME_THREAD,
        /** Virtual threads where the JDK has them, else platform threads. */
        THREAD_PER_TASK
    }

    @TempDir
    Path directory;

    private final Streamer streamer = new Streamer();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final Set<String> ran = ConcurrentHashMap.newKeySet();
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger blocked = new AtomicInteger();
    private final List<ScriptedPeer> peers = new ArrayList<>();
    private ExecutorService pool;
    private Path path;
    private Server server;

    private Executor executor(Kind kind) {
        if (kind == Kind.SAME_THREAD) return Runnable::run;
        pool = switch (kind) {
            case FIXED -> Executors.newFixedThreadPool(3);
            case CACHED -> Executors.newCachedThreadPool();
            default -> threadPerTask();
        };
        return pool;
    }

    private static boolean hasVirtualThreads() {
        return Runtime.version().feature() >= 21;
    }

    private static ExecutorService threadPerTask() {
        if (!hasVirtualThreads()) return Executors.newCachedThreadPool();
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private Server.Builder builder(Executor executor) {
        path = directory.resolve("s");
        return Server.builder()
                .listen(SockaddrUn.path(path))
                .handlers(executor)
                .service(streamer.service())
                .service(Hello.service(this::handle));
    }

    private Hello handle(Hello request) {
        threads.add(Thread.currentThread());
        ran.add(request.text());
        if (request.text().startsWith("block")) {
            blocked.incrementAndGet();
            try {
                go.await();
            } catch (InterruptedException e) {
                return Hello.of("interrupted");
            }
        }
        if (request.text().equals("large")) return Hello.ofSize(3 << 20);
        return Hello.greet(request);
    }

    private ScriptedPeer connect() throws IOException {
        ScriptedPeer peer = ScriptedPeer.connect(path);
        peers.add(peer);
        return peer;
    }

    private static Frame request(int id, String text) {
        return Frame.request(id, Hello.SAY_HELLO, Hello.of(text));
    }

    private static List<Frame> receive(ScriptedPeer peer, int count) throws IOException {
        List<Frame> frames = new ArrayList<>();
        while (frames.size() < count) frames.add(peer.receive());
        return frames;
    }

    private static Frame data(long n) {
        return new Frame(1, 3, 0, Streamer.item(n).toByteArray());
    }

    private ServerStats awaitStats(java.util.function.Predicate<ServerStats> expected) {
        return Eventually.get(server::stats, expected);
    }

    @AfterEach
    void stop() throws Exception {
        go.countDown();
        peers.forEach(ScriptedPeer::close);
        if (server != null) server.close();
        if (pool != null) {
            pool.shutdown();
            assertThat(pool.awaitTermination(60, java.util.concurrent.TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void callsOfAllShapesRunThere(Kind kind) throws Exception {
        Set<String> intercepted = ConcurrentHashMap.newKeySet();
        server = builder(executor(kind))
                .intercept((call, proceed) -> {
                    intercepted.add(Thread.currentThread().getName());
                    proceed.run();
                })
                .start();
        try (Client client = Client.connect("unix:" + path)) {
            for (int i = 0; i < 300; i++)
                assertThat(client.call(Hello.SAY_HELLO, Hello.of("x"))).isEqualTo(Hello.of("Hello x"));
            List<Int64Value> counted = new ArrayList<>();
            client.callServerStreaming(Streamer.COUNT, Streamer.item(1000), counted::add);
            assertThat(counted).hasSize(1000);
            List<Int64Value> items =
                    LongStream.rangeClosed(1, 1000).mapToObj(Streamer::item).toList();
            assertThat(client.callClientStreaming(Streamer.SUM_UP, items).getSeconds())
                    .isEqualTo(500_500);
            List<Int64Value> echoed = new ArrayList<>();
            client.callBidiStreaming(Streamer.ECHO, items, echoed::add);
            assertThat(echoed).isEqualTo(items);
        }
        ScriptedPeer shared = connect();
        List<Frame> requests = new ArrayList<>();
        for (int id = 1; id < 401; id += 2) requests.add(request(id, "x"));
        shared.send(Frame.join(requests));
        Set<Integer> ids = ConcurrentHashMap.newKeySet();
        for (Frame ignored : requests) ids.add(shared.receive().streamId());
        assertThat(ids).hasSize(200);
        boolean workers = kind == Kind.SAME_THREAD;
        assertThat(intercepted).isNotEmpty().allMatch(name -> name.contains("-worker-") == workers);
        if (kind == Kind.THREAD_PER_TASK)
            assertThat(threads).allMatch(thread -> ThreadKind.isVirtual(thread) == hasVirtualThreads());
        assertThat(awaitStats(stats -> stats.started() == 503)).returns(503L, ServerStats::answered);
        assertThat(server.handlers().queued()).isZero();
        Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes == 0);
    }

    @ParameterizedTest
    @EnumSource
    void answersThatThePeerTakesSlowlyArriveWhole(Kind kind) throws Exception {
        server = builder(executor(kind)).start();
        ScriptedPeer peer = connect();
        peer.send(Frame.join(List.of(request(1, "large").withPromise(), request(3, "large"), request(5, "large"))));
        Eventually.get(ran::size, size -> size == 1);
        for (int i = 0; i < 3; i++) assertThat(peer.receive().body().length).isGreaterThan(3 << 20);
        peer.send(request(7, "x")).expect(Frame.reply(7, Hello.of("Hello x")));
    }

    @Test
    void callsThatItRejectsAreRefusedAndTheConnectionGoesOn() throws Exception {
        AtomicInteger rejected = new AtomicInteger();
        server = builder(task -> {
                    int n = rejected.getAndIncrement();
                    if (n == 0 || n == 2) throw new RejectedExecutionException("full");
                    if (n == 1) throw new OutOfMemoryError("unable to create native thread");
                    task.run();
                    throw new RejectedExecutionException("after it has run");
                })
                .start();
        ScriptedPeer peer = connect();
        peer.send(request(1, "x").withPromise());
        peer.expect(Frame.failure(1, 8, "handlers' executor takes no more calls"));
        peer.send(request(3, "x")).expect(Frame.failure(3, 8, "handlers' executor failed"));
        peer.send(Frame.request(5, Streamer.COUNT, Streamer.item(3)));
        peer.expect(Frame.failure(5, 8, "handlers' executor takes no more calls"));
        peer.send(request(7, "x")).expect(Frame.reply(7, Hello.of("Hello x")));
        assertThat(awaitStats(stats -> stats.answered() == 1))
                .returns(3L, ServerStats::refused)
                .returns(1L, ServerStats::started);
        Eventually.get(() -> server.handlers().queued(), queued -> queued == 0);
        peer.halfClose();
        peer.expectEnd(); // each was counted out once
    }

    @Test
    void oneCallMoreThanMayWaitIsRefused() throws Exception {
        pool = Executors.newSingleThreadExecutor();
        server = builder(pool).maxQueuedCalls(2).start();
        ScriptedPeer peer = connect();
        peer.send(request(1, "block"));
        Eventually.get(blocked::get, one -> one == 1);
        peer.send(Frame.join(List.of(request(3, "a"), request(5, "b"), request(7, "c"))));
        peer.expect(Frame.failure(
                7, 8, "handlers' executor has not begun as many calls as may wait for it, maxQueuedCalls is 2"));
        go.countDown();
        assertThat(receive(peer, 3))
                .containsExactlyInAnyOrder(
                        Frame.reply(1, Hello.of("Hello block")),
                        Frame.reply(3, Hello.of("Hello a")),
                        Frame.reply(5, Hello.of("Hello b")));
        peer.send(request(9, "d")).expect(Frame.reply(9, Hello.of("Hello d")));
        assertThat(ran).doesNotContain("c");
        assertThatThrownBy(() -> Server.builder().maxQueuedCalls(0))
                .hasMessage("maxQueuedCalls is 0, must be at least 1");
    }

    @Test
    void deadlineOfACallThatWaitsIsKeptAndItNeverRuns() throws Exception {
        pool = Executors.newSingleThreadExecutor();
        server = builder(pool).maxQueuedCalls(4).start();
        ScriptedPeer peer = connect();
        peer.send(request(1, "block"));
        Eventually.get(blocked::get, one -> one == 1);
        peer.send(Frame.request(3, Hello.SAY_HELLO, Hello.of("late"), 20_000_000));
        peer.expect(Frame.failure(3, 4, "context deadline exceeded"));
        peer.send(Frame.request(5, Streamer.COUNT, Streamer.item(3), 20_000_000));
        peer.expect(Frame.failure(5, 4, "context deadline exceeded"));
        assertThat(server.handlers().queued())
                .as("tasks that the executor still has")
                .isEqualTo(2);
        assertThat(server.stats()).returns(2L, ServerStats::cancelled);
        go.countDown();
        peer.expect(Frame.reply(1, Hello.of("Hello block")));
        peer.send(request(7, "x")).expect(Frame.reply(7, Hello.of("Hello x")));
        assertThat(ran).doesNotContain("late");
        assertThat(server.handlers().queued()).isZero();
        peer.halfClose();
        peer.expectEnd();
    }

    @Test
    void deadlineInterruptsTheHandlerAndLeavesNothingInItsThread() throws Exception {
        pool = Executors.newSingleThreadExecutor();
        server = builder(pool).start();
        for (boolean promise : new boolean[] {false, true}) {
            ScriptedPeer peer = connect();
            Frame request = Frame.request(1, Hello.SAY_HELLO, Hello.of("block"), 20_000_000);
            peer.send(promise ? request.withPromise() : request);
            peer.expect(Frame.failure(1, 4, "context deadline exceeded"));
            assertThat(pool.submit(Thread::interrupted).get()).isFalse();
            peer.send(request(3, "x")).expect(Frame.reply(3, Hello.of("Hello x")));
        }
    }

    @Test
    void callsThatWaitForNobodyNeverRun() throws Exception {
        pool = Executors.newSingleThreadExecutor();
        server = builder(pool).start();
        ScriptedPeer first = connect();
        first.send(request(1, "block"));
        Eventually.get(blocked::get, one -> one == 1);
        ScriptedPeer leaving = connect();
        leaving.send(request(1, "left")).send(Frame.request(3, Streamer.ECHO, Int64Value.getDefaultInstance()));
        Eventually.get(() -> server.handlers().queued(), queued -> queued == 2);
        leaving.close();
        awaitStats(stats -> stats.cancelled() == 2 && stats.connections() == 1);
        go.countDown();
        first.expect(Frame.reply(1, Hello.of("Hello block")));
        first.send(request(3, "x")).expect(Frame.reply(3, Hello.of("Hello x")));
        assertThat(ran).doesNotContain("left");
        Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes == 0);
    }

    @Test
    void shutdownWaitsForCallsThatWait() throws Exception {
        pool = Executors.newSingleThreadExecutor();
        server = builder(pool).start();
        ScriptedPeer peer = connect();
        peer.send(request(1, "block"));
        Eventually.get(blocked::get, one -> one == 1);
        peer.send(Frame.join(List.of(request(3, "x"), request(5, "y"))));
        Eventually.get(() -> server.handlers().queued(), queued -> queued == 2);
        Background<Boolean> ending = Background.run(() -> server.shutdown(Duration.ofMinutes(1)));
        while (!server.isDraining()) Thread.onSpinWait();
        go.countDown();
        assertThat(receive(peer, 3)) // two workers may have handed the last two over
                .containsExactlyInAnyOrder(
                        Frame.reply(1, Hello.of("Hello block")),
                        Frame.reply(3, Hello.of("Hello x")),
                        Frame.reply(5, Hello.of("Hello y")));
        peer.expectEnd();
        assertThat(ending.result()).isTrue();
    }

    /**
     * A peer that a server does not read, although it has read all that came: what is sent to it next is 3 MiB of a thread that
     * is no call's, then the end of call 1, which has left, and that call 3 is not implemented.
     */
    private ScriptedPeer haltedPeer(Duration frameTimeout, byte[] partOfAFrame) throws Exception {
        CountDownLatch encoding = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Hello large = Hello.ofSize(3 << 20);
        MessageLite slow = (MessageLite) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MessageLite.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("writeTo")) {
                        encoding.countDown();
                        ServerConcurrencyTest.await(go);
                    }
                    return method.invoke(large, arguments);
                });
        @SuppressWarnings("unchecked") // a server does not parse replies
        Parser<MessageLite> none = (Parser<MessageLite>) (Parser<?>) Hello.PARSER;
        MethodDescriptor<Hello, MessageLite> stream =
                MethodDescriptor.serverStreaming("test.v1.Slow", "Stream", Hello.PARSER, none);
        pool = Executors.newCachedThreadPool();
        server = builder(task -> pool.execute(() -> {
                    task.run();
                    ended.countDown();
                }))
                .frameTimeout(frameTimeout)
                .service(ServiceDefinition.builder(stream.service())
                        .serverStreaming(stream, (request, replies) -> {
                            pool.execute(() -> replies.accept(slow));
                            ServerConcurrencyTest.await(encoding); // under the connection's lock
                        })
                        .build())
                .start();
        ScriptedPeer peer = connect();
        peer.send(Frame.request(1, stream, Hello.DEFAULT));
        ServerConcurrencyTest.await(encoding);
        byte[] refused = Frame.request(3, "No.Such", "M", new byte[0], 0).bytes();
        byte[] both = Arrays.copyOf(refused, refused.length + partOfAFrame.length);
        System.arraycopy(partOfAFrame, 0, both, refused.length, partOfAFrame.length);
        peer.send(both);
        awaitStats(stats -> stats.unimplemented() == 1); // and who reads waits for the lock, until its holder is stuck
        go.countDown();
        ServerConcurrencyTest.await(ended);
        return peer;
    }

    private static void expectRest(ScriptedPeer halted) throws IOException {
        assertThat(halted.receive().body()).hasSize(3 << 20);
        assertThat(receive(halted, 2))
                .containsExactlyInAnyOrder(Frame.failure(3, 12, "service No.Such"), new Frame(1, 3, 5, new byte[0]));
        halted.expectEnd();
    }

    @Test
    void connectionThatWasNotReadWhenTheServerBeganToDrainEndsWhenItIsReadAgain() throws Exception {
        ScriptedPeer peer = haltedPeer(Duration.ofMinutes(5), new byte[0]);
        Background<Boolean> ending = Background.run(() -> server.shutdown(Duration.ofMinutes(1)));
        awaitDraining(ending);
        expectRest(peer);
        assertThat(ending.result()).isTrue();
    }

    @Test
    void partOfAFrameHasItsTimeAlthoughItWasNotReadMeanwhile() throws Exception {
        ScriptedPeer peer = haltedPeer(Duration.ofMillis(200), new byte[] {0, 0, 0});
        expectRest(peer);
        awaitStats(stats -> stats.timedOut() == 1);
    }

    /** Until it has looked at all connections. */
    private static void awaitDraining(Background<Boolean> ending) {
        Eventually.get(() -> ending.thread().getState(), state -> state == Thread.State.TIMED_WAITING);
    }

    @Test
    void streamThatWaitsBehindOtherCallsWhenTheServerDrainsIsServedToItsEnd() throws Exception {
        pool = Executors.newCachedThreadPool();
        server = builder(pool).start();
        ScriptedPeer peer = connect();
        List<Frame> frames = new ArrayList<>();
        for (int id = 1; id < 2 * 64; id += 2) frames.add(request(id, "block"));
        frames.add(Frame.request(129, Streamer.SUM_UP, Int64Value.getDefaultInstance())
                .withFlags(2));
        peer.send(Frame.join(frames));
        Eventually.get(blocked::get, calls -> calls == 64); // as many as may be in flight
        Background<Boolean> ending = Background.run(() -> server.shutdown(Duration.ofMinutes(1)));
        awaitDraining(ending);
        go.countDown();
        for (int i = 0; i < 64; i++)
            assertThat(peer.receive().contains("Hello block")).isTrue();
        Frame last = new Frame(129, 3, 1, Streamer.item(7).toByteArray());
        peer.send(last.withFlags(0)).send(last);
        Timestamp sum = Timestamp.newBuilder().setSeconds(14).setNanos(2).build();
        peer.expect(Frame.reply(129, sum));
        peer.expectEnd();
        assertThat(ending.result()).isTrue();
    }

    @Test
    void oneCallAtATimeIsToldOfTheDrainBeforeItsAnswer() throws Exception {
        pool = Executors.newCachedThreadPool();
        for (int i = 0; i < 20; i++) {
            server = builder(pool).start();
            ScriptedPeer peer = connect();
            peer.send(Frame.request(1, Streamer.SUM_UP, Int64Value.getDefaultInstance())
                    .withFlags(2)
                    .withPromise());
            awaitStats(stats -> stats.connections() == 1);
            Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes > 0);
            Background<Boolean> ending = Background.run(() -> server.shutdown(Duration.ofMinutes(1)));
            awaitDraining(ending);
            peer.send(new Frame(1, 3, 5, new byte[0]));
            assertThat(peer.receive().type()).isEqualTo(2);
            assertThatThrownBy(() -> peer.send(request(3, "x"))).isInstanceOf(IOException.class);
            peer.expectEnd();
            assertThat(ending.result()).isTrue();
        }
    }

    @Test
    void afterTheGraceCallsThatWaitAreToldAndNeverRun() throws Exception {
        pool = Executors.newSingleThreadExecutor();
        server = builder(pool).start();
        ScriptedPeer peer = connect();
        peer.send(request(1, "block"));
        Eventually.get(blocked::get, one -> one == 1);
        peer.send(Frame.join(List.of(request(3, "x"), request(5, "y"))));
        Eventually.get(() -> server.handlers().queued(), queued -> queued == 2);
        server.shutdown(Duration.ZERO);
        Set<Frame> told = new java.util.HashSet<>();
        for (int i = 0; i < 3; i++) told.add(peer.receive());
        assertThat(told)
                .containsExactlyInAnyOrder(
                        Frame.failure(1, 14, "the server was shut down"),
                        Frame.failure(3, 14, "the server was shut down"),
                        Frame.failure(5, 14, "the server was shut down"));
        peer.expectEnd();
        assertThat(ran).containsExactly("block");
    }

    @Test
    void anExecutorThatForgetsTasksKeepsNobodyBeyondTheDeadline() throws Exception {
        server = builder(task -> {}).maxQueuedCalls(2).start();
        ScriptedPeer peer = connect();
        peer.send(Frame.request(1, Hello.SAY_HELLO, Hello.of("x"), 20_000_000));
        peer.expect(Frame.failure(1, 4, "context deadline exceeded"));
        peer.send(request(3, "x"));
        Eventually.get(() -> server.handlers().queued(), queued -> queued == 2);
        peer.send(request(5, "x"));
        assertThat(peer.receive().contains("maxQueuedCalls is 2")).isTrue();
        assertThat(server.shutdown(Duration.ZERO)).isFalse();
        peer.expect(Frame.failure(3, 14, "the server was shut down"));
        peer.expectEnd();
    }

    @Test
    void shortRequestsCountTooSinceManyMayRun() throws Exception {
        pool = Executors.newCachedThreadPool();
        server = builder(pool).maxBytesInFlight(100).start();
        ScriptedPeer peer = connect();
        peer.send(request(1, "block" + "x".repeat(20)));
        Eventually.get(blocked::get, one -> one == 1);
        peer.send(request(3, "y".repeat(30)));
        Frame refused = peer.receive();
        assertThat(refused.contains("maxBytesInFlight is 100"))
                .as("%s", refused)
                .isTrue();
        go.countDown();
        assertThat(peer.receive().streamId()).isOne();
        Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes == 0);
        peer.send(request(5, "y".repeat(30))).expect(Frame.reply(5, Hello.of("Hello " + "y".repeat(30))));
    }

    /** Time passes here while a stream of a shared connection, of which others wait for their turn, is given up. */
    @Test
    void aSlowHandlerOfOneCallAtATimeKeepsItsStream() throws Exception {
        pool = Executors.newCachedThreadPool();
        AtomicInteger inside = new AtomicInteger();
        streamer.sumUp = items -> {
            inside.incrementAndGet();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Streamer.sum(items);
        };
        server = builder(pool).start();
        List<Frame> frames = new ArrayList<>();
        for (long n = 1; n <= 200; n++) frames.add(data(n));
        frames.add(new Frame(1, 3, 5, new byte[0]));
        Frame open = Frame.request(1, Streamer.SUM_UP, Int64Value.getDefaultInstance())
                .withFlags(2);
        ScriptedPeer promised = connect();
        promised.send(open.withPromise()).send(Frame.join(frames));
        Eventually.get(inside::get, one -> one == 1);
        ScriptedPeer shared = connect();
        shared.send(open).send(Frame.join(frames));
        Frame failed = shared.receive();
        assertThat(failed.contains("took no request for 1 s, as many wait for it as may (64, or 1048576 bytes)"))
                .as("%s", failed)
                .isTrue();
        go.countDown();
        Frame answer = promised.receive();
        assertThat(answer.type()).isEqualTo(2);
        assertThat(answer)
                .isEqualTo(Frame.reply(
                        1,
                        Timestamp.newBuilder().setSeconds(20_100).setNanos(200).build()));
    }

    @Test
    void anExecutorIsNeeded() {
        assertThat(catchThrowableOfType(
                        NullPointerException.class, () -> Server.builder().handlers(null)))
                .hasMessage("executor");
    }
}

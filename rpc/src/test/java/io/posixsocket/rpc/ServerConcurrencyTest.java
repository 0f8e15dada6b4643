package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Several calls at once, and what ends them. */
@Timeout(90)
@ExtendWith(NoLeaks.class)
class ServerConcurrencyTest {
    /** Calls in flight on one shared connection. */
    private static final int LIMIT = 64;

    @TempDir
    Path directory;

    private Path path;
    private Server server;
    private ScriptedPeer peer;

    private void start(Function<Hello, Hello> handler) throws IOException {
        start(256, handler);
    }

    private void start(int maxWorkers, Function<Hello, Hello> handler) throws IOException {
        path = directory.resolve("s");
        server = Server.builder()
                .listen(SockaddrUn.path(path))
                .maxWorkers(maxWorkers)
                .overloadAfter(Duration.ofMinutes(5)) // a busy machine is no overload here
                .service(Hello.service(handler))
                .start();
        peer = ScriptedPeer.connect(path);
    }

    @AfterEach
    void stop() {
        if (peer != null) peer.close();
        if (server != null) server.close();
    }

    private static Frame request(int id, String text) {
        return Frame.request(id, Hello.SAY_HELLO, Hello.of(text));
    }

    private Set<Integer> receiveIds(int count) throws IOException {
        Set<Integer> ids = new HashSet<>();
        for (int i = 0; i < count; i++) {
            Frame frame = peer.receive();
            assertThat(frame.contains("Hello ")).as("success of %s", frame).isTrue();
            ids.add(frame.streamId());
        }
        return ids;
    }

    private static List<Frame> requests(int from, int count) {
        List<Frame> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) requests.add(request(from + 2 * i, "x"));
        return requests;
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) throw new AssertionError("nobody came");
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Test
    void hundredCallsOfHundredMillisecondsOnOneConnectionTakeThreeHundred() throws IOException {
        start(request -> {
            try {
                Thread.sleep(request.number());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Hello.greet(request);
        });
        int id = 1;
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 5 && best > 300; round++) { // the first one loads classes
            List<Frame> requests = new ArrayList<>();
            for (int i = 0; i < 100; i++, id += 2)
                requests.add(Frame.request(id, Hello.SAY_HELLO, new Hello("x", 100)));
            long begin = System.nanoTime();
            peer.send(Frame.join(requests));
            assertThat(receiveIds(100)).hasSize(100);
            best = Math.min(best, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        }
        assertThat(best)
                .as("milliseconds, two waves of %d and %d", LIMIT, 100 - LIMIT)
                .isBetween(200L, 300L);
    }

    @Test
    void secondOfTwoRequestsInOneWriteRunsWhileTheFirstOneWaitsForIt() throws IOException {
        CountDownLatch second = new CountDownLatch(1);
        start(request -> {
            if (request.text().equals("first")) await(second);
            else second.countDown();
            return Hello.greet(request);
        });
        peer.send(Frame.join(List.of(request(1, "first"), request(3, "second"))));
        assertThat(receiveIds(2)).containsExactlyInAnyOrder(1, 3);
    }

    @Test
    void answersComeInTheOrderInWhichTheyAreReady() throws IOException {
        CountDownLatch[] latches = {new CountDownLatch(1), new CountDownLatch(1), new CountDownLatch(1)};
        start(request -> {
            await(latches[(int) request.number()]);
            return Hello.greet(request);
        });
        for (int i = 0; i < 3; i++) peer.send(Frame.request(2 * i + 1, Hello.SAY_HELLO, new Hello("x", i)));
        for (int i = 2; i >= 0; i--) {
            latches[i].countDown();
            assertThat(peer.receive().streamId()).isEqualTo(2 * i + 1);
        }
    }

    @Test
    void connectionIsNotReadWhileTooManyCallsAreInFlightAndIsAgainAfterwards() throws IOException {
        Semaphore go = new Semaphore(0);
        CountDownLatch full = new CountDownLatch(LIMIT);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        start(request -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            full.countDown();
            go.acquireUninterruptibly();
            running.decrementAndGet();
            return Hello.greet(request);
        });
        for (int round = 0; round < 20; round++) {
            peer.send(Frame.join(requests(1 + 600 * round, 300)));
            await(full);
            if (round == 0) {
                // another connection is served meanwhile: the limit is one connection's
                try (ScriptedPeer other = ScriptedPeer.connect(path)) {
                    other.send(Frame.request(1, Hello.NOTHING, Hello.DEFAULT));
                    other.expect(Frame.parse(Vectors.EMPTY_REPLY));
                }
                assertThat(peer.hasNothing()).isTrue();
            }
            go.release(300);
            assertThat(receiveIds(300)).hasSize(300);
        }
        assertThat(most.get()).isEqualTo(LIMIT);
    }

    @Test
    void halfClosedConnectionGetsItsAnswersAndThenTheEnd() throws IOException {
        CountDownLatch go = new CountDownLatch(1);
        start(request -> {
            await(go);
            assertThat(CallContext.current().isCancelled()).isFalse();
            return Hello.greet(request);
        });
        peer.send(Frame.join(requests(1, 100))); // more than run at once
        peer.halfClose();
        go.countDown();
        assertThat(receiveIds(100)).hasSize(100);
        peer.expectEnd();
    }

    @Test
    void halfClosedExclusiveConnectionGetsItsAnswerAndThenTheEnd() throws IOException {
        CountDownLatch go = new CountDownLatch(1);
        start(request -> {
            await(go);
            assertThat(CallContext.current().isCancelled()).isFalse();
            return Hello.greet(request);
        });
        peer.send(request(1, "x").withPromise());
        peer.halfClose();
        go.countDown();
        assertThat(receiveIds(1)).containsExactly(1);
        peer.expectEnd();
    }

    @Test
    void halfCloseAfterTheAnswersEndsTheConnection() throws IOException {
        start(Hello::greet);
        for (boolean promise : new boolean[] {false, true}) {
            try (ScriptedPeer one = ScriptedPeer.connect(path)) {
                one.send(promise ? request(1, "x").withPromise() : request(1, "x"));
                one.expect(Frame.reply(1, Hello.of("Hello x")));
                one.halfClose();
                one.expectEnd();
            }
        }
    }

    @Test
    void hangUpCancelsAllCallsOfAConnection() throws IOException {
        hangUpCancels(10, request(1, "x"));
    }

    @Test
    void hangUpCancelsTheCallOfAnExclusiveConnection() throws IOException {
        hangUpCancels(1, request(1, "x").withPromise());
    }

    @Test
    void hangUpOfAConnectionAtItsLimitCancelsItsCalls() throws IOException {
        hangUpCancels(LIMIT, request(1, "x"));
    }

    private void hangUpCancels(int calls, Frame first) throws IOException {
        CountDownLatch running = new CountDownLatch(calls);
        CountDownLatch cancelled = new CountDownLatch(calls);
        start(request -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                if (CallContext.current().isCancelled()) cancelled.countDown();
            }
            return Hello.DEFAULT;
        });
        peer.send(first);
        if (calls > 1) peer.send(Frame.join(requests(3, 2 * LIMIT)));
        await(running);
        peer.close();
        await(cancelled);
    }

    @Test
    void interruptOfACancelledCallNeverReachesTheNextOne() throws Exception {
        AtomicInteger leaked = new AtomicInteger();
        AtomicInteger cancelled = new AtomicInteger();
        start(request -> {
            // the timed ones may be over before they begin: that interrupt is their own
            if (Thread.interrupted() && request.text().equals("y")) leaked.incrementAndGet();
            long end = System.nanoTime() + request.number();
            CallContext call = CallContext.current();
            while (System.nanoTime() < end) Thread.onSpinWait();
            if (call.isCancelled()) cancelled.incrementAndGet();
            return Hello.greet(request);
        });
        // on one exclusive connection all calls are one worker's, and each ends about when its time is up
        boolean[] outcomes = new boolean[2];
        for (int i = 0, id = 1; i < 5_000; i++, id += 2) {
            long nanos = 200_000 + 1_000L * (i % 100);
            Frame frame = Frame.request(id, Hello.SAY_HELLO, new Hello("x", nanos), 250_000);
            peer.send(i == 0 ? frame.withPromise() : frame);
            Frame answer = peer.receive();
            assertThat(answer.streamId()).isEqualTo(id);
            outcomes[answer.contains("Hello x") ? 1 : 0] = true;
            // and one without a time limit, for the interrupt to come to
            peer.send(Frame.request(id += 2, Hello.SAY_HELLO, Hello.of("y")));
            assertThat(peer.receive()).isEqualTo(Frame.reply(id, Hello.of("Hello y")));
        }
        assertThat(outcomes).as("some were cancelled, some were not").containsExactly(true, true);
        assertThat(cancelled.get()).isPositive();
        assertThat(leaked.get())
                .as("interrupts that reached a call at its beginning")
                .isZero();
    }

    @Test
    void handlerThatInterruptsItselfIsAnsweredAndLeavesNothingBehind() throws IOException {
        AtomicInteger leaked = new AtomicInteger();
        start(1, request -> {
            if (Thread.currentThread().isInterrupted()) leaked.incrementAndGet();
            Thread.currentThread().interrupt();
            return Hello.greet(request);
        });
        for (boolean promise : new boolean[] {false, true}) {
            try (ScriptedPeer one = ScriptedPeer.connect(path)) {
                for (int id = 1; id < 20; id += 2) {
                    Frame request = request(id, "x");
                    one.send(promise && id == 1 ? request.withPromise() : request);
                    one.expect(Frame.reply(id, Hello.of("Hello x")));
                }
            }
        }
        assertThat(leaked.get()).isZero();
    }

    @Test
    void expiredCallIsAnsweredAlthoughItsHandlerHangs() throws IOException {
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        start(request -> {
            if (request.text().equals("hang")) {
                while (go.getCount() > 0) {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        interrupted.set(true); // and hangs on
                    }
                }
            }
            return Hello.greet(request);
        });
        long begin = System.nanoTime();
        peer.send(Frame.request(1, Hello.SAY_HELLO, Hello.of("hang"), 20_000_000));
        peer.expect(Vectors.DEADLINE_EXCEEDED);
        assertThat(System.nanoTime() - begin).as("never early").isGreaterThanOrEqualTo(20_000_000);
        peer.send(request(3, "x"));
        peer.expect(Frame.reply(3, Hello.of("Hello x")));
        go.countDown();
        peer.send(request(5, "x")); // and no second answer to the first
        peer.expect(Frame.reply(5, Hello.of("Hello x")));
        peer.halfClose();
        peer.expectEnd();
        assertThat(interrupted).isTrue();
    }

    @Test
    void expiredCallOfAnExclusiveConnectionIsAnsweredWhenItsHandlerReturns() throws IOException {
        CountDownLatch interrupted = new CountDownLatch(1);
        start(request -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return Hello.greet(request);
        });
        peer.send(Frame.request(1, Hello.SAY_HELLO, Hello.of("x"), 200_000_000).withPromise());
        await(interrupted);
        peer.expect(Vectors.DEADLINE_EXCEEDED);
    }

    @Test
    void laterDeadlinesAreKeptAlthoughEarlierOnesWereRegistered() throws IOException {
        start(request -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                // as it should be
            }
            return Hello.greet(request);
        });
        long begin = System.nanoTime();
        for (int i = 0; i < 10; i++)
            peer.send(Frame.request(2 * i + 1, Hello.SAY_HELLO, Hello.of("x"), (10L - i) * 10_000_000));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Frame answer = peer.receive();
            order.add(answer.streamId());
            assertThat(System.nanoTime() - begin)
                    .as("call %d", answer.streamId())
                    .isGreaterThanOrEqualTo((10L - (answer.streamId() - 1) / 2) * 10_000_000);
        }
        assertThat(new HashSet<>(order)).hasSize(10);
    }

    /** One whose message cannot be had. */
    private static final class Sulking extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    @Test
    void whateverAHandlerDoesIsOneCallsFailure() throws IOException {
        start(request -> switch (request.text()) {
            case "runtime" -> throw new IllegalStateException("the reason");
            case "silent" -> throw new IllegalStateException();
            case "error" -> throw new AssertionError("an error");
            case "overflow" -> overflow(request);
            case "null" -> null;
            case "sulking" -> throw new Sulking();
            case "memory" -> throw new OutOfMemoryError("Java heap space");
            case "huge" -> Hello.ofSize(5 << 20);
            case "big" -> Hello.ofSize((4 << 20) - 5 + 1);
            default -> Hello.greet(request);
        });
        for (boolean promise : new boolean[] {false, true}) {
            try (ScriptedPeer one = ScriptedPeer.connect(path)) {
                one.send(promise ? request(1, "x").withPromise() : request(1, "x"));
                one.expect(Frame.reply(1, Hello.of("Hello x")));
                one.send(request(3, "runtime"));
                one.expect(Frame.failure(3, 2, "the reason"));
                one.send(request(5, "silent"));
                one.expect(Frame.failure(5, 2, "java.lang.IllegalStateException"));
                one.send(request(7, "error"));
                one.expect(Frame.failure(7, 2, "an error"));
                one.send(request(9, "overflow"));
                one.expect(Frame.failure(9, 2, "java.lang.StackOverflowError"));
                one.send(request(11, "null"));
                one.expect(Frame.failure(11, 2, "handler of demo.greeter.v1.Greeter/SayHello returned null"));
                one.send(request(13, "big"));
                one.expect(Frame.failure(13, 8, "message length 4194305 exceed maximum message size of 4194304"));
                one.send(request(15, "sulking"));
                one.expect(Frame.failure(15, 2, Sulking.class.getName()));
                one.send(request(17, "memory"));
                one.expect(Frame.failure(17, 2, "Java heap space"));
                one.send(request(19, "huge"));
                one.expect(Frame.failure(19, 8, "message length 5242885 exceed maximum message size of 4194304"));
                one.send(request(21, "x"));
                one.expect(Frame.reply(21, Hello.of("Hello x")));
            }
        }
    }

    @SuppressWarnings("InfiniteRecursion") // that is what it is for
    private static Hello overflow(Hello request) {
        return new Hello(overflow(request).text() + "x", 1);
    }

    @Test
    void peerThatNeverReadsItsAnswersDoesNotStopOthers() throws Exception {
        Hello large = Hello.ofSize(1 << 20);
        start(16, request -> request.text().equals("large") ? large : Hello.greet(request));
        peer.sendUntilFull(Frame.join(List.of(request(1, "large"), request(3, "large"), request(5, "large"))));
        try (ScriptedPeer exclusive = ScriptedPeer.connect(path);
                Client client = Client.connect("unix:" + path)) {
            exclusive.send(request(1, "large").withPromise());
            for (int i = 0; i < 100; i++)
                assertThat(client.call(Hello.SAY_HELLO, Hello.of("x"))).isEqualTo(Hello.of("Hello x"));
            // and is answered in the end, whole
            assertThat(peer.receive().body()).hasSize(large.getSerializedSize() + 4);
            assertThat(peer.receive().body()).hasSize(large.getSerializedSize() + 4);
            assertThat(peer.receive().body()).hasSize(large.getSerializedSize() + 4);
            peer.send(request(7, "x"));
            peer.expect(Frame.reply(7, Hello.of("Hello x")));
        }
    }

    @Test
    void peerThatNeverReadsItsAnswersCostsOneWorker() throws Exception {
        Hello large = Hello.ofSize(1 << 20);
        int workers = 4;
        for (boolean reads : new boolean[] {true, false}) {
            CountDownLatch all = new CountDownLatch(workers);
            CountDownLatch three = new CountDownLatch(workers - 1);
            start(workers, request -> {
                if (!request.text().equals("large")) {
                    three.countDown();
                    await(three); // each has a worker
                    return Hello.greet(request);
                }
                all.countDown();
                await(all); // so that all answer at once
                return large;
            });
            peer.send(Frame.join(
                    List.of(request(1, "large"), request(3, "large"), request(5, "large"), request(7, "large"))));
            await(all);
            List<ScriptedPeer> others = new ArrayList<>();
            for (int i = 0; i < workers - 1; i++) others.add(ScriptedPeer.connect(path));
            List<Background<Frame>> served = new ArrayList<>();
            for (ScriptedPeer other : others)
                served.add(Background.run(() -> other.send(request(1, "x")).receive()));
            for (Background<Frame> one : served)
                assertThat(one.result()).isEqualTo(Frame.reply(1, Hello.of("Hello x")));
            others.forEach(ScriptedPeer::close);
            Set<Integer> ids = new HashSet<>();
            for (int i = 0; reads && i < workers; i++) {
                Frame answer = peer.receive();
                assertThat(answer.body()).hasSize(large.getSerializedSize() + 4);
                ids.add(answer.streamId());
            }
            if (reads) {
                assertThat(ids).containsExactlyInAnyOrder(1, 3, 5, 7);
                peer.halfClose();
                peer.expectEnd(); // all answers were counted out
            }
            peer.close();
            Eventually.get(() -> server.stats().connections(), open -> open == 0);
            assertThat(server.shutdown(Duration.ofSeconds(60))).isTrue();
        }
    }

    @Test
    void peerThatHangsUpInsteadOfReadingItsAnswersIsForgotten() throws Exception {
        Hello large = Hello.ofSize(1 << 20);
        CountDownLatch answering = new CountDownLatch(1); // the others are not read while this one's answer waits
        start(request -> {
            answering.countDown();
            return large;
        });
        peer.send(Frame.join(requests(1, 3)));
        await(answering);
        peer.close();
        try (ScriptedPeer other = ScriptedPeer.connect(path)) {
            other.send(Frame.request(1, Hello.NOTHING, Hello.DEFAULT));
            other.expect(Vectors.EMPTY_REPLY);
        }
    }

    @Test
    void exclusiveClientsOutnumberWorkers() throws Exception {
        start(2, Hello::greet);
        try (Client client = Client.connect("unix:" + path)) {
            List<Background<Integer>> callers = new ArrayList<>();
            CountDownLatch begin = new CountDownLatch(1);
            for (int i = 0; i < 16; i++)
                callers.add(Background.run(() -> {
                    await(begin);
                    int calls = 0;
                    for (int n = 0; n < 300; n++, calls++)
                        assertThat(client.call(Hello.SAY_HELLO, new Hello("x", n)))
                                .isEqualTo(Hello.of("Hello x"));
                    return calls;
                }));
            begin.countDown();
            for (Background<Integer> caller : callers)
                assertThat(caller.result()).isEqualTo(300);
        }
    }

    @Test
    void oneWorkerServesAll() throws Exception {
        start(1, Hello::greet);
        try (Client client = Client.connect("unix:" + path)) {
            List<Background<Hello>> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++)
                callers.add(Background.run(() -> {
                    Hello last = null;
                    for (int n = 0; n < 200; n++) last = client.call(Hello.SAY_HELLO, Hello.of("x"));
                    return last;
                }));
            peer.send(Frame.join(requests(1, 200)));
            assertThat(receiveIds(200)).hasSize(200);
            for (Background<Hello> caller : callers) assertThat(caller.result()).isEqualTo(Hello.of("Hello x"));
        }
    }

    @Test
    void handlersOfManyConnectionsRunAtOnce() throws Exception {
        int connections = 40;
        CountDownLatch all = new CountDownLatch(connections);
        start(request -> {
            all.countDown();
            await(all);
            return Hello.greet(request);
        });
        try (Client client = Client.connect("unix:" + path)) {
            List<Background<Hello>> callers = new ArrayList<>();
            for (int i = 0; i < connections; i++)
                callers.add(Background.run(() -> client.call(Hello.SAY_HELLO, Hello.of("x"))));
            for (Background<Hello> caller : callers) assertThat(caller.result()).isEqualTo(Hello.of("Hello x"));
        }
    }

    @Test
    void requestsOfAnExclusiveClientThatBreaksItsPromiseAreServedOneAfterTheOther() throws IOException {
        AtomicInteger running = new AtomicInteger();
        AtomicReference<String> overlap = new AtomicReference<>();
        start(request -> {
            if (running.incrementAndGet() > 1) overlap.set("two at once");
            Thread.onSpinWait();
            running.decrementAndGet();
            return Hello.greet(request);
        });
        List<Frame> requests = new ArrayList<>(requests(3, 50));
        requests.add(0, request(1, "x").withPromise());
        peer.send(Frame.join(requests));
        for (int id = 1; id < 103; id += 2) peer.expect(Frame.reply(id, Hello.of("Hello x")));
        assertThat(overlap.get()).isNull();
    }

    @Test
    void promiseInARefusedFirstRequestCounts() throws IOException {
        Set<String> threads = java.util.concurrent.ConcurrentHashMap.newKeySet();
        start(request -> {
            threads.add(Thread.currentThread().getName());
            return Hello.greet(request);
        });
        peer.send(Frame.request(1, "No.Such", "M", new byte[0], 0).withPromise());
        peer.expect(Frame.failure(1, 12, "service No.Such"));
        List<Frame> requests = requests(3, 50);
        peer.send(Frame.join(requests));
        for (int id = 3; id < 103; id += 2) peer.expect(Frame.reply(id, Hello.of("Hello x"))); // in order
        assertThat(threads).hasSize(1);
    }

    // --- the end of the server ---------------------------------------------------------------------------------------

    @Test
    void closeAnswersWhatWasSent() throws Exception {
        CountDownLatch running = new CountDownLatch(LIMIT);
        CountDownLatch go = new CountDownLatch(1);
        start(request -> {
            running.countDown();
            await(go);
            return Hello.greet(request);
        });
        peer.send(Frame.join(requests(1, 100)));
        await(running);
        Background<Boolean> closing = Background.run(() -> {
            server.shutdown(Duration.ofSeconds(60));
            return true;
        });
        while (!server.isDraining()) Thread.onSpinWait();
        go.countDown();
        assertThat(receiveIds(100)).hasSize(100);
        peer.expectEnd();
        assertThat(closing.result()).isTrue();
    }

    @Test
    void afterTheGraceCallsAreCancelledAndToldSo() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        AtomicInteger interrupted = new AtomicInteger();
        start(request -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
            }
            return Hello.DEFAULT;
        });
        peer.send(request(1, "x"));
        await(running);
        server.shutdown(Duration.ZERO);
        peer.expect(Frame.failure(1, 14, "the server was shut down"));
        peer.expectEnd();
        assertThat(interrupted.get()).isOne();
    }

    @Test
    void afterTheGraceCallsThatWaitedForTheirTurnAreCancelledToo() throws Exception {
        CountDownLatch running = new CountDownLatch(LIMIT);
        Set<Thread> stuck = java.util.concurrent.ConcurrentHashMap.newKeySet();
        start(request -> {
            stuck.add(Thread.currentThread());
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                stuck.remove(Thread.currentThread());
            }
            return Hello.DEFAULT;
        });
        peer.send(Frame.join(requests(1, 200)));
        await(running);
        server.shutdown(Duration.ZERO);
        assertThat(stuck).as("handlers that nobody interrupted").isEmpty();
        Set<Integer> told = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            Frame answer = peer.receive();
            assertThat(answer).isEqualTo(Frame.failure(answer.streamId(), 14, "the server was shut down"));
            told.add(answer.streamId());
        }
        assertThat(told).hasSize(200);
    }

    @Test
    void aPeerThatLeavesItsAnswersIsToldOfTheEndOfTheGraceToo() throws Exception {
        String large = "x".repeat(2000); // a quarter of the kernel's buffer: 27 of these at most
        start(request -> Hello.of(large));
        peer.send(Frame.join(requests(1, 150)));
        Eventually.get(() -> server.stats().answered(), answered -> answered >= 10);
        server.shutdown(Duration.ofMillis(300)); // time to come to the stop
        Set<Integer> told = new HashSet<>();
        boolean anyGreeted = false;
        boolean anyRefused = false;
        for (int i = 0; i < 150; i++) {
            Frame answer = peer.receive();
            boolean refused = answer.equals(Frame.failure(answer.streamId(), 14, "the server was shut down"));
            anyRefused |= refused;
            anyGreeted |= !refused && answer.contains(large);
            told.add(answer.streamId());
        }
        assertThat(told).hasSize(150);
        assertThat(anyGreeted && anyRefused).isTrue();
        peer.expectEnd();
    }

    /** Its size is asked for as it is sent: then it waits. */
    private static MessageLite slowToSend(Hello hello, CountDownLatch asked, CountDownLatch go) {
        return (MessageLite) Proxy.newProxyInstance(
                ServerConcurrencyTest.class.getClassLoader(),
                new Class<?>[] {MessageLite.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("getSerializedSize")) {
                        asked.countDown();
                        await(go);
                    }
                    return method.invoke(hello, arguments);
                });
    }

    @Test
    void whileItDrainsTheAnswerOfAStreamComesBeforeTheEnd() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch enough = new CountDownLatch(1);
        CountDownLatch answering = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        MethodDescriptor<Hello, MessageLite> collect = collect();
        path = directory.resolve("s");
        server = Server.builder()
                .listen(SockaddrUn.path(path))
                .service(ServiceDefinition.builder(Hello.SERVICE)
                        .clientStreaming(collect, requests -> {
                            requests.iterator().next();
                            begun.countDown();
                            await(enough);
                            return slowToSend(new Hello("", 7), answering, sent);
                        })
                        .build())
                .start();
        peer = ScriptedPeer.connect(path);
        peer.send(new Frame(
                1,
                Wire.REQUEST,
                Wire.REMOTE_OPEN | Wire.NO_DATA,
                Frame.request(1, Hello.SERVICE, "Collect", new byte[0], 0).body()));
        Frame message = new Frame(1, Wire.DATA, 0, new Hello("", 1).toByteArray());
        peer.send(message);
        await(begun);
        Background<Boolean> ending = Background.run(() -> server.shutdown(Duration.ofSeconds(30)));
        while (!server.isDraining()) Thread.onSpinWait();
        enough.countDown();
        await(answering);
        try {
            peer.send(message); // no answer was sent yet
        } finally {
            sent.countDown();
        }
        peer.expect(Frame.reply(1, new Hello("", 7)));
        assertThat(ending.result()).isTrue();
        peer.expectEnd();
    }

    @SuppressWarnings("unchecked") // its replies are read by nobody here
    private static MethodDescriptor<Hello, MessageLite> collect() {
        return MethodDescriptor.clientStreaming(
                Hello.SERVICE, "Collect", Hello.PARSER, (Parser<MessageLite>) (Parser<?>) Hello.PARSER);
    }

    @Test
    void closedTwiceAndAwaited() throws Exception {
        start(Hello::greet);
        Background<Boolean> waiting = Background.run(() -> {
            server.awaitTermination();
            return true;
        });
        server.close();
        server.close();
        assertThat(waiting.result()).isTrue();
        peer.expectEnd();
    }

    @Test
    void interruptEndsTheGrace() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        start(request -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                // cancelled
            }
            return Hello.DEFAULT;
        });
        peer.send(request(1, "x"));
        await(running);
        Background<Boolean> closing = Background.run(() -> {
            server.shutdown(Duration.ofDays(1));
            return Thread.interrupted();
        });
        while (!server.isDraining()) Thread.onSpinWait();
        closing.thread().interrupt();
        assertThat(closing.result()).as("the flag stays").isTrue();
        peer.expect(Frame.failure(1, 14, "the server was shut down"));
    }

    @Test
    void callsKeepTheirOrderPerCaller() throws Exception {
        ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
        start(request -> {
            seen.add(request.number());
            return Hello.greet(request);
        });
        try (Client client = Client.connect("unix:" + path)) {
            for (long i = 0; i < 1000; i++) client.call(Hello.SAY_HELLO, new Hello("x", i));
        }
        long expected = 0;
        for (long one : seen) assertThat(one).isEqualTo(expected++);
    }
}

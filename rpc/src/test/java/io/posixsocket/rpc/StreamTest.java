package io.posixsocket.rpc;

import static io.posixsocket.rpc.Streamer.COUNT;
import static io.posixsocket.rpc.Streamer.DOUBLE;
import static io.posixsocket.rpc.Streamer.ECHO;
import static io.posixsocket.rpc.Streamer.ECHO_BYTES;
import static io.posixsocket.rpc.Streamer.SUM_UP;
import static io.posixsocket.rpc.Streamer.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Int64Value;
import com.google.protobuf.Timestamp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whole streaming calls, client and server both ours: each call has its connection to itself. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class StreamTest {
    private final Streamer streamer = new Streamer();
    private final BlockingQueue<Throwable> handlerEnded = new ArrayBlockingQueue<>(16);
    private Server server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        server = Server.builder().service(streamer.service()).start();
        client = server.connect();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static Iterable<Int64Value> items(long count) {
        return () -> LongStream.rangeClosed(1, count).mapToObj(Streamer::item).iterator();
    }

    private static List<Long> received(Consumer<Consumer<Int64Value>> call) {
        List<Long> received = new ArrayList<>();
        call.accept(item -> received.add(item.getValue()));
        return received;
    }

    /** The connection is as good as before, and the only one. */
    private void expectAlive() {
        assertThat(client.call(DOUBLE, item(21))).isEqualTo(item(42));
    }

    /** Remembers how a handler ends; null, as an exception of no meaning, for well. */
    private <T> Consumer<T> watched(Consumer<T> handler) {
        return argument -> {
            try {
                handler.accept(argument);
                handlerEnded.add(new Throwable("returned"));
            } catch (RuntimeException | Error e) {
                handlerEnded.add(e);
                throw e;
            }
        };
    }

    private StatusException handlerFailure() throws InterruptedException {
        Throwable ended = handlerEnded.poll(20, TimeUnit.SECONDS);
        assertThat(ended).isInstanceOf(StatusException.class);
        return (StatusException) ended;
    }

    // --- shapes ------------------------------------------------------------------------------------------------------

    @Test
    void serverStreamArrivesInOrder() {
        assertThat(received(out -> client.callServerStreaming(COUNT, item(1000), out)))
                .isEqualTo(LongStream.rangeClosed(1, 1000).boxed().toList());
        assertThat(received(out -> client.callServerStreaming(COUNT, item(0), out)))
                .isEmpty();
        expectAlive();
    }

    @Test
    void clientStreamIsAnsweredOnce() {
        assertThat(client.callClientStreaming(SUM_UP, items(1000)))
                .isEqualTo(Timestamp.newBuilder()
                        .setSeconds(500_500)
                        .setNanos(1000)
                        .build());
        assertThat(client.callClientStreaming(SUM_UP, List.of())).isEqualTo(Timestamp.getDefaultInstance());
        expectAlive();
    }

    @Test
    void bothWaysEchoInOrder() {
        assertThat(received(out -> client.callBidiStreaming(ECHO, items(1000), out)))
                .isEqualTo(LongStream.rangeClosed(1, 1000).boxed().toList());
        assertThat(received(out -> client.callBidiStreaming(ECHO, List.of(), out)))
                .isEmpty();
        expectAlive();
    }

    @Test
    void messagesOfAllSizesArriveAsTheyWere() {
        List<BytesValue> sent = IntStream.of(
                        0, 1, 16_370, 16_374, 16_380, 16_384, 65_536, 70_000, 1_000_000, (4 << 20) - 10, 3)
                .mapToObj(size -> BytesValue.of(ByteString.copyFrom(new byte[size])))
                .toList();
        List<BytesValue> back = new ArrayList<>();
        client.callBidiStreaming(ECHO_BYTES, sent, back::add);
        assertThat(back.equals(sent)).isTrue();
        expectAlive();
    }

    @Test
    void requestsMayWaitForResponses() {
        BlockingQueue<Int64Value> next = new ArrayBlockingQueue<>(1);
        next.add(item(1));
        Iterable<Int64Value> requests = () -> new Iterator<>() {
            private Int64Value taken;

            @Override
            public boolean hasNext() {
                try {
                    taken = next.take();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return taken.getValue() <= 1000;
            }

            @Override
            public Int64Value next() {
                return taken;
            }
        };
        List<Long> seen = received(out -> client.callBidiStreaming(ECHO, requests, item -> {
            out.accept(item);
            next.add(item(item.getValue() + 1));
        }));
        assertThat(seen).hasSize(1000);
        expectAlive();
    }

    @Test
    void conversationGoesBackAndForth() {
        try (Call<Int64Value, Int64Value> call = client.start(ECHO)) {
            for (long n = 1; n <= 1000; n++) {
                call.send(item(n));
                assertThat(call.receive()).isEqualTo(item(n));
            }
            call.closeSend();
            call.closeSend();
            assertThat(call.receive()).isNull();
            assertThat(call.receive()).isNull();
            assertThatThrownBy(() -> call.send(item(1))).isInstanceOf(IllegalStateException.class);
        }
        expectAlive();
    }

    @Test
    void conversationsOfEveryShape() {
        try (Call<Int64Value, Int64Value> call = client.start(DOUBLE)) {
            assertThatThrownBy(call::receive)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no request");
            call.send(item(4));
            assertThatThrownBy(() -> call.send(item(4)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("second");
            call.closeSend();
            assertThat(call.receive()).isEqualTo(item(8));
            assertThat(call.receive()).isNull();
        }
        try (Call<Int64Value, Int64Value> call = client.start(COUNT)) {
            call.send(item(2));
            assertThat(call.receive()).isEqualTo(item(1));
            assertThat(call.receive()).isEqualTo(item(2));
            assertThat(call.receive()).isNull();
        }
        try (Call<Int64Value, Timestamp> call = client.start(SUM_UP)) {
            call.send(item(2));
            call.closeSend();
            assertThat(call.receive().getSeconds()).isEqualTo(2);
            assertThat(call.receive()).isNull();
        }
        expectAlive();
    }

    @Test
    void callOfAnotherShapeIsRefused() {
        assertThatThrownBy(() -> client.call(COUNT, item(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("method demo.stream.v1.Streamer/Count is SERVER_STREAMING, called as UNARY");
        assertThatThrownBy(() -> ServiceDefinition.builder(Streamer.SERVICE).unary(COUNT, item -> item))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void interceptorsSeeStreamsOnBothSides() throws IOException {
        List<String> seen = new ArrayList<>();
        Interceptor interceptor = (call, proceed) -> {
            seen.add("before " + call.method().method());
            proceed.run();
            seen.add("after");
        };
        try (Server other = Server.builder()
                        .service(streamer.service())
                        .intercept(interceptor)
                        .start();
                Client caller = other.connect()) {
            caller.withInterceptor((call, proceed) -> {
                        call.addMetadata("k", "v");
                        proceed.run();
                    })
                    .callServerStreaming(COUNT, item(3), item -> {});
            caller.callClientStreaming(SUM_UP, items(2));
            caller.callBidiStreaming(ECHO, items(2), item -> {});
        }
        assertThat(seen).containsExactly("before Count", "after", "before SumUp", "after", "before Echo", "after");
    }

    // --- pressure ----------------------------------------------------------------------------------------------------

    @Test
    void slowConsumerHoldsTheServerBack() throws Exception {
        AtomicLong sent = new AtomicLong();
        BytesValue big = BytesValue.of(ByteString.copyFrom(new byte[64 * 1024]));
        MethodDescriptor<Int64Value, BytesValue> flood =
                MethodDescriptor.serverStreaming("t.Flood", "Flood", Int64Value.parser(), BytesValue.parser());
        try (Server other = Server.builder()
                        .service(ServiceDefinition.builder("t.Flood")
                                .serverStreaming(flood, (count, out) -> {
                                    for (long n = 0; n < count.getValue(); n++) {
                                        out.accept(big);
                                        sent.incrementAndGet();
                                    }
                                })
                                .build())
                        .start();
                Client caller = other.connect()) {
            AtomicLong received = new AtomicLong();
            AtomicLong ahead = new AtomicLong();
            caller.callServerStreaming(flood, item(500), message -> {
                received.incrementAndGet();
                ahead.accumulateAndGet(sent.get() - received.get(), Math::max);
            });
            assertThat(received).hasValue(500);
            assertThat(ahead.get())
                    .as("messages of 64 KiB that the server was ahead")
                    .isLessThan(64);
        }
    }

    @Test
    void whoOnlySendsIsToldToReceive() {
        BytesValue big = BytesValue.of(ByteString.copyFrom(new byte[64 * 1024]));
        try (Call<BytesValue, BytesValue> call = client.start(ECHO_BYTES)) {
            StatusException failure = catchThrowableOfType(StatusException.class, () -> {
                for (int i = 0; i < 10_000; i++) call.send(big);
            });
            assertThat(failure.status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
            assertThat(failure.description())
                    .contains("64 replies or 1048576 bytes")
                    .contains("receive() between send()s");
            assertThat(call.receive()).isEqualTo(big);
        }
    }

    @Test
    void bothSidesMayFlood() {
        BytesValue big = BytesValue.of(ByteString.copyFrom(new byte[100_000]));
        AtomicLong received = new AtomicLong();
        client.callBidiStreaming(
                ECHO_BYTES,
                () -> IntStream.range(0, 2000).mapToObj(i -> big).iterator(),
                reply -> received.incrementAndGet());
        assertThat(received).hasValue(2000);
        expectAlive();
    }

    @Test
    void oneThreadSendsWhileAnotherReceives() throws Exception {
        BytesValue big = BytesValue.of(ByteString.copyFrom(new byte[100_000]));
        try (Call<BytesValue, BytesValue> call = client.start(ECHO_BYTES)) {
            Background<Long> receiver = Background.run(() -> {
                long count = 0;
                while (call.receive() != null) count++;
                return count;
            });
            for (int i = 0; i < 500; i++) call.send(big);
            call.closeSend();
            assertThat(receiver.result()).isEqualTo(500);
        }
    }

    /** In memory that does not grow: the heap of the tests would not hold a tenth of them. */
    @Test
    void manySmallMessages() {
        long count = Long.getLong("posixsocket.stream.messages", 1_000_000);
        AtomicLong sum = new AtomicLong();
        client.callServerStreaming(COUNT, item(count), item -> sum.addAndGet(item.getValue()));
        assertThat(sum).hasValue(count * (count + 1) / 2);
        assertThat(client.callClientStreaming(SUM_UP, items(count)).getSeconds())
                .isEqualTo(count * (count + 1) / 2);
    }

    /** A message that was gathered with nothing behind it goes out all the same. */
    @Test
    void gatheredMessagesDoNotWaitForTheNext() throws Exception {
        CountDownLatch three = new CountDownLatch(3);
        CountDownLatch done = new CountDownLatch(1);
        streamer.count = (upTo, out) -> {
            for (long n = 1; n <= 3; n++) out.accept(item(n));
            await(done);
        };
        Background<Void> call = Background.run(() -> {
            client.callServerStreaming(COUNT, item(3), item -> three.countDown());
            return null;
        });
        assertThat(three.await(20, TimeUnit.SECONDS)).isTrue();
        done.countDown();
        call.result();

        CountDownLatch threeRequests = new CountDownLatch(3);
        streamer.sumUp = items -> {
            for (Int64Value ignored : items) threeRequests.countDown();
            return Timestamp.getDefaultInstance();
        };
        CountDownLatch moreRequests = new CountDownLatch(1);
        Background<Timestamp> sum = Background.run(() -> client.callClientStreaming(SUM_UP, () -> new Iterator<>() {
            private int given;

            @Override
            public boolean hasNext() {
                if (given == 3) await(moreRequests);
                return given < 3;
            }

            @Override
            public Int64Value next() {
                return item(++given);
            }
        }));
        assertThat(threeRequests.await(20, TimeUnit.SECONDS)).isTrue();
        moreRequests.countDown();
        sum.result();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) throw new AssertionError("nobody came");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // --- ends --------------------------------------------------------------------------------------------------------

    @Test
    void consumersExceptionEndsTheCallOnBothSides() throws Exception {
        streamer.count = (upTo, out) -> watched((Consumer<Int64Value>) o -> {
                    for (long n = 1; ; n++) out.accept(item(n));
                })
                .accept(upTo);
        IllegalStateException mine = new IllegalStateException("mine");
        assertThatThrownBy(() -> client.callServerStreaming(COUNT, item(1), item -> {
                    throw mine;
                }))
                .isSameAs(mine);
        assertThat(handlerFailure().status()).isEqualTo(Status.CANCELLED);
        expectAlive();
    }

    @Test
    void requestsExceptionEndsTheCallOnBothSides() throws Exception {
        IllegalStateException mine = new IllegalStateException("mine");
        BlockingQueue<String> inside = new ArrayBlockingQueue<>(1);
        Iterable<Int64Value> failing = () -> IntStream.range(0, 10)
                .mapToObj(i -> {
                    if (i < 5) return item(i);
                    assertThat(take(inside)).isNotNull(); // a call whose caller is gone is not begun
                    throw mine;
                })
                .iterator();
        streamer.sumUp = items -> {
            inside.add("sum");
            watched((Iterable<Int64Value> all) -> all.forEach(item -> {})).accept(items);
            return Timestamp.getDefaultInstance();
        };
        assertThatThrownBy(() -> client.callClientStreaming(SUM_UP, failing)).isSameAs(mine);
        assertThat(handlerFailure().status()).isEqualTo(Status.CANCELLED);

        streamer.echo = (items, out) -> {
            inside.add("echo");
            watched((Iterable<Int64Value> all) -> all.forEach(out)).accept(items);
        };
        assertThatThrownBy(() -> client.callBidiStreaming(ECHO, failing, item -> {}))
                .isSameAs(mine);
        assertThat(handlerFailure().status()).isEqualTo(Status.CANCELLED);
        expectAlive();
    }

    private static <T> T take(BlockingQueue<T> queue) {
        try {
            return queue.poll(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void handlersFailureComesAfterWhatItSent() {
        streamer.count = (upTo, out) -> {
            out.accept(item(1));
            out.accept(item(2));
            throw new StatusException(Status.NOT_FOUND, "no three");
        };
        List<Long> seen = new ArrayList<>();
        StatusException failure = catchThrowableOfType(
                StatusException.class,
                () -> client.callServerStreaming(COUNT, item(3), item -> seen.add(item.getValue())));
        assertThat(failure.status()).isEqualTo(Status.NOT_FOUND);
        assertThat(failure.description()).isEqualTo("no three");
        assertThat(seen).containsExactly(1L, 2L);

        streamer.echo = (items, out) -> {
            out.accept(items.iterator().next());
            throw new IllegalArgumentException("enough");
        };
        seen.clear();
        failure = catchThrowableOfType(
                StatusException.class,
                () -> client.callBidiStreaming(ECHO, items(1), item -> seen.add(item.getValue())));
        assertThat(failure.status()).isEqualTo(Status.UNKNOWN);
        assertThat(seen).containsExactly(1L);
        expectAlive();
    }

    @Test
    void serverMayAnswerBeforeTheLastRequest() {
        streamer.sumUp = items -> {
            Iterator<Int64Value> all = items.iterator();
            all.next();
            return Timestamp.newBuilder().setSeconds(all.next().getValue()).build();
        };
        assertThat(client.callClientStreaming(SUM_UP, items(5)).getSeconds()).isEqualTo(2);
        AtomicLong walked = new AtomicLong();
        Iterable<Int64Value> endless = () -> LongStream.iterate(1, n -> n + 1)
                .peek(walked::set)
                .mapToObj(Streamer::item)
                .iterator();
        assertThat(client.callClientStreaming(SUM_UP, endless).getSeconds()).isEqualTo(2);
        expectAlive();
    }

    @Test
    void serverMayEndBothWaysFirst() {
        streamer.echo = (items, out) -> out.accept(items.iterator().next());
        assertThat(received(out -> client.callBidiStreaming(ECHO, () -> endless(), out)))
                .containsExactly(1L);
        CountDownLatch never = new CountDownLatch(1);
        AtomicReference<Thread> walker = new AtomicReference<>();
        Iterable<Int64Value> waiting = () -> new Iterator<>() {
            private boolean given;

            @Override
            public boolean hasNext() {
                walker.set(Thread.currentThread());
                if (given) await(never); // interrupted when the call has ended
                return true;
            }

            @Override
            public Int64Value next() {
                given = true;
                return item(7);
            }
        };
        assertThat(received(out -> client.callBidiStreaming(ECHO, waiting, out)))
                .containsExactly(7L);
        assertThat(walker.get().isAlive()).isFalse();
        expectAlive();
    }

    private static Iterator<Int64Value> endless() {
        return LongStream.iterate(1, n -> n + 1).mapToObj(Streamer::item).iterator();
    }

    @Test
    void deadlineEndsAStreamOnBothSides() throws Exception {
        Channel hasty = client.withTimeout(Duration.ofMillis(50));
        streamer.sumUp = items -> {
            watched((Iterable<Int64Value> all) -> all.forEach(item -> {})).accept(items);
            return Timestamp.getDefaultInstance();
        };
        try (Call<Int64Value, Timestamp> call = hasty.start(SUM_UP)) {
            call.send(item(1));
            StatusException failure = catchThrowableOfType(StatusException.class, call::receive);
            assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
            assertThatThrownBy(call::receive).isSameAs(failure);
            assertThatThrownBy(() -> call.send(item(2))).isSameAs(failure);
        }
        assertThat(handlerFailure().status()).isIn(Status.DEADLINE_EXCEEDED, Status.CANCELLED);

        streamer.count = (upTo, out) -> watched((Consumer<Int64Value>) o -> {
                    for (long n = 1; ; n++) out.accept(item(n));
                })
                .accept(upTo);
        StatusException failure = catchThrowableOfType(
                StatusException.class, () -> hasty.callServerStreaming(COUNT, item(1), item -> {}));
        assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        assertThat(handlerFailure().status()).isIn(Status.DEADLINE_EXCEEDED, Status.CANCELLED);

        failure = catchThrowableOfType(
                StatusException.class, () -> hasty.callClientStreaming(SUM_UP, StreamTest::endless));
        assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        expectAlive();
    }

    @Test
    void interruptEndsAStream() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        streamer.count = (upTo, out) -> watched((Consumer<Int64Value>) o -> {
                    out.accept(item(1));
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        throw new StatusException(Status.ABORTED, "interrupted", e);
                    }
                })
                .accept(upTo);
        Background<Void> call = Background.run(() -> {
            client.callServerStreaming(COUNT, item(1), item -> first.countDown());
            return null;
        });
        first.await();
        call.thread().interrupt();
        StatusException failure = call.failure();
        assertThat(failure.status()).isEqualTo(Status.CANCELLED);
        assertThat(failure.description()).contains("thread background was interrupted");
        assertThat(handlerFailure().status()).isEqualTo(Status.ABORTED);
        expectAlive();
    }

    @Test
    void closeFromAnotherThreadEndsACall() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        streamer.echo = (items, out) -> watched((Iterable<Int64Value> all) -> {
                    inside.countDown();
                    all.forEach(out);
                })
                .accept(items);
        Call<Int64Value, Int64Value> call = client.start(ECHO);
        Background<Int64Value> receiver = Background.run(call::receive);
        inside.await();
        call.close();
        StatusException failure = receiver.failure();
        assertThat(failure.status()).isEqualTo(Status.CANCELLED);
        assertThat(failure.description()).contains("the call was closed");
        assertThat(handlerFailure().status()).isEqualTo(Status.CANCELLED);
        expectAlive();
    }

    @Test
    void responsesAfterTheHandlerAreRefused() {
        AtomicReference<Consumer<Int64Value>> kept = new AtomicReference<>();
        streamer.count = (upTo, out) -> kept.set(out);
        client.callServerStreaming(COUNT, item(1), item -> {});
        assertThatThrownBy(() -> kept.get().accept(item(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has returned");
        expectAlive();
    }

    @Test
    void responsesMayComeFromManyThreads() {
        streamer.count = (upTo, out) -> {
            List<Thread> threads = IntStream.range(0, 4)
                    .mapToObj(i -> new Thread(() -> {
                        for (int n = 0; n < 250; n++) out.accept(item(1));
                    }))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        assertThat(received(out -> client.callServerStreaming(COUNT, item(1), out)))
                .hasSize(1000);
        expectAlive();
    }

    @Test
    void requestsAreWalkedOnceByTheHandler() {
        AtomicReference<Throwable> second = new AtomicReference<>();
        AtomicReference<Throwable> elsewhere = new AtomicReference<>();
        streamer.sumUp = items -> {
            Iterator<Int64Value> all = items.iterator();
            second.set(catchThrowableOfType(IllegalStateException.class, items::iterator));
            Thread other =
                    new Thread(() -> elsewhere.set(catchThrowableOfType(IllegalStateException.class, all::next)));
            other.start();
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            while (all.hasNext()) all.next();
            return Timestamp.getDefaultInstance();
        };
        client.callClientStreaming(SUM_UP, items(3));
        assertThat(second.get()).hasMessageContaining("a second time");
        assertThat(elsewhere.get()).hasMessageContaining("can be walked by its handler's thread alone");
    }

    @Test
    void oversizedMessagesFailTheirCallOnly() {
        BytesValue tooLong = BytesValue.of(ByteString.copyFrom(new byte[5 << 20]));
        StatusException failure = catchThrowableOfType(
                StatusException.class, () -> client.callBidiStreaming(ECHO_BYTES, List.of(tooLong), reply -> {}));
        assertThat(failure.status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
        assertThat(failure.description()).contains("exceed maximum message size of 4194304");
        expectAlive();
    }

    @Test
    void shutdownLetsStreamsInFlightEnd() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        streamer.echo = (items, out) -> {
            inside.countDown();
            items.forEach(out);
        };
        try (Call<Int64Value, Int64Value> call = client.start(ECHO)) {
            inside.await();
            Background<Boolean> shutdown = Background.run(() -> server.shutdown(Duration.ofSeconds(20)));
            while (!server.isDraining()) Thread.onSpinWait();
            for (long n = 1; n <= 100; n++) {
                call.send(item(n));
                assertThat(call.receive()).isEqualTo(item(n));
            }
            call.closeSend();
            assertThat(call.receive()).isNull();
            assertThat(shutdown.result()).isTrue();
        }
    }

    @Test
    void endOfTheGraceCancelsStreams() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        streamer.echo = (items, out) -> watched((Iterable<Int64Value> all) -> {
                    inside.countDown();
                    all.forEach(out);
                })
                .accept(items);
        try (Call<Int64Value, Int64Value> call = client.start(ECHO)) {
            inside.await();
            assertThat(server.shutdown(Duration.ofMillis(50))).isFalse();
            assertThat(handlerFailure().status()).isEqualTo(Status.UNAVAILABLE);
            StatusException failure = catchThrowableOfType(StatusException.class, call::receive);
            assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
        }
    }

    @Test
    void streamsTakeHalfOfTheWorkersAtMost() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        streamer.count = (upTo, out) -> {
            inside.countDown();
            await(done);
        };
        try (Server small = Server.builder()
                        .service(streamer.service())
                        .maxWorkers(3)
                        .overloadAfter(Duration.ofMinutes(5))
                        .start();
                Client caller = small.connect()) {
            Background<Void> first = Background.run(() -> {
                caller.callServerStreaming(COUNT, item(1), item -> {});
                return null;
            });
            inside.await();
            StatusException failure = catchThrowableOfType(
                    StatusException.class, () -> caller.callServerStreaming(COUNT, item(1), item -> {}));
            assertThat(failure.status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
            assertThat(failure.description())
                    .isEqualTo(
                            "server has 1 streams, which is half of maxWorkers and the most unless handlers have an executor");
            assertThat(caller.call(DOUBLE, item(1))).isEqualTo(item(2));
            done.countDown();
            first.result();
            caller.callServerStreaming(COUNT, item(1), item -> {});
        }
    }

    /** The answer is written before the server stops reading, which a client that still sends would meet first. */
    @Test
    void anEarlyAnswerOfAServerThatDrainsIsNotLost() throws Exception {
        for (int i = 0; i < 20; i++) {
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch answer = new CountDownLatch(1);
            Streamer one = new Streamer();
            one.sumUp = items -> {
                inside.countDown();
                await(answer);
                return Timestamp.newBuilder().setSeconds(7).build();
            };
            try (Server leaving = Server.builder().service(one.service()).start();
                    Client caller = leaving.connect()) {
                Background<Timestamp> call =
                        Background.run(() -> caller.callClientStreaming(SUM_UP, StreamTest::endless));
                inside.await();
                Background<Boolean> shutdown = Background.run(() -> leaving.shutdown(Duration.ofSeconds(20)));
                while (!leaving.isDraining()) Thread.onSpinWait();
                answer.countDown();
                assertThat(call.result().getSeconds()).isEqualTo(7);
                assertThat(shutdown.result()).isTrue();
            }
        }
    }

    @Test
    void requestsThatIgnoreTheEndAreWaitedForOnce() throws Exception {
        CountDownLatch stubborn = new CountDownLatch(1);
        AtomicLong asked = new AtomicLong();
        streamer.echo = (items, out) -> {
            throw new StatusException(Status.FAILED_PRECONDITION, "no");
        };
        Iterable<Int64Value> requests = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                asked.incrementAndGet();
                while (stubborn.getCount() > 0) Thread.onSpinWait();
                return false;
            }

            @Override
            public Int64Value next() {
                throw new AssertionError("there is none");
            }
        };
        StatusException failure =
                catchThrowableOfType(StatusException.class, () -> client.callBidiStreaming(ECHO, requests, item -> {}));
        assertThat(failure.status()).isEqualTo(Status.FAILED_PRECONDITION);
        stubborn.countDown();
        expectAlive();
    }
}

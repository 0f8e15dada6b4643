package io.posixsocket.rpc;

import static io.posixsocket.rpc.Streamer.COUNT;
import static io.posixsocket.rpc.Streamer.DOUBLE;
import static io.posixsocket.rpc.Streamer.ECHO;
import static io.posixsocket.rpc.Streamer.SUM_UP;
import static io.posixsocket.rpc.Streamer.item;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int64Value;
import com.google.protobuf.Timestamp;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Streams of a foreign client, which has many calls on one connection. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ServerStreamWireTest {
    private static final byte[] NONE = {};

    @TempDir
    Path directory;

    private final Streamer streamer = new Streamer();
    private final BlockingQueue<Throwable> failures = new ArrayBlockingQueue<>(16);
    private Server server;
    private ScriptedPeer peer;

    @BeforeEach
    void start() throws IOException {
        Path path = directory.resolve("s");
        server = Server.builder()
                .listen(SockaddrUn.path(path))
                .service(streamer.service())
                .start();
        peer = ScriptedPeer.connect(path);
    }

    @AfterEach
    void stop() {
        peer.close();
        server.close();
    }

    private static Frame open(int id, MethodDescriptor<?, ?> method) {
        return Frame.request(id, method.service(), method.method(), NONE, 0).withFlags(0x06);
    }

    private static Frame data(int id, long n) {
        return new Frame(id, 3, 0, item(n).toByteArray());
    }

    private static Frame close(int id) {
        return new Frame(id, 3, 0x05, NONE);
    }

    private void expectAlive(int id) throws IOException {
        peer.send(Frame.request(id, DOUBLE, item(21)));
        peer.expect(Frame.reply(id, item(42)));
    }

    private StatusException failure() throws InterruptedException {
        return (StatusException) failures.poll(20, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) throw new AssertionError("nobody came");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void capturedStreamsGetTheCapturedAnswers() throws Exception {
        List<Metadata.Entry> metadata = new ArrayList<>();
        streamer.sumUp = items -> {
            metadata.addAll(CallContext.current().metadata().entries());
            int count = 0;
            for (Int64Value ignored : items) count++;
            return Timestamp.newBuilder().setSeconds(55).setNanos(count).build();
        };
        peer.send(StreamVectors.SUM_UP);
        for (int i = 0; i < 10; i++) peer.send(StreamVectors.ITEM_1);
        peer.send(StreamVectors.CLOSE);
        peer.expect(StreamVectors.SUM_REPLY);
        assertThat(metadata).containsExactly(new Metadata.Entry("k", "v"));

        peer.send(Frame.parse(StreamVectors.COUNT).withId(3));
        peer.expect(Frame.parse(StreamVectors.ITEM_1).withId(3));
        peer.expect(data(3, 2));
        peer.expect(data(3, 3));
        peer.expect(Frame.parse(StreamVectors.CLOSE).withId(3));

        streamer.count = (upTo, out) -> {
            out.accept(item(1));
            throw new StatusException(Status.DATA_LOSS, "after 3");
        };
        peer.send(Frame.parse(StreamVectors.COUNT).withId(5));
        peer.expect(Frame.parse(StreamVectors.ITEM_1).withId(5));
        peer.expect(Frame.parse(StreamVectors.COUNT_FAILURE).withId(5));

        peer.send(Frame.parse(StreamVectors.ECHO).withId(7));
        peer.send(Frame.parse(StreamVectors.EMPTY_ITEM).withId(7));
        peer.expect(Frame.parse(StreamVectors.EMPTY_ITEM).withId(7));
        peer.send(Frame.parse(StreamVectors.CLOSE).withId(7));
        peer.expect(Frame.parse(StreamVectors.CLOSE).withId(7));
        expectAlive(9);
    }

    @Test
    void streamsAndCallsOfOneConnectionGoOnTogether() throws Exception {
        peer.send(open(1, ECHO)).send(open(3, ECHO)).send(open(5, SUM_UP));
        for (long n = 1; n <= 100; n++) {
            peer.send(data(1, n)).send(data(5, n));
            peer.expect(data(1, n));
            peer.send(data(3, -n));
            peer.expect(data(3, -n));
            int id = (int) (5 + 2 * n);
            expectAlive(id);
        }
        peer.send(close(3));
        peer.expect(close(3));
        peer.send(close(5));
        peer.expect(Frame.reply(
                5, Timestamp.newBuilder().setSeconds(5050).setNanos(100).build()));
        peer.send(data(1, 7));
        peer.expect(data(1, 7));
        peer.send(close(1));
        peer.expect(close(1));
    }

    @Test
    void requestAndAllItsDataMayComeInOneWrite() throws Exception {
        List<Frame> frames = new ArrayList<>(List.of(open(1, SUM_UP)));
        for (int n = 1; n <= 60; n++) frames.add(data(1, n));
        frames.add(close(1));
        peer.send(Frame.join(frames));
        peer.expect(Frame.reply(
                1, Timestamp.newBuilder().setSeconds(1830).setNanos(60).build()));
        expectAlive(3);
    }

    @Test
    void aPayloadOfTheRequestIsTheFirstMessage() throws Exception {
        peer.send(Frame.request(1, SUM_UP, item(40)).withFlags(0x02))
                .send(data(1, 2))
                .send(close(1));
        peer.expect(
                Frame.reply(1, Timestamp.newBuilder().setSeconds(42).setNanos(2).build()));
    }

    @Test
    void framesWithoutDataAndClosesWithData() throws Exception {
        peer.send(open(1, SUM_UP))
                .send(new Frame(1, 3, 0x04, NONE)) // no message, and the stream goes on
                .send(data(1, 1))
                .send(data(1, 2).withFlags(0x01)); // the last message closes
        peer.expect(
                Frame.reply(1, Timestamp.newBuilder().setSeconds(3).setNanos(2).build()));
        peer.send(open(3, SUM_UP)).send(new Frame(3, 3, 0x01, NONE)); // an empty message closes
        peer.expect(Frame.reply(3, Timestamp.newBuilder().setNanos(1).build()));
    }

    @Test
    void dataOfNoStreamIsIgnored() throws Exception {
        peer.send(data(1, 1)).send(close(3));
        peer.send(open(5, SUM_UP)).send(close(5));
        peer.expect(Frame.reply(5, Timestamp.getDefaultInstance()));
        peer.send(data(5, 1)).send(close(5)); // late
        expectAlive(7);
    }

    @Test
    void dataAfterTheCloseFailsItsStream() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        streamer.sumUp = items -> {
            await(never); // interrupted
            return Timestamp.getDefaultInstance();
        };
        peer.send(open(1, SUM_UP)).send(close(1)).send(data(1, 1));
        peer.expect(Frame.failure(1, 3, "data handling error: ttrpc: stream closed"));
        expectAlive(3);
    }

    @Test
    void undecodableDataFailsItsStream() throws Exception {
        peer.send(open(1, SUM_UP)).send(data(1, 1)).send(new Frame(1, 3, 0, new byte[] {(byte) 0xff}));
        Frame answer = peer.receive();
        assertThat(answer.streamId()).isEqualTo(1);
        assertThat(answer.hex()).contains("080d"); // code 13
        expectAlive(3);
    }

    @Test
    void oversizedDataFailsItsStream() throws Exception {
        peer.send(open(1, SUM_UP)).send(new Frame(1, 3, 0, new byte[(4 << 20) + 1]));
        peer.expect(Frame.failure(1, 8, "message length 4194305 exceed maximum message size of 4194304"));
        expectAlive(3);
    }

    /** The inbox takes 64, the handler none: after a second it loses its stream, and the others go on. */
    @Test
    void aStalledStreamHoldsTheOthersUpForItsBoundOnly() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger interrupts = new AtomicInteger();
        streamer.sumUp = items -> {
            items.iterator().next();
            try {
                never.await();
            } catch (InterruptedException e) {
                interrupts.incrementAndGet();
            }
            return Timestamp.getDefaultInstance();
        };
        List<Frame> frames = new ArrayList<>(List.of(open(1, SUM_UP)));
        for (int n = 0; n < 200; n++) frames.add(data(1, n));
        for (int i = 0; i < 50; i++) frames.add(Frame.request(3 + 2 * i, DOUBLE, item(i)));
        peer.send(Frame.join(frames));
        List<Frame> answers = new ArrayList<>();
        Frame stalled = null;
        for (int i = 0; i < 51; i++) {
            Frame answer = peer.receive();
            if (answer.streamId() == 1) stalled = answer;
            else answers.add(answer);
        }
        assertThat(stalled).isNotNull();
        assertThat(stalled.hex()).contains("0808"); // code 8
        assertThat(answers)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 50)
                        .mapToObj(i -> Frame.reply(3 + 2 * i, item(2L * i)))
                        .toList());
        expectAlive(501);
        assertThat(interrupts).hasValue(1);
    }

    /** A slow handler is no stalled one: what it does not take is not read, and nothing is lost. */
    @Test
    void aSlowHandlerGetsAllMessages() throws Exception {
        AtomicInteger most = new AtomicInteger();
        AtomicInteger sent = new AtomicInteger();
        streamer.sumUp = items -> {
            int count = 0;
            for (Int64Value ignored : items) {
                count++;
                most.accumulateAndGet(sent.get() - count, Math::max);
            }
            return Timestamp.newBuilder().setNanos(count).build();
        };
        peer.send(open(1, SUM_UP));
        for (int n = 0; n < 20_000; n++) {
            peer.send(data(1, n));
            sent.incrementAndGet();
        }
        peer.send(close(1));
        peer.expect(Frame.reply(1, Timestamp.newBuilder().setNanos(20_000).build()));
    }

    @Test
    void halfCloseBeforeTheLastMessageEndsTheStream() throws Exception {
        streamer.sumUp = items -> {
            try {
                items.forEach(item -> {});
            } catch (RuntimeException e) {
                failures.add(e);
                throw e;
            }
            return Timestamp.getDefaultInstance();
        };
        peer.send(open(1, SUM_UP)).send(data(1, 1)).send(Frame.request(3, DOUBLE, item(1)));
        peer.halfClose();
        assertThat(failure().status()).isEqualTo(Status.CANCELLED);
        List<Integer> ids = new ArrayList<>(
                List.of(peer.receive().streamId(), peer.receive().streamId()));
        assertThat(ids).containsExactlyInAnyOrder(1, 3);
        peer.expectEnd();
    }

    @Test
    void hangUpCancelsStreams() throws Exception {
        CountDownLatch inside = new CountDownLatch(2);
        streamer.echo = (items, out) -> {
            inside.countDown();
            try {
                items.forEach(out);
            } catch (RuntimeException e) {
                failures.add(e);
                throw e;
            }
        };
        peer.send(open(1, ECHO)).send(open(3, ECHO));
        await(inside);
        peer.close();
        assertThat(failure().status()).isEqualTo(Status.CANCELLED);
        assertThat(failure().status()).isEqualTo(Status.CANCELLED);
    }

    @Test
    void deadlineEndsAStreamWhoseHandlerHangs() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        streamer.sumUp = items -> {
            while (done.getCount() > 0) Thread.onSpinWait(); // deaf to its interrupt
            return Timestamp.getDefaultInstance();
        };
        peer.send(Frame.request(1, SUM_UP.service(), SUM_UP.method(), NONE, 20_000_000)
                .withFlags(0x06));
        peer.expect(Frame.failure(1, 4, "context deadline exceeded"));
        expectAlive(3);
        done.countDown();
    }

    /** After the keeper has answered, no message of the handler follows. */
    @Test
    void noFrameOnAFinishedStream() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        streamer.count = (upTo, out) -> {
            while (answered.getCount() > 0) Thread.onSpinWait();
            try {
                out.accept(item(1));
            } catch (StatusException e) {
                failures.add(e);
            }
            over.countDown();
        };
        peer.send(Frame.request(1, COUNT, item(3), 20_000_000).withFlags(0x01));
        peer.expect(Frame.failure(1, 4, "context deadline exceeded"));
        answered.countDown();
        await(over);
        assertThat(failure().status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        expectAlive(3);
    }

    @Test
    void aConnectionHasItsShareOfStreams() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        streamer.count = (upTo, out) -> await(done);
        for (int i = 0; i < 33; i++)
            peer.send(Frame.request(1 + 2 * i, COUNT, item(1)).withFlags(0x01));
        peer.expect(Frame.failure(65, 8, "connection has 32 streams, which is the most of one"));
        expectAlive(101);
        done.countDown();
        for (int i = 0; i < 32; i++) assertThat(peer.receive().flags()).isEqualTo(5);
    }

    @Test
    void earlyAnswerMakesTheRestLate() throws Exception {
        streamer.echo = (items, out) -> {
            Iterator<Int64Value> all = items.iterator();
            out.accept(all.next());
        };
        peer.send(open(1, ECHO)).send(data(1, 5));
        peer.expect(data(1, 5));
        peer.expect(close(1));
        for (int i = 0; i < 200; i++) peer.send(data(1, i));
        peer.send(close(1));
        expectAlive(3);
    }

    /** On a connection of one call at a time a second call is a broken promise, seen where the stream is read. */
    @Test
    void aSecondCallBesideAnExclusiveStreamEndsTheConnection() throws Exception {
        peer.send(open(1, SUM_UP).withPromise()).send(Frame.request(3, DOUBLE, item(1)));
        peer.expectEnd();
    }

    @Test
    void lateDataDoesNotHideWhyAStreamFailed() throws Exception {
        CountDownLatch allRead = new CountDownLatch(1);
        streamer.sumUp = items -> {
            await(allRead);
            items.forEach(item -> {});
            return Timestamp.getDefaultInstance();
        };
        peer.send(open(1, SUM_UP))
                .send(new Frame(1, 3, 0, new byte[] {(byte) 0xff}))
                .send(data(1, 2));
        expectAlive(3); // so all before it was read
        allRead.countDown();
        Frame failure = peer.receive();
        assertThat(failure.streamId()).isEqualTo(1);
        assertThat(failure.contains("error unmarshalling payload")).isTrue();
    }

    /** Half of the inbox takes it longer than a second: the others go on then, and it loses nothing. */
    @Test
    void aHandlerThatTakesItsTimeKeepsItsStream() throws Exception {
        streamer.sumUp = items -> {
            int count = 0;
            for (Int64Value ignored : items) {
                count++;
                LockSupport.parkNanos(40_000_000);
            }
            return Timestamp.newBuilder().setNanos(count).build();
        };
        List<Frame> frames = new ArrayList<>(List.of(open(1, SUM_UP)));
        for (int n = 0; n < 66; n++) frames.add(data(1, n));
        frames.add(Frame.request(3, DOUBLE, item(4)));
        frames.add(close(1));
        peer.send(Frame.join(frames));
        peer.expect(Frame.reply(3, item(8)));
        peer.expect(Frame.reply(1, Timestamp.newBuilder().setNanos(66).build()));
    }
}

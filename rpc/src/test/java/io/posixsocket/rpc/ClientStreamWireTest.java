package io.posixsocket.rpc;

import static io.posixsocket.rpc.Streamer.COUNT;
import static io.posixsocket.rpc.Streamer.DOUBLE;
import static io.posixsocket.rpc.Streamer.ECHO;
import static io.posixsocket.rpc.Streamer.SUM_UP;
import static io.posixsocket.rpc.Streamer.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Int64Value;
import com.google.protobuf.Timestamp;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the client sends of a stream, and what it makes of what a foreign server may answer. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ClientStreamWireTest {
    private static final byte[] NONE = {};

    @TempDir
    Path directory;

    private ScriptedPeer.Listening listening;
    private Client client;
    private ScriptedPeer server;
    private final List<Long> received = new ArrayList<>();

    /** With one call made, so that the promise is out of the way and the next id is 3. */
    @BeforeEach
    void start() throws Exception {
        listening = ScriptedPeer.listen(directory.resolve("s"));
        client = Client.builder(SockaddrUn.path(directory.resolve("s"))).build();
        Background<Int64Value> call = Background.run(() -> client.call(DOUBLE, item(1)));
        server = listening.accept();
        assertThat(server.receive().hasPromise()).isTrue();
        server.send(Frame.reply(1, item(2)));
        call.result();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        listening.close();
    }

    private static Frame data(int id, long n) {
        return new Frame(id, 3, 0, item(n).toByteArray());
    }

    private static Frame close(int id) {
        return new Frame(id, 3, 0x05, NONE);
    }

    private Background<Void> count(Channel channel, long upTo) {
        return Background.run(() -> {
            channel.callServerStreaming(COUNT, item(upTo), item -> received.add(item.getValue()));
            return null;
        });
    }

    private static Iterable<Int64Value> items(long count) {
        return () -> LongStream.rangeClosed(1, count).mapToObj(Streamer::item).iterator();
    }

    /** The connection lives: it takes the next call. */
    private void expectAlive(int id) throws Exception {
        Background<Int64Value> call = Background.run(() -> client.call(DOUBLE, item(21)));
        server.expect(Frame.request(id, DOUBLE, item(21)));
        server.send(Frame.reply(id, item(42)));
        assertThat(call.result()).isEqualTo(item(42));
    }

    /** It does not: the server sees its end. */
    private void expectEnded() throws Exception {
        server.expectEnd();
    }

    @Test
    void streamsAreTheCapturedOnes() throws Exception {
        Channel channel = client.withMetadata(Metadata.of("k", "v"));
        Background<Timestamp> sum = Background.run(() -> channel.callClientStreaming(SUM_UP, List.of(item(1))));
        Frame captured = Frame.parse(StreamVectors.SUM_UP).withId(3);
        Frame opened = server.receive();
        assertThat(opened.flags()).isEqualTo(captured.flags());
        assertThat(opened.hex())
                .isEqualTo(Frame.request(3, SUM_UP.service(), SUM_UP.method(), NONE, 0, "k", "v")
                        .withFlags(6)
                        .hex());
        server.expect(Frame.parse(StreamVectors.ITEM_1).withId(3));
        server.expect(Frame.parse(StreamVectors.CLOSE).withId(3));
        server.send(Frame.parse(StreamVectors.SUM_REPLY).withId(3));
        assertThat(sum.result())
                .isEqualTo(Timestamp.newBuilder().setSeconds(55).setNanos(10).build());

        Background<Void> call = count(client, 3);
        server.expect(Frame.parse(StreamVectors.COUNT).withId(5));
        server.send(Frame.parse(StreamVectors.ITEM_1).withId(5))
                .send(Frame.parse(StreamVectors.CLOSE).withId(5));
        call.result();
        assertThat(received).containsExactly(1L);

        call = count(client, 3);
        server.expect(Frame.parse(StreamVectors.COUNT).withId(7));
        server.send(data(7, 9)).send(Frame.parse(StreamVectors.COUNT_FAILURE).withId(7));
        StatusException failure = call.failure();
        assertThat(failure.status()).isEqualTo(Status.DATA_LOSS);
        assertThat(failure.description()).isEqualTo("after 3");
        assertThat(received).containsExactly(1L, 9L);
        expectAlive(9);
    }

    @Test
    void lenientTowardsWhatPeersSend() throws Exception {
        Background<Void> call = count(client, 3);
        server.receive();
        server.send(data(1, 77)) // a stream that has ended
                .send(new Frame(3, 3, 0x04, NONE)) // no message
                .send(new Frame(3, 3, 0, NONE)) // an empty message
                .send(data(3, 5).withFlags(0x01)); // the last one closes
        call.result();
        assertThat(received).containsExactly(0L, 5L);

        call = count(client, 3);
        server.receive();
        server.send(data(5, 6)).send(new Frame(5, 2, 0, NONE)); // an ordinary Response ends a stream too
        call.result();
        assertThat(received).containsExactly(0L, 5L, 6L);
        expectAlive(7);
    }

    @Test
    void manyMessagesComeInOneWrite() throws Exception {
        Background<Void> call = count(client, 500);
        server.receive();
        List<Frame> frames = new ArrayList<>();
        for (int n = 1; n <= 500; n++) frames.add(data(3, n));
        frames.add(close(3));
        server.send(Frame.join(frames));
        call.result();
        assertThat(received).isEqualTo(LongStream.rangeClosed(1, 500).boxed().toList());
    }

    @Test
    void anEarlyAnswerStopsTheRequests() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        Iterable<Int64Value> requests = () -> LongStream.iterate(1, n -> n + 1)
                .mapToObj(n -> {
                    if (n == 3) {
                        try {
                            answered.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                    return item(n);
                })
                .iterator();
        Background<Timestamp> sum = Background.run(() -> client.callClientStreaming(SUM_UP, requests));
        server.receive();
        server.expect(data(3, 1));
        server.expect(data(3, 2));
        server.send(Frame.reply(3, Timestamp.newBuilder().setNanos(1).build()));
        answered.countDown();
        assertThat(sum.result()).isEqualTo(Timestamp.newBuilder().setNanos(1).build());
        expectAlive(5); // and no Data came before it
    }

    @Test
    void endInMidStreamIsUnavailableAndMaybe() throws Exception {
        Background<Void> call = count(client, 3);
        server.receive();
        server.send(data(3, 1)).close();
        StatusException failure = call.failure();
        assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
        assertThat(received).containsExactly(1L);
    }

    @Test
    void aFailureThatIsQueuedCountsMoreThanTheEnd() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Iterable<Int64Value> requests = () -> LongStream.iterate(1, n -> n + 1)
                .mapToObj(n -> {
                    try {
                        if (n == 2) ended.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return item(n);
                })
                .iterator();
        Background<Timestamp> sum = Background.run(() -> client.callClientStreaming(SUM_UP, requests));
        server.receive();
        server.expect(data(3, 1));
        server.send(Frame.failure(3, 7, "not you")).close();
        ended.countDown();
        assertThat(sum.failure().status()).isEqualTo(Status.PERMISSION_DENIED);
    }

    /** The Request was not taken: the call runs on another connection, and its requests are walked once. */
    @Test
    void aStaleConnectionIsReplacedBeforeAnythingIsWalked() throws Exception {
        server.close();
        Background<Timestamp> sum = Background.run(() -> client.callClientStreaming(SUM_UP, items(2)));
        server = listening.accept();
        assertThat(server.receive().withoutPromise().flags()).isEqualTo(6);
        server.expect(data(1, 1));
        server.expect(data(1, 2));
        server.expect(close(1));
        server.send(Frame.reply(1, Timestamp.getDefaultInstance()));
        sum.result();
    }

    @Test
    void aFrameThatDoesNotFitTheShapeEndsTheCall() throws Exception {
        Background<Timestamp> sum = Background.run(() -> client.callClientStreaming(SUM_UP, List.of()));
        server.receive();
        server.expect(close(3));
        server.send(data(3, 1));
        StatusException failure = sum.failure();
        assertThat(failure.status()).isEqualTo(Status.INTERNAL);
        assertThat(failure.description()).contains("sent a frame of type 3 to a call of type CLIENT_STREAMING");
        expectEnded();
    }

    @Test
    void undecodableAndOversizedMessagesEndTheCall() throws Exception {
        Background<Void> call = count(client, 3);
        server.receive();
        server.send(new Frame(3, 3, 0, new byte[] {(byte) 0xff}));
        assertThat(call.failure().status()).isEqualTo(Status.INTERNAL);
        expectEnded();
        server.close();

        call = count(client, 3);
        server = listening.accept();
        server.receive();
        server.send(Frame.header((4 << 20) + 1, 1, 3));
        StatusException failure = call.failure();
        assertThat(failure.status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
        assertThat(failure.description()).contains("message length 4194305 exceed maximum message size of 4194304");
    }

    @Test
    void framesWithoutMessagesDoNotOutliveTheDeadline() throws Exception {
        Background<Void> call = count(client.withTimeout(Duration.ofMillis(100)), 3);
        server.receive();
        try {
            while (true) server.send(new Frame(3, 3, 0x04, NONE));
        } catch (IOException e) { // the client has closed
            assertThat(call.failure().status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        }
    }

    /** The server answers each request before it reads the next, and the client reads while it cannot send. */
    @Test
    void whoWaitsToSendReads() throws Exception {
        Background<Void> call = Background.run(() -> {
            client.callBidiStreaming(ECHO, items(200_000), item -> received.add(item.getValue()));
            return null;
        });
        server.receive();
        for (long n = 1; n <= 200_000; n++) {
            Frame frame = server.receive();
            assertThat(frame).isEqualTo(data(3, n));
            try {
                server.send(frame);
            } catch (IOException e) {
                call.result();
                throw e;
            }
        }
        server.expect(close(3));
        server.send(close(3));
        call.result();
        assertThat(received).hasSize(200_000);
        expectAlive(5);
    }

    @Test
    void closingACallEarlyEndsItsConnection() throws Exception {
        try (Call<Int64Value, Int64Value> call = client.start(ECHO)) {
            call.send(item(1));
            server.receive();
            server.expect(data(3, 1));
        }
        expectEnded();
    }

    @Test
    void messagesThatAreThereDoNotOutliveTheDeadline() throws Exception {
        Deadline[] deadline = new Deadline[1];
        Background<Void> call = Background.run(() -> {
            deadline[0] = Deadline.after(Duration.ofMillis(100));
            client.withDeadline(deadline[0]).callServerStreaming(COUNT, item(1), item -> {
                received.add(item.getValue());
                while (!deadline[0].isExpired()) Thread.onSpinWait();
            });
            return null;
        });
        server.receive();
        server.send(Frame.join(
                LongStream.rangeClosed(1, 500).mapToObj(n -> data(3, n)).toList()));
        assertThat(call.failure().status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        assertThat(received).hasSizeLessThan(3);
    }

    @Test
    void messagesThatAreThereDoNotHideAnInterrupt() throws Exception {
        Background<Void> call = Background.run(() -> {
            client.callServerStreaming(COUNT, item(1), item -> {
                received.add(item.getValue());
                Thread.currentThread().interrupt();
            });
            return null;
        });
        server.receive();
        List<Frame> frames = new ArrayList<>(
                LongStream.rangeClosed(1, 500).mapToObj(n -> data(3, n)).toList());
        frames.add(close(3));
        server.send(Frame.join(frames));
        assertThat(call.failure().status()).isEqualTo(Status.CANCELLED);
        assertThat(received).hasSize(1);
    }

    /** Who sends meets EPIPE first; what was said before, more than the inbox holds, is received all the same. */
    @Test
    void allThatIsQueuedCountsAfterAReset() throws Exception {
        try (Call<Int64Value, Int64Value> call = client.start(ECHO)) {
            call.send(item(1));
            server.receive();
            server.receive();
            List<Frame> frames = new ArrayList<>(
                    LongStream.rangeClosed(1, 200).mapToObj(n -> data(3, n)).toList());
            frames.add(close(3));
            server.send(Frame.join(frames)).close();
            StatusException failure = catchThrowableOfType(StatusException.class, () -> {
                while (true) call.send(item(2));
            });
            assertThat(failure.status()).isEqualTo(Status.CANCELLED);
            for (long n = 1; n <= 200; n++) assertThat(call.receive()).isEqualTo(item(n));
            assertThat(call.receive()).isNull();
        }
    }

    /** The server answers and reads no more while the client is inside a large frame: its end is on no other call's way. */
    @Test
    void aFrameThatWasCutIsNotFollowedByAnotherCall() throws Exception {
        BytesValue large = BytesValue.of(ByteString.copyFrom(new byte[3_000_000]));
        Background<BytesValue> sender = Background.run(() -> {
            try (Call<BytesValue, BytesValue> call = client.start(Streamer.ECHO_BYTES)) {
                assertThatThrownBy(() -> call.send(large)).isInstanceOf(StatusException.class);
                return call.receive();
            }
        });
        server.receive();
        ByteBuffer begin = ByteBuffer.allocate(10);
        server.fd().recv(begin, 0); // the client is inside: 3 MB do not fit
        server.send(close(3));
        assertThat(sender.result()).isNull();
        Background<Int64Value> next = Background.run(() -> client.call(DOUBLE, item(21)));
        try (ScriptedPeer second = listening.accept()) {
            second.receive();
            second.send(Frame.reply(1, item(42)));
            assertThat(next.result()).isEqualTo(item(42));
        }
    }
}

package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the server answers to what a foreign client may send. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ServerWireTest {
    private static final int MAX = 4 << 20;

    @TempDir
    Path directory;

    private volatile Function<Hello, Hello> handler = Hello::greet;
    private Server server;
    private ScriptedPeer peer;

    @BeforeEach
    void start() throws IOException {
        Path path = directory.resolve("s");
        server = Server.builder()
                .listen(SockaddrUn.path(path))
                .service(Hello.service(request -> handler.apply(request)))
                .start();
        peer = ScriptedPeer.connect(path);
    }

    @AfterEach
    void stop() {
        peer.close();
        server.close();
    }

    /** The connection lives: the next call on it is answered. */
    private void expectAlive(int streamId) throws IOException {
        handler = Hello::greet;
        peer.send(Frame.request(streamId, Hello.SAY_HELLO, Hello.of("still")));
        peer.expect(Frame.reply(streamId, Hello.of("Hello still")));
    }

    @Test
    void capturedRequestsGetTheCapturedAnswers() throws IOException {
        peer.send(Vectors.HELLO_WORLD);
        peer.expect(Vectors.HELLO_WORLD_REPLY);

        peer.send(Frame.parse(Vectors.EMPTY).withId(3));
        peer.expect(Frame.parse(Vectors.EMPTY_REPLY).withId(3));

        List<Metadata.Entry> seen = new ArrayList<>();
        handler = request -> {
            seen.addAll(CallContext.current().metadata().entries());
            throw new StatusException(Status.NOT_FOUND, "no such thing");
        };
        peer.send(Frame.parse(Vectors.METADATA).withId(5));
        peer.expect(Frame.parse(Vectors.NOT_FOUND).withId(5));
        assertThat(seen)
                .containsExactly(
                        new Metadata.Entry("trace-id", "abc"),
                        new Metadata.Entry("trace-id", "def"),
                        new Metadata.Entry("ns", "moby"));

        List<Long> left = new ArrayList<>();
        handler = request -> {
            left.add(CallContext.current().deadline().orElseThrow().remainingNanos());
            return Hello.greet(request);
        };
        peer.send(Frame.parse(Vectors.TIMEOUT).withId(7));
        peer.expect(Frame.reply(7, Hello.of("Hello dl")));
        assertThat(left.get(0)).isBetween(1L, Vectors.TIMEOUT_NANOS);

        peer.send(Frame.parse(Vectors.NO_SERVICE).withId(9));
        peer.expect(Frame.parse(Vectors.NO_SERVICE_REPLY).withId(9));
    }

    @Test
    void expiredCallGetsTheCapturedAnswer() throws IOException {
        handler = request -> {
            awaitInterrupt();
            return Hello.DEFAULT;
        };
        peer.send(Frame.request(1, Hello.SAY_HELLO, Hello.of("dl"), 1_000_000));
        peer.expect(Vectors.DEADLINE_EXCEEDED);
        expectAlive(3);
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void negativeTimeoutHasPassed() throws IOException {
        handler = request -> {
            throw new AssertionError("ran");
        };
        peer.send(Frame.request(1, Hello.SAY_HELLO, Hello.of("late"), -1));
        peer.expect(Vectors.DEADLINE_EXCEEDED);
        expectAlive(3);
    }

    @Test
    void unknownMethodIsNamed() throws IOException {
        peer.send(Frame.request(1, Hello.SERVICE, "Nope", new byte[0], 0));
        peer.expect(Frame.failure(1, 12, "method Nope"));
        peer.send(Frame.request(3, "No.Such", "SayHello", new byte[0], 0));
        peer.expect(Frame.failure(3, 12, "service No.Such"));
        expectAlive(5);
    }

    @Test
    void namesTooLongForAnybodyAreNotRepeated() throws IOException {
        peer.send(Frame.request(1, "a".repeat(2000), "b", new byte[0], 0));
        Frame answer = peer.receive();
        assertThat(answer.body().length).isLessThan(100);
        assertThat(answer).isEqualTo(Frame.failure(1, 12, "names of 2001 bytes, must be at most 1024"));
        expectAlive(3);
    }

    @Test
    void envelopeThatIsNoProtobufIsAnInvalidArgument() throws IOException {
        peer.send(new Frame(1, 1, 0, new byte[] {0x0a, 0x7f, 'x'}));
        Frame answer = peer.receive();
        assertThat(answer.hex()).contains("0803"); // code 3
        assertThat(answer.contains("unmarshal request error: field 1 is cut short"))
                .isTrue();
        peer.send(new Frame(3, 1, 0, new byte[] {0x08, 0x01})); // service as a number
        assertThat(peer.receive().contains("unmarshal request error: field 1 has wire type 0, must be 2"))
                .isTrue();
        peer.send(new Frame(5, 1, 0, new byte[] {0x00, 0x01})); // field 0
        assertThat(peer.receive().contains("unmarshal request error: field number out of range"))
                .isTrue();
        peer.send(new Frame(7, 1, 0, new byte[] {0x0b})); // a group
        assertThat(peer.receive().contains("unmarshal request error: wire type 3"))
                .isTrue();
        expectAlive(9);
    }

    @Test
    void namesThatAreNotUtf8AreAnInvalidArgument() throws IOException {
        peer.send(new Frame(1, 1, 0, new byte[] {0x0a, 0x02, (byte) 0xc3, 0x28, 0x12, 0x01, 'm'}));
        Frame answer = peer.receive();
        assertThat(answer.hex()).contains("0803");
        assertThat(answer.contains("unmarshal request error: service is not UTF-8"))
                .isTrue();
        expectAlive(3);
    }

    @Test
    void metadataThatIsNotUtf8IsAnInvalidArgument() throws IOException {
        byte[] body = Frame.coded(to -> {
            to.writeString(1, Hello.SERVICE);
            to.writeString(2, "SayHello");
            to.writeByteArray(5, new byte[] {0x0a, 0x01, 'k', 0x12, 0x01, (byte) 0xff});
        });
        peer.send(new Frame(1, 1, 0, body));
        Frame answer = peer.receive();
        assertThat(answer.hex()).contains("0803");
        assertThat(answer.contains("metadata value is not UTF-8")).isTrue();
        expectAlive(3);
    }

    @Test
    void payloadThatIsNoProtobufIsInternal() throws IOException {
        peer.send(Frame.request(1, Hello.SERVICE, "SayHello", new byte[] {0x0a, 0x7f, 'x'}, 0));
        Frame answer = peer.receive();
        assertThat(answer.hex()).contains("080d"); // code 13
        assertThat(answer.contains("ttrpc: error unmarshalling payload: ")).isTrue();
        expectAlive(3);
    }

    @Test
    void metadataHasLimits() throws IOException {
        String[] most = new String[256];
        for (int i = 0; i < most.length; i += 2) {
            most[i] = "k";
            most[i + 1] = "v";
        }
        List<Integer> seen = new ArrayList<>();
        handler = request -> {
            seen.add(CallContext.current().metadata().entries().size());
            return Hello.greet(request);
        };
        byte[] payload = Hello.of("x").toByteArray();
        peer.send(Frame.request(1, Hello.SERVICE, "SayHello", payload, 0, most));
        peer.expect(Frame.reply(1, Hello.of("Hello x")));
        assertThat(seen).containsExactly(128);

        String[] tooMany = java.util.Arrays.copyOf(most, 258);
        tooMany[256] = "k";
        tooMany[257] = "v";
        peer.send(Frame.request(3, Hello.SERVICE, "SayHello", payload, 0, tooMany));
        peer.expect(Frame.failure(3, 8, "metadata has more than 128 entries (maxMetadataEntries)"));

        // key 1, value n: tags and lengths of both count, 2 + 1 + 3 + n
        peer.send(Frame.request(5, Hello.SERVICE, "SayHello", payload, 0, "k", "v".repeat(8192 - 6)));
        peer.expect(Frame.reply(5, Hello.of("Hello x")));
        peer.send(Frame.request(7, Hello.SERVICE, "SayHello", payload, 0, "k", "v".repeat(8192 - 5)));
        peer.expect(Frame.failure(7, 8, "metadata is longer than 8192 bytes (maxMetadataBytes)"));
        assertThat(seen).containsExactly(128, 1);
        expectAlive(9);
    }

    @Test
    void evenIdIsRefusedWhateverTheFrame() throws IOException {
        String odd = "StreamID must be odd for client initiated streams";
        peer.send(Frame.request(2, Hello.SAY_HELLO, Hello.of("x")));
        peer.expect(Frame.failure(2, 3, odd));
        peer.send(Frame.request(0, Hello.SAY_HELLO, Hello.of("x")));
        peer.expect(Frame.failure(0, 3, odd));
        peer.send(new Frame(4, 3, 0, new byte[] {1, 2, 3}));
        peer.expect(Frame.failure(4, 3, odd));
        expectAlive(1);
    }

    @Test
    void idThatDoesNotIncreaseIsRefused() throws IOException {
        String used = "StreamID cannot be re-used and must increment";
        peer.send(Frame.request(7, Hello.SAY_HELLO, Hello.of("x")));
        peer.expect(Frame.reply(7, Hello.of("Hello x")));
        peer.send(Frame.request(7, Hello.SAY_HELLO, Hello.of("x")));
        peer.expect(Frame.failure(7, 3, used));
        peer.send(Frame.request(5, Hello.SAY_HELLO, Hello.of("x")));
        peer.expect(Frame.failure(5, 3, used));
        peer.send(Frame.request(0xfffffffd, Hello.SAY_HELLO, Hello.of("x"))); // unsigned
        peer.expect(Frame.reply(0xfffffffd, Hello.of("Hello x")));
        expectAlive(0xffffffff);
    }

    @Test
    void framesThatAreNoRequestsAreIgnored() throws IOException {
        peer.send(new Frame(1, 0, 0, new byte[] {1}));
        peer.send(new Frame(1, 2, 0, new byte[0]));
        peer.send(new Frame(1, 3, 0, new byte[] {1, 2, 3}));
        peer.send(new Frame(1, 7, 0, new byte[100]));
        peer.send(new Frame(1, 0x80, 0, new byte[100]));
        expectAlive(1); // their id was not used up either
        assertThat(peer.hasNothing()).isTrue();
    }

    @Test
    void flagsOfARequestDoNotMatter() throws IOException {
        int id = 1;
        for (int flags : new int[] {0x01, 0x02, 0x04, 0xf8, 0xff}) {
            peer.send(Frame.request(id, Hello.SAY_HELLO, Hello.of("x")).withFlags(flags));
            peer.expect(Frame.reply(id, Hello.of("Hello x")));
            id += 2;
        }
    }

    @Test
    void unknownFieldsAreIgnoredAndFieldsComeInAnyOrder() throws IOException {
        byte[] body = Frame.coded(to -> {
            to.writeString(200, "extension");
            to.writeFixed64(201, 1);
            to.writeFixed32(202, 1);
            to.writeInt64(203, -1);
            to.writeByteArray(3, Hello.of("world").toByteArray());
            to.writeString(2, "SayHello");
            to.writeString(1, Hello.SERVICE);
        });
        peer.send(new Frame(1, 1, 0, body));
        peer.expect(Vectors.HELLO_WORLD_REPLY);
    }

    @Test
    void emptyBodyIsARequestWithoutNames() throws IOException {
        peer.send(new Frame(1, 1, 0, new byte[0]));
        peer.expect(Frame.failure(1, 12, "service "));
        expectAlive(3);
    }

    @Test
    void requestMayComeByteByByte() throws IOException {
        for (byte b : Frame.parse(Vectors.HELLO_WORLD).bytes()) peer.send(new byte[] {b});
        peer.expect(Vectors.HELLO_WORLD_REPLY);
        for (byte b : Frame.parse(Vectors.HELLO_WORLD).withId(3).withPromise().bytes()) peer.send(new byte[] {b});
        peer.expect(Frame.parse(Vectors.HELLO_WORLD_REPLY).withId(3));
    }

    @Test
    void exclusiveConnectionsRequestsMayComeByteByByte() throws IOException {
        peer.send(Frame.parse(Vectors.HELLO_WORLD).withPromise());
        peer.expect(Vectors.HELLO_WORLD_REPLY);
        for (byte b : Frame.parse(Vectors.HELLO_WORLD).withId(3).bytes()) peer.send(new byte[] {b});
        peer.expect(Frame.parse(Vectors.HELLO_WORLD_REPLY).withId(3));
    }

    @Test
    void requestsInOneWriteAreAllAnswered() throws IOException {
        List<Frame> requests = new ArrayList<>();
        List<Frame> answers = new ArrayList<>();
        for (int id = 1; id < 400; id += 2) {
            requests.add(Frame.request(id, Hello.SAY_HELLO, Hello.of("n" + id)));
            answers.add(Frame.reply(id, Hello.of("Hello n" + id)));
        }
        peer.send(Frame.join(requests));
        List<Frame> received = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) received.add(peer.receive());
        assertThat(received).containsExactlyInAnyOrderElementsOf(answers);
    }

    @Test
    void requestOfFourMebibytesIsServed() throws IOException {
        int envelope =
                Frame.request(1, Hello.SERVICE, "SayHello", new byte[0], 0).body().length + 1 + 4;
        Hello largest = Hello.ofSize(MAX - envelope);
        Frame request = Frame.request(1, Hello.SAY_HELLO, largest);
        assertThat(request.body()).hasSize(MAX);
        handler = hello -> new Hello("", hello.text().length());
        peer.send(request);
        peer.expect(Frame.reply(1, new Hello("", largest.text().length())));
        expectAlive(3);
    }

    @Test
    void longerRequestIsDiscardedAndAnswered() throws IOException {
        for (int length : new int[] {MAX + 1, 2 * MAX, (16 << 20) - 1}) {
            Frame tooLong = new Frame(2 * length + 1, 1, 0, new byte[length]);
            String said = "message length " + length + " exceed maximum message size of 4194304";
            peer.send(tooLong);
            peer.expect(Frame.failure(tooLong.streamId(), 8, said));
        }
        expectAlive(0x7fffffff);
    }

    @Test
    void longerRequestIsAnsweredAtItsHeader() throws IOException {
        peer.send(Frame.header(MAX + 1, 1, 1));
        peer.expect(Frame.failure(1, 8, "message length 4194305 exceed maximum message size of 4194304"));
        peer.send(new byte[MAX + 1]);
        expectAlive(3);
    }

    @Test
    void whatIsNotTtrpcIsHungUpOn() throws IOException {
        peer.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        peer.expectEnd();
    }

    @Test
    void lengthFromSixteenMebibytesOnIsHungUpOn() throws IOException {
        peer.send(Frame.header(16 << 20, 1, 1));
        peer.expectEnd();
    }

    @Test
    void lengthOfMoreThanTwoGibibytesIsHungUpOn() throws IOException {
        peer.send(Frame.header(0x80000000, 1, 1));
        peer.expectEnd();
    }

    @Test
    void garbageAfterACallIsHungUpOn() throws IOException {
        peer.send(Frame.parse(Vectors.HELLO_WORLD).withPromise());
        peer.expect(Vectors.HELLO_WORLD_REPLY);
        peer.send(Frame.header(0xffffffff, 0xffffffff, 0xff));
        peer.expectEnd();
    }

    @Test
    void handlersFailureTravelsWithItsDetailsAndWithoutAPayload() throws IOException {
        handler = request -> {
            throw new StatusException(
                    Status.FAILED_PRECONDITION,
                    "not yet",
                    new Detail("t", Hello.of("v").toByteString()));
        };
        peer.send(Frame.request(1, Hello.SAY_HELLO, Hello.of("x")));
        byte[] body = Frame.coded(to -> to.writeByteArray(1, Frame.coded(status -> {
            status.writeInt32(1, 9);
            status.writeString(2, "not yet");
            status.writeByteArray(3, Frame.coded(any -> {
                any.writeString(1, "t");
                any.writeByteArray(2, Hello.of("v").toByteArray());
            }));
        })));
        peer.expect(new Frame(1, 2, 0, body));
    }
}

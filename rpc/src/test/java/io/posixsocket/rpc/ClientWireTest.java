package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Empty;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the client sends, and what it makes of what a foreign server may answer. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ClientWireTest {
    private static final int MAX = 4 << 20;

    @TempDir
    Path directory;

    private ScriptedPeer.Listening listening;
    private Client client;
    private ScriptedPeer server;
    private Background<Hello> call;

    /** With one call made, so that the promise is out of the way and the next id is 3. */
    @BeforeEach
    void start() throws Exception {
        listening = ScriptedPeer.listen(directory.resolve("s"));
        client = Client.builder(SockaddrUn.path(directory.resolve("s"))).build();
        begin(client, "first");
        server = listening.accept();
        assertThat(server.receive().hasPromise()).isTrue();
        server.send(Frame.reply(1, Hello.of("ok")));
        call.result();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        listening.close();
    }

    private void begin(Channel channel, String text) {
        call = Background.run(() -> channel.call(Hello.SAY_HELLO, Hello.of(text)));
    }

    /** The connection lives: it takes the next call. */
    private void expectAlive(int streamId) throws Exception {
        begin(client, "still");
        server.expect(Frame.request(streamId, Hello.SAY_HELLO, Hello.of("still")));
        server.send(Frame.reply(streamId, Hello.of("ok")));
        assertThat(call.result()).isEqualTo(Hello.of("ok"));
    }

    @Test
    void requestsAreTheCapturedOnes() throws Exception {
        begin(client, "world");
        server.expect(Frame.parse(Vectors.HELLO_WORLD).withId(3));
        server.send(Frame.parse(Vectors.HELLO_WORLD_REPLY).withId(3));
        assertThat(call.result()).isEqualTo(Hello.of("Hello world"));

        Background<Empty> nothing = Background.run(() -> client.call(Hello.NOTHING, Empty.getDefaultInstance()));
        server.expect(Frame.parse(Vectors.EMPTY).withId(5));
        server.send(Frame.parse(Vectors.EMPTY_REPLY).withId(5));
        assertThat(nothing.result()).isEqualTo(Empty.getDefaultInstance());

        Metadata metadata =
                Metadata.of("Trace-ID", "abc").with("trace-id", "def").with("NS", "moby");
        begin(client.withMetadata(metadata), "md");
        server.expect(Frame.parse(Vectors.METADATA).withId(7));
        server.send(Frame.parse(Vectors.NOT_FOUND).withId(7));
        StatusException failure = call.failure();
        assertThat(failure.status()).isEqualTo(Status.NOT_FOUND);
        assertThat(failure.description()).isEqualTo("no such thing");
        assertThat(failure.executed()).isEqualTo(Executed.MAYBE);

        begin(client.withTimeout(Duration.ofSeconds(5)), "dl");
        Frame timed = server.receive();
        long nanos = timeout(timed);
        assertThat(nanos).isBetween(1L, 5_000_000_000L);
        assertThat(timed).isEqualTo(Frame.request(9, Hello.SAY_HELLO, Hello.of("dl"), nanos));
        server.send(Frame.parse(Vectors.DEADLINE_EXCEEDED).withId(9));
        assertThat(call.failure().status()).isEqualTo(Status.DEADLINE_EXCEEDED);

        MethodDescriptor<Empty, Empty> unknown = MethodDescriptor.unary("Not", "Found", Empty.parser(), Empty.parser());
        nothing = Background.run(() -> client.call(unknown, Empty.getDefaultInstance()));
        server.expect(Frame.parse(Vectors.NO_SERVICE).withId(11));
        server.send(Frame.parse(Vectors.NO_SERVICE_REPLY).withId(11));
        failure = nothing.failure();
        assertThat(failure.getMessage()).isEqualTo("UNIMPLEMENTED: service Not");
    }

    private static long timeout(Frame request) throws IOException {
        CodedInputStream body = CodedInputStream.newInstance(request.body());
        for (int tag = body.readTag(); tag != 0; tag = body.readTag()) {
            if (tag == 4 << 3) return body.readInt64();
            body.skipField(tag);
        }
        return 0;
    }

    @Test
    void firstRequestIsTheCapturedOneAndThePromise() throws Exception {
        try (ScriptedPeer.Listening other = ScriptedPeer.listen(directory.resolve("o"));
                Client fresh = Client.connect("unix:" + directory.resolve("o"))) {
            begin(fresh, "world");
            try (ScriptedPeer peer = other.accept()) {
                peer.expect(Frame.parse(Vectors.HELLO_WORLD).withPromise());
                peer.send(Vectors.HELLO_WORLD_REPLY);
                assertThat(call.result()).isEqualTo(Hello.of("Hello world"));
            }
        }
    }

    @Test
    void okOfRustIsASuccess() throws Exception {
        begin(client, "x");
        server.receive();
        server.send(new Frame(3, 2, 0, Frame.coded(to -> {
            to.writeByteArray(1, new byte[0]);
            to.writeByteArray(2, Hello.of("Hello world").toByteArray());
        })));
        assertThat(call.result()).isEqualTo(Hello.of("Hello world"));
    }

    @Test
    void okWithATextIsASuccess() throws Exception {
        begin(client, "x");
        server.receive();
        server.send(new Frame(3, 2, 0, Frame.coded(to -> {
            to.writeByteArray(2, Hello.of("fine").toByteArray());
            to.writeByteArray(1, Frame.coded(status -> status.writeString(2, "all is well")));
        })));
        assertThat(call.result()).isEqualTo(Hello.of("fine"));
    }

    @Test
    void flagsAndUnknownFieldsOfAnAnswerDoNotMatter() throws Exception {
        begin(client, "x");
        server.receive();
        server.send(new Frame(3, 2, 0xff, Frame.coded(to -> {
            to.writeInt64(200, -1);
            to.writeByteArray(2, Hello.of("fine").toByteArray());
            to.writeString(201, "extension");
        })));
        assertThat(call.result()).isEqualTo(Hello.of("fine"));
        expectAlive(5);
    }

    @Test
    void emptyAnswerIsAnEmptyMessage() throws Exception {
        begin(client, "x");
        server.receive();
        server.send(Frame.header(0, 3, 2));
        assertThat(call.result()).isEqualTo(Hello.DEFAULT);
    }

    @Test
    void answerMayComeByteByByte() throws Exception {
        begin(client, "world");
        server.receive();
        for (byte b : Frame.parse(Vectors.HELLO_WORLD_REPLY).withId(3).bytes()) server.send(new byte[] {b});
        assertThat(call.result()).isEqualTo(Hello.of("Hello world"));
    }

    @Test
    void answersToNothingThatWasAskedAreIgnored() throws Exception {
        begin(client, "x");
        server.receive();
        server.send(Frame.join(List.of(
                Frame.reply(1, Hello.of("late")),
                Frame.failure(99, 13, "nobody's"),
                new Frame(98, 3, 0, new byte[10]),
                Frame.reply(3, Hello.of("right")),
                Frame.reply(3, Hello.of("again")))));
        assertThat(call.result()).isEqualTo(Hello.of("right"));
        expectAlive(5);
    }

    @Test
    void frameOfAnotherTypeFailsItsCallAlone() throws Exception {
        int id = 3;
        for (int type : new int[] {3, 1, 0, 0x7f, 0xff}) {
            begin(client, "x");
            server.receive();
            server.send(new Frame(id, type, 0, Hello.of("data").toByteArray()));
            StatusException failure = call.failure();
            assertThat(failure.status()).isEqualTo(Status.INTERNAL);
            assertThat(failure.getMessage())
                    .contains("the server sent a frame of type " + type + ", must be 2 (Response)", "SayHello");
            assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
            id += 2;
        }
        expectAlive(id);
    }

    @Test
    void errorWithAPayloadIsAnError() throws Exception {
        begin(client, "x");
        server.receive();
        server.send(new Frame(3, 2, 0, Frame.coded(to -> {
            to.writeByteArray(1, Frame.coded(status -> {
                status.writeInt32(1, 7);
                status.writeString(2, "no");
            }));
            to.writeByteArray(2, new byte[] {0x0a, 0x7f, 'x'}); // not even a message
        })));
        assertThat(call.failure().getMessage()).isEqualTo("PERMISSION_DENIED: no");
    }

    @Test
    void codeThatNobodyDefinedIsUnknown() throws Exception {
        int id = 3;
        for (int code : new int[] {17, -1, 1 << 30}) {
            begin(client, "x");
            server.receive();
            server.send(Frame.failure(id, code, "strange"));
            assertThat(call.failure().getMessage()).isEqualTo("UNKNOWN: strange");
            id += 2;
        }
    }

    @Test
    void detailsOfAStatusArrive() throws Exception {
        begin(client, "x");
        server.receive();
        server.send(new Frame(
                3,
                2,
                0,
                Frame.coded(to -> to.writeByteArray(1, Frame.coded(status -> {
                    status.writeInt32(1, 9);
                    status.writeString(2, "why");
                    for (String text : List.of("one", "two"))
                        status.writeByteArray(3, Frame.coded(any -> {
                            any.writeString(1, "type.googleapis.com/" + text);
                            any.writeByteArray(2, Hello.of(text).toByteArray());
                        }));
                })))));
        StatusException failure = call.failure();
        assertThat(failure.details())
                .extracting(Detail::typeUrl)
                .containsExactly("type.googleapis.com/one", "type.googleapis.com/two");
        assertThat(failure.details().get(1).unpack(Hello.PARSER)).isEqualTo(Hello.of("two"));
        assertThatThrownBy(
                        () -> new Detail("t", com.google.protobuf.ByteString.copyFromUtf8("\177")).unpack(Hello.PARSER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("status detail t of 1 bytes");
    }

    @Test
    void answerThatCannotBeReadFailsItsCallAlone() throws Exception {
        begin(client, "x");
        server.receive();
        server.send(new Frame(3, 2, 0, new byte[] {0x12, 0x7f}));
        assertThat(call.failure().getMessage())
                .startsWith(
                        "INTERNAL: demo.greeter.v1.Greeter/SayHello: the reply cannot be read: field 2 is cut short");
        begin(client, "x");
        server.receive();
        server.send(new Frame(5, 2, 0, Frame.coded(to -> to.writeByteArray(2, new byte[] {0x0a, 0x7f, 'x'}))));
        assertThat(call.failure().status()).isEqualTo(Status.INTERNAL);
        begin(client, "x");
        server.receive();
        server.send(new Frame(7, 2, 0, Frame.coded(to -> to.writeByteArray(1, new byte[] {0x08}))));
        assertThat(call.failure().status()).isEqualTo(Status.INTERNAL);
        expectAlive(9);
    }

    @Test
    void answerOfFourMebibytesIsTaken() throws Exception {
        begin(client, "x");
        server.receive();
        Hello largest = Hello.ofSize(MAX - 1 - 4);
        Frame reply = Frame.reply(3, largest);
        assertThat(reply.body()).hasSize(MAX);
        server.send(reply);
        assertThat(call.result()).isEqualTo(largest);
        expectAlive(5);
    }

    @Test
    void longerAnswerFailsItsCallAlone() throws Exception {
        int id = 3;
        for (int length : new int[] {MAX + 1, (16 << 20) - 1}) {
            begin(client, "x");
            server.receive();
            int thisId = id;
            Background<ScriptedPeer> sending =
                    Background.run(() -> server.send(new Frame(thisId, 2, 0, new byte[length])));
            StatusException failure = call.failure();
            assertThat(failure.status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
            assertThat(failure.description())
                    .contains("message length " + length + " exceed maximum message size of 4194304", "SayHello");
            assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
            begin(client, "next"); // reads what is left of it first
            sending.result();
            id += 2;
            server.receive();
            server.send(Frame.reply(id, Hello.of("ok")));
            assertThat(call.result()).isEqualTo(Hello.of("ok"));
            id += 2;
        }
    }

    @Test
    void answerThatIsNotTtrpcEndsTheConnection() throws Exception {
        begin(client, "x");
        server.receive();
        server.send("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        StatusException failure = call.failure();
        assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
        assertThat(failure.description()).contains("not ttRPC", "0x48");
        server.expectEnd();
    }

    @Test
    void requestOfFourMebibytesIsSent() throws Exception {
        int envelope =
                Frame.request(1, Hello.SERVICE, "SayHello", new byte[0], 0).body().length + 1 + 4;
        Hello largest = Hello.ofSize(MAX - envelope);
        call = Background.run(() -> client.call(Hello.SAY_HELLO, largest));
        Frame request = server.receive();
        assertThat(request.body()).hasSize(MAX);
        assertThat(request).isEqualTo(Frame.request(3, Hello.SAY_HELLO, largest));
        server.send(Frame.reply(3, Hello.of("ok")));
        call.result();
    }

    @Test
    void longerRequestIsRefusedHere() throws Exception {
        int envelope =
                Frame.request(1, Hello.SERVICE, "SayHello", new byte[0], 0).body().length + 1 + 4;
        for (int length : new int[] {MAX - envelope + 1, 5 << 20}) {
            Hello tooLong = Hello.ofSize(length);
            StatusException failure =
                    catchThrowableOfType(StatusException.class, () -> client.call(Hello.SAY_HELLO, tooLong));
            assertThat(failure.status()).isEqualTo(Status.RESOURCE_EXHAUSTED);
            assertThat(failure.executed()).isEqualTo(Executed.NO);
            assertThat(failure.description())
                    .contains(
                            "request of demo.greeter.v1.Greeter/SayHello",
                            "message length " + (length + envelope) + " exceed maximum message size of 4194304");
        }
        expectAlive(3); // not even the id was used, and nothing was sent
    }
}

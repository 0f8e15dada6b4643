package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Empty;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The captured conversations, by the coders alone: byte for byte out, value for value in. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class VectorsTest {
    private OwnedFd fd;
    private ScriptedPeer peer;
    private FrameWriter writer;
    private FrameReader reader;

    @BeforeEach
    void pair() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        fd = OwnedFd.adopt(pair[0]);
        peer = new ScriptedPeer(OwnedFd.adopt(pair[1]));
        writer = new FrameWriter(fd, () -> {
            throw new IOException("the socket is full");
        });
        reader = new FrameReader(fd, new Spin(Duration.ZERO));
    }

    @AfterEach
    void close() {
        fd.close();
        peer.close();
    }

    @Test
    void requestsAreWritten() throws IOException {
        writer.request(1, 0, Hello.SAY_HELLO, Hello.of("world"), 0, Metadata.empty(), false);
        peer.expect(Vectors.HELLO_WORLD);

        writer.request(1, 0, Hello.NOTHING, Empty.getDefaultInstance(), 0, Metadata.empty(), false);
        peer.expect(Vectors.EMPTY);

        Metadata metadata =
                Metadata.of("trace-id", "abc").with("Trace-Id", "def").with("ns", "moby");
        writer.request(1, 0, Hello.SAY_HELLO, Hello.of("md"), 0, metadata, false);
        peer.expect(Vectors.METADATA);

        writer.request(1, 0, Hello.SAY_HELLO, Hello.of("dl"), Vectors.TIMEOUT_NANOS, Metadata.empty(), false);
        peer.expect(Vectors.TIMEOUT);

        MethodDescriptor<Empty, Empty> unknown = MethodDescriptor.unary("Not", "Found", Empty.parser(), Empty.parser());
        writer.request(1, 0, unknown, Empty.getDefaultInstance(), 0, Metadata.empty(), false);
        peer.expect(Vectors.NO_SERVICE);
    }

    @Test
    void promiseIsFieldOneHundredAfterTheRest() throws IOException {
        writer.request(1, 0, Hello.SAY_HELLO, Hello.of("world"), 0, Metadata.empty(), true);
        peer.expect(Frame.parse(Vectors.HELLO_WORLD).withPromise());
    }

    @Test
    void answersAreWritten() throws IOException {
        writer.reply(1, Hello.of("Hello world"));
        peer.expect(Vectors.HELLO_WORLD_REPLY);

        writer.reply(1, Empty.getDefaultInstance());
        peer.expect(Vectors.EMPTY_REPLY);

        writer.failure(1, Status.DEADLINE_EXCEEDED, "context deadline exceeded", List.of());
        peer.expect(Vectors.DEADLINE_EXCEEDED);

        writer.failure(1, Status.NOT_FOUND, "no such thing", List.of());
        peer.expect(Vectors.NOT_FOUND);

        writer.failure(1, Status.UNIMPLEMENTED, "service Not", List.of());
        peer.expect(Vectors.NO_SERVICE_REPLY);
    }

    @Test
    void requestsAreRead() throws IOException {
        Request request = read(Vectors.HELLO_WORLD);
        assertThat(request.service()).isEqualTo(Hello.SERVICE);
        assertThat(request.method()).isEqualTo("SayHello");
        assertThat(payload(request)).isEqualTo(Hello.of("world"));
        assertThat(request.timeoutNanos).isZero();
        assertThat(request.metadata.isEmpty()).isTrue();
        assertThat(request.oneCallAtATime).isFalse();

        request = read(Vectors.EMPTY);
        assertThat(request.method()).isEqualTo("Nothing");
        assertThat(request.payloadLength).isZero();

        request = read(Vectors.METADATA);
        assertThat(payload(request)).isEqualTo(Hello.of("md"));
        assertThat(request.metadata.entries())
                .containsExactly(
                        new Metadata.Entry("trace-id", "abc"),
                        new Metadata.Entry("trace-id", "def"),
                        new Metadata.Entry("ns", "moby"));

        request = read(Vectors.TIMEOUT);
        assertThat(payload(request)).isEqualTo(Hello.of("dl"));
        assertThat(request.timeoutNanos).isEqualTo(Vectors.TIMEOUT_NANOS);

        request = read(Vectors.NO_SERVICE);
        assertThat(request.service()).isEqualTo("Not");
        assertThat(request.method()).isEqualTo("Found");
    }

    @Test
    void answersAreRead() throws IOException {
        assertThat(answer(Vectors.HELLO_WORLD_REPLY)).isEqualTo(Hello.of("Hello world"));
        assertThat(answer(Vectors.EMPTY_REPLY)).isEqualTo(Hello.DEFAULT);
        assertThat(failure(Vectors.DEADLINE_EXCEEDED)).isEqualTo("DEADLINE_EXCEEDED: context deadline exceeded");
        assertThat(failure(Vectors.NOT_FOUND)).isEqualTo("NOT_FOUND: no such thing");
        assertThat(failure(Vectors.NO_SERVICE_REPLY)).isEqualTo("UNIMPLEMENTED: service Not");
    }

    @Test
    void statusOfRustThatIsOkIsNoFailure() throws IOException {
        assertThat(answer("00000011000000010200" + "0a00" + "120d0a0b48656c6c6f20776f726c64"))
                .isEqualTo(Hello.of("Hello world"));
    }

    @Test
    void fieldsOfARequestComeInAnyOrderAndTheLastOneCounts() throws IOException {
        byte[] body = Frame.coded(to -> {
            to.writeInt64(4, 1);
            to.writeByteArray(3, Hello.of("first").toByteArray());
            to.writeBool(100, true);
            to.writeString(2, "SayHello");
            to.writeByteArray(3, Hello.of("world").toByteArray());
            to.writeInt64(4, 7);
            to.writeString(1, Hello.SERVICE);
        });
        Request request = new Request(128, 8 * 1024);
        request.read(body, body.length);
        assertThat(payload(request, body)).isEqualTo(Hello.of("world"));
        assertThat(request.timeoutNanos).isEqualTo(7);
        assertThat(request.oneCallAtATime).isTrue();
        assertThat(request.isFor(Hello.SERVICE.getBytes(UTF_8), "SayHello".getBytes(UTF_8)))
                .isTrue();
    }

    @Test
    void statusKeepsCodeTextAndDetails() throws IOException {
        List<Detail> details = List.of(
                new Detail("type.googleapis.com/x.Y", Hello.of("because").toByteString()),
                new Detail("", Hello.DEFAULT.toByteString()));
        byte[] bytes = StatusCodec.encode(Status.ABORTED, "an € and a \ud83d\ude00", details);
        StatusException decoded = StatusCodec.decode(CodedInputStream.newInstance(bytes));
        assertThat(decoded.status()).isEqualTo(Status.ABORTED);
        assertThat(decoded.description()).isEqualTo("an € and a \ud83d\ude00");
        assertThat(decoded.details()).isEqualTo(details);
        assertThat(decoded.details().get(0).unpack(Hello.PARSER)).isEqualTo(Hello.of("because"));
        // what gRPC's own google.rpc.Status would write
        assertThat(HexFormat.of()
                        .formatHex(StatusCodec.encode(
                                Status.NOT_FOUND,
                                "x",
                                List.of(new Detail("t", Hello.of("v").toByteString())))))
                .isEqualTo("0805" + "120178" + "1a08" + "0a0174" + "12030a0176");
    }

    @Test
    void statusTextThatIsNoUtf16IsStillSent() throws IOException {
        byte[] bytes = StatusCodec.encode(Status.UNKNOWN, "half a pair: \ud83d", List.of());
        assertThat(StatusCodec.decode(CodedInputStream.newInstance(bytes)).description())
                .isEqualTo("half a pair: ?");
    }

    @Test
    void codesThatNobodyDefinedAreUnknownAndNoSuccess() throws IOException {
        for (int code : new int[] {17, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            byte[] bytes = Frame.coded(to -> to.writeInt32(1, code));
            assertThat(StatusCodec.decode(CodedInputStream.newInstance(bytes)).status())
                    .as("code %d", code)
                    .isEqualTo(Status.UNKNOWN);
        }
        for (Status status : Status.values())
            assertThat(Status.of(status.code())).isEqualTo(status);
    }

    @Test
    void statusTooLongForAFrameLosesItsDetailsAndThenTheRestOfItsText() throws IOException {
        ThreadToRead rest = new ThreadToRead(peer);
        writer = new FrameWriter(fd, () -> fd.poll(io.posixsocket.SocketConstants.POLLOUT, -1));
        Detail big = new Detail("t", Hello.ofSize(5 << 20).toByteString());
        writer.failure(1, Status.ABORTED, "short", List.of(big));
        assertThat(rest.frame()).isEqualTo(Frame.failure(1, Status.ABORTED.code(), "short"));
        rest = new ThreadToRead(peer);
        writer.failure(3, Status.ABORTED, "y".repeat(5 << 20), List.of());
        assertThat(rest.frame()).isEqualTo(Frame.failure(3, Status.ABORTED.code(), "y".repeat(1024)));
    }

    /** Takes one frame while it is written. */
    private static final class ThreadToRead {
        private final java.util.concurrent.FutureTask<Frame> reading;

        ThreadToRead(ScriptedPeer peer) {
            reading = new java.util.concurrent.FutureTask<>(peer::receive);
            new Thread(reading).start();
        }

        Frame frame() throws IOException {
            try {
                return reading.get();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }

    @Test
    void framesAreReadWhereverTheyAreCut() throws IOException {
        byte[] bytes = Frame.join(List.of(
                Frame.parse(Vectors.HELLO_WORLD),
                Frame.parse(Vectors.EMPTY_REPLY).withId(3),
                Frame.parse(Vectors.METADATA).withId(5)));
        for (int cut = 1; cut < bytes.length; cut++) {
            peer.send(java.util.Arrays.copyOfRange(bytes, 0, cut));
            int found = 0;
            while (reader.next() == FrameReader.Result.FRAME) found++;
            peer.send(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
            while (reader.next() == FrameReader.Result.FRAME) found++;
            assertThat(found).as("frames, cut at byte %d", cut).isEqualTo(3);
            assertThat(reader.streamId()).isEqualTo(5);
            assertThat(reader.length()).isEqualTo(0x57);
        }
    }

    @Test
    void framesLargerThanTheWindowAreReadWhole() throws IOException {
        for (int size : new int[] {65_525, 65_526, 65_527, 65_536, 131_062, 1 << 20, Wire.MAX_BODY}) {
            byte[] body = new byte[size];
            new java.util.Random(size).nextBytes(body);
            Frame big = new Frame(7, 2, 0, body);
            byte[] bytes = Frame.join(List.of(Frame.parse(Vectors.EMPTY_REPLY), big, Frame.parse(Vectors.EMPTY_REPLY)));
            Thread sender = new Thread(() -> {
                try {
                    peer.send(bytes);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            sender.start();
            assertThat(reader.await(null)).isEqualTo(FrameReader.Result.FRAME);
            assertThat(reader.length()).isZero();
            assertThat(reader.await(null)).isEqualTo(FrameReader.Result.FRAME);
            assertThat(reader.length()).isEqualTo(size);
            assertThat(java.util.Arrays.equals(reader.body(), 0, size, body, 0, size))
                    .as("body of %d", size)
                    .isTrue();
            assertThat(reader.await(null)).isEqualTo(FrameReader.Result.FRAME);
            assertThat(reader.streamId()).isEqualTo(1);
            reader.release();
        }
    }

    private Request read(String hex) throws IOException {
        peer.send(hex);
        assertThat(reader.next()).isEqualTo(FrameReader.Result.FRAME);
        assertThat(reader.type()).isEqualTo(1);
        assertThat(reader.flags()).isZero();
        assertThat(reader.streamId()).isEqualTo(1);
        Request request = new Request(128, 8 * 1024);
        request.read(reader.body(), reader.length());
        return request;
    }

    private Hello payload(Request request) throws IOException {
        return payload(request, reader.body());
    }

    private static Hello payload(Request request, byte[] body) throws IOException {
        return Hello.PARSER.parseFrom(body, request.payloadAt, request.payloadLength);
    }

    private Hello answer(String hex) throws IOException {
        peer.send(hex);
        assertThat(reader.next()).isEqualTo(FrameReader.Result.FRAME);
        assertThat(reader.type()).isEqualTo(2);
        return Response.decode(new Envelope(), reader.body(), reader.length(), Hello.PARSER);
    }

    private String failure(String hex) {
        return catchThrowableOfType(StatusException.class, () -> answer(hex)).getMessage();
    }
}

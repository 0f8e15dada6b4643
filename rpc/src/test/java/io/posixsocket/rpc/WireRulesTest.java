package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_SEQPACKET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Rules of the wire that belong to no other test; docs/TESTING.md has the list of all. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class WireRulesTest {
    private interface Writing {
        void write(FrameWriter out) throws Exception;
    }

    @TempDir
    Path directory;

    /** A socket that keeps the bounds of writes shows them. */
    @Test
    void eachFrameIsOneWrite() throws Exception {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_SEQPACKET, 0);
        try (OwnedFd near = OwnedFd.adopt(pair[0]);
                OwnedFd far = OwnedFd.adopt(pair[1])) {
            FrameWriter out = new FrameWriter(near, () -> {
                throw new AssertionError("the socket is full");
            });
            NativeBuffer received = NativeBuffer.allocate(65_536);
            for (int size : new int[] {0, 1, 1_000, 16_000}) {
                BytesValue message = BytesValue.of(ByteString.copyFrom(new byte[size]));
                for (Writing writing : List.<Writing>of(
                        w -> w.request(1, 0, Streamer.ECHO_BYTES, message, 1, Metadata.of("k", "v"), true),
                        w -> w.reply(1, message),
                        w -> w.failure(1, Status.ABORTED, "x".repeat(size), List.of()),
                        w -> w.data(1, message, false),
                        w -> w.closeStream(1))) {
                    writing.write(out);
                    int length = far.tryRecv(received, 0, received.capacity());
                    assertThat(length)
                            .as("bytes of one write, and the frame's")
                            .isEqualTo(10 + received.bytes().duplicate().getInt(0));
                    assertThat(far.tryRecv(received, 0, received.capacity())).isEqualTo(OwnedFd.WOULD_BLOCK);
                }
            }
        }
    }

    @Test
    void eachStatusTravelsByItsNumber() throws Exception {
        Path path = directory.resolve("s");
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .service(Hello.service(request -> {
                            throw new StatusException(Status.valueOf(request.text()), "why");
                        }))
                        .start();
                ScriptedPeer peer = ScriptedPeer.connect(path)) {
            int code = 0;
            for (Status status : Stream.of(Status.values()).skip(1).toList()) {
                int id = 2 * ++code - 1;
                peer.send(Frame.request(id, Hello.SAY_HELLO, Hello.of(status.name())));
                peer.expect(Frame.failure(id, code, "why"));
            }
            assertThat(code).isEqualTo(16);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void responseOfAStreamThatIsTooLongIsNotSentAndEndsItsStreamAlone() throws Exception {
        Path path = directory.resolve("s");
        BytesValue tooLong = BytesValue.of(ByteString.copyFrom(new byte[4 << 20])); // and its own tag and length
        MethodDescriptor<BytesValue, BytesValue> method =
                MethodDescriptor.serverStreaming(Streamer.SERVICE, "Much", BytesValue.parser(), BytesValue.parser());
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .service(ServiceDefinition.builder(Streamer.SERVICE)
                                .serverStreaming(method, (request, responses) -> {
                                    responses.accept(request);
                                    responses.accept(tooLong);
                                })
                                .build())
                        .start();
                ScriptedPeer peer = ScriptedPeer.connect(path)) {
            for (int id = 1; id < 9; id += 2) {
                peer.send(Frame.request(id, method, BytesValue.getDefaultInstance())
                        .withFlags(0x01));
                peer.expect(new Frame(id, 3, 0, new byte[0]));
                Frame end = peer.receive();
                assertThat(end.type()).isEqualTo(2);
                assertThat(end.streamId()).isEqualTo(id);
                assertThat(end.contains("message length 4194309 exceed maximum message size of 4194304"))
                        .as(end.toString())
                        .isTrue();
            }
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void dataForAUnaryCallInFlightIsIgnored() throws Exception {
        Path path = directory.resolve("s");
        CountDownLatch go = new CountDownLatch(1);
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .service(Hello.service(request -> {
                            if (request.text().equals("wait")) ServerConcurrencyTest.await(go);
                            return Hello.greet(request);
                        }))
                        .start();
                ScriptedPeer peer = ScriptedPeer.connect(path)) {
            peer.send(Frame.request(1, Hello.SAY_HELLO, Hello.of("wait")))
                    .send(new Frame(1, 3, 0, new byte[] {1, 2, 3}))
                    .send(new Frame(1, 3, 0x05, new byte[0]))
                    .send(Frame.request(3, Hello.SAY_HELLO, Hello.of("x")));
            peer.expect(Frame.reply(3, Hello.of("Hello x"))); // so all before it was read
            go.countDown();
            peer.expect(Frame.reply(1, Hello.of("Hello wait")));
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void streamBothWaysIsOpenedWithoutAPayloadAndClosedByAnEmptyFrame() throws Exception {
        Path path = directory.resolve("s");
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(path);
                Client client = Client.connect("unix:" + path)) {
            Background<Void> call = Background.run(() -> {
                client.callBidiStreaming(Streamer.ECHO, List.of(Streamer.item(1)), reply -> {});
                return null;
            });
            try (ScriptedPeer server = listening.accept()) {
                assertThat(server.receive().withoutPromise())
                        .isEqualTo(Frame.request(1, Streamer.ECHO.service(), Streamer.ECHO.method(), new byte[0], 0)
                                .withFlags(0x06));
                server.expect(new Frame(1, 3, 0, Streamer.item(1).toByteArray()));
                server.expect(new Frame(1, 3, 0x05, new byte[0]));
                assertThat(server.hasNothing())
                        .as("no half close while the answer is due")
                        .isTrue();
                server.send(new Frame(1, 3, 0x05, new byte[0]));
                call.result();
            }
        }
    }
}

package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.POLLOUT;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_SNDBUF;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@ExtendWith(NoLeaks.class)
class FrameWriterTest {
    /** A socket that takes a part of them at a time, and a peer that is slower than the writer. */
    @Test
    void gatheredFramesThatGoInPartsStayInTheWindow() throws Exception {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        try (OwnedFd near = OwnedFd.adopt(pair[0]);
                OwnedFd far = OwnedFd.adopt(pair[1])) {
            near.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096);
            NativeBuffer window = NativeBuffer.allocate(65_536);
            long[] received = {0};
            FrameWriter out = new FrameWriter(near, () -> received[0] += receive(far, window, 65_536));
            BytesValue message = BytesValue.of(ByteString.copyFrom(new byte[1000]));
            for (int i = 0; i < 500; i++) {
                out.data(1, message, true);
                out.tryFlush();
                if (out.gathered() > 12_000) received[0] += receive(far, window, 4_000);
            }
            out.flush();
            assertThat(out.gathered()).isZero();
            received[0] += receive(far, window, 65_536);
            assertThat(received[0]).isEqualTo(500L * (message.getSerializedSize() + Wire.HEADER));
        }
    }

    /** Frames about as long as the window, and as several of them, through a socket that takes a part of them at a time. */
    @ParameterizedTest
    @ValueSource(ints = {0, 16 * 1024, FrameWriter.WINDOW, 2 * FrameWriter.WINDOW, 5 * FrameWriter.WINDOW})
    void longFramesGoWhole(int about) throws Exception {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        try (OwnedFd near = OwnedFd.adopt(pair[0]);
                OwnedFd far = OwnedFd.adopt(pair[1])) {
            near.setsockopt(SOL_SOCKET, SO_SNDBUF, 16_384);
            FrameReader in = new FrameReader(far, new Spin(Spin.DEFAULT));
            FrameWriter out = new FrameWriter(near, () -> near.poll(POLLOUT, -1), new Spin(Spin.DEFAULT));
            int first = Math.max(0, about - 20);
            int last = about + 12;
            Background<Void> writing = Background.run(() -> {
                for (int length = first; length <= last; length++) out.data(length, message(length), false);
                return null;
            });
            for (int length = first; length <= last; length++) {
                assertThat(in.await(null)).isEqualTo(FrameReader.Result.FRAME);
                assertThat(in.streamId()).isEqualTo(length);
                assertThat(BytesValue.parser().parseFrom(in.body(), 0, in.length()))
                        .isEqualTo(message(length));
                if (length % 2 == 0) in.release();
            }
            writing.result();
            in.discard();
        }
    }

    private static BytesValue message(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return BytesValue.of(ByteString.copyFrom(bytes));
    }

    private static long receive(OwnedFd from, NativeBuffer window, int atMost) throws java.io.IOException {
        long sum = 0;
        for (int n = from.tryRecv(window, 0, atMost); n > 0; n = from.tryRecv(window, 0, atMost)) {
            sum += n;
            if (atMost < window.capacity()) break;
        }
        return sum;
    }
}

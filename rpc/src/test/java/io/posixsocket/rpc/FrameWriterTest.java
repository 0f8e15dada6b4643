package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_SNDBUF;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

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

    private static long receive(OwnedFd from, NativeBuffer window, int atMost) throws java.io.IOException {
        long sum = 0;
        for (int n = from.tryRecv(window, 0, atMost); n > 0; n = from.tryRecv(window, 0, atMost)) {
            sum += n;
            if (atMost < window.capacity()) break;
        }
        return sum;
    }
}

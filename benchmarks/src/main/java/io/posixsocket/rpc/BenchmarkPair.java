package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/** Two connected sockets of one thread: what is sent must fit into the kernel's buffer. */
final class BenchmarkPair implements AutoCloseable {
    private static final int WINDOW = 64 * 1024;

    final OwnedFd out;
    final OwnedFd in;
    private final NativeBuffer sink = NativeBuffer.allocate(WINDOW);

    BenchmarkPair() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        out = OwnedFd.adopt(pair[0]);
        in = OwnedFd.adopt(pair[1]);
    }

    /** A writer whose frames the other end takes out. */
    FrameWriter writer() {
        return new FrameWriter(out, () -> {
            throw new IOException("nobody takes the bytes out");
        });
    }

    /** Takes out what is there, by one call, and returns how much that was. */
    int drain() throws IOException {
        return in.tryRecv(sink, 0, WINDOW);
    }

    /** The body of the next frame, alone. */
    byte[] body() throws IOException {
        FrameReader reader = new FrameReader(in, new Spin(Duration.ZERO));
        if (reader.next() != FrameReader.Result.FRAME) throw new IOException("there is no frame");
        return Arrays.copyOf(reader.body(), reader.length());
    }

    @Override
    public void close() {
        out.close();
        in.close();
    }
}

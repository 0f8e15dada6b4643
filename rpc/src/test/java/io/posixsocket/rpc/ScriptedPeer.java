package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.POLLOUT;
import static io.posixsocket.SocketConstants.SHUT_WR;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * The other end of a connection, frame by frame: a client or a server that nobody here wrote. It sends and expects bytes and
 * knows nothing of calls. Every wait ends after 20 s, by a failure.
 */
final class ScriptedPeer implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final OwnedFd fd;
    private final NativeBuffer window = NativeBuffer.allocate(256 * 1024);
    private int start;
    private int end;

    ScriptedPeer(OwnedFd fd) {
        this.fd = fd;
    }

    /** A client. */
    static ScriptedPeer connect(Path path) throws IOException {
        return connect(SockaddrUn.path(path));
    }

    static ScriptedPeer connect(Sockaddr address) throws IOException {
        OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(address.family(), SOCK_STREAM, 0));
        try {
            fd.connect(address, PATIENCE_NANOS);
        } catch (IOException e) {
            fd.close();
            throw e;
        }
        return new ScriptedPeer(fd);
    }

    /** A server's path; each {@link Listening#accept} is one connection of the client under test. */
    static Listening listen(Path path) throws IOException {
        OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
        fd.bind(SockaddrUn.path(path));
        fd.listen(16);
        return new Listening(fd);
    }

    record Listening(OwnedFd fd) implements AutoCloseable {
        ScriptedPeer accept() throws IOException {
            assertThat(fd.poll(POLLIN, PATIENCE_NANOS)).as("a client connects").isNotZero();
            return new ScriptedPeer(fd.accept());
        }

        /** Whether a client has connected that was not accepted yet. */
        boolean hasClient() throws IOException {
            return fd.poll(POLLIN, 0) != 0;
        }

        @Override
        public void close() {
            fd.close();
        }
    }

    OwnedFd fd() {
        return fd;
    }

    ScriptedPeer send(Frame frame) throws IOException {
        return send(frame.bytes());
    }

    ScriptedPeer send(String hex) throws IOException {
        return send(HexFormat.of().parseHex(hex));
    }

    /** In one write, as far as the kernel takes it so. */
    ScriptedPeer send(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            assertThat(fd.poll(POLLOUT, PATIENCE_NANOS))
                    .as("the other side reads")
                    .isNotZero();
            fd.send(left, 0);
        }
        return this;
    }

    /** Whatever the socket takes without anybody reading; the number of bytes. */
    int sendUntilFull(byte[] bytes) throws IOException {
        window.bytes().put(0, bytes, 0, bytes.length);
        int sent = 0;
        while (sent < bytes.length) {
            int n = fd.trySend(window, sent, bytes.length - sent);
            if (n == OwnedFd.WOULD_BLOCK) break;
            sent += n;
        }
        return sent;
    }

    /** The next frame. */
    Frame receive() throws IOException {
        byte[] head = take(10);
        assertThat(head).as("a frame and not the end of the stream").isNotNull();
        ByteBuffer header = ByteBuffer.wrap(head);
        byte[] body = new byte[0];
        int length = header.getInt();
        int streamId = header.getInt();
        if (length > 0) body = take(length);
        assertThat(body).as("the whole body of frame %s", streamId).isNotNull();
        return new Frame(streamId, header.get(), header.get(), body);
    }

    void expect(Frame frame) throws IOException {
        assertThat(receive()).isEqualTo(frame);
    }

    void expect(String hex) throws IOException {
        assertThat(receive().hex()).isEqualTo(hex);
    }

    /** The other side has closed, or half closed; nothing more was in flight. */
    void expectEnd() throws IOException {
        assertThat(start).as("bytes before the end").isEqualTo(end);
        int n;
        try {
            n = more();
        } catch (io.posixsocket.ErrnoException e) { // it closed without having read all that we sent
            assertThat(e.errno()).isEqualTo(io.posixsocket.Errno.ECONNRESET);
            n = 0;
        }
        assertThat(n).as("bytes before the end").isZero();
    }

    /** Nothing has come that was not taken. What the other side did before something that this thread has seen, counts. */
    boolean hasNothing() throws IOException {
        return start == end && fd.poll(POLLIN, 0) == 0;
    }

    private byte[] take(int length) throws IOException {
        byte[] bytes = new byte[length];
        int taken = 0;
        while (taken < length) {
            if (start == end && more() == 0) {
                assertThat(taken).as("bytes of a part that was cut short").isZero();
                return null;
            }
            int n = Math.min(length - taken, end - start);
            window.bytes().get(start, bytes, taken, n);
            start += n;
            taken += n;
        }
        return bytes;
    }

    private int more() throws IOException {
        assertThat(fd.poll(POLLIN, PATIENCE_NANOS)).as("something comes").isNotZero();
        start = 0;
        end = 0;
        int n = fd.tryRecv(window, 0, window.capacity());
        end = Math.max(0, n);
        return n;
    }

    /** No more requests; answers are still awaited. */
    void halfClose() throws IOException {
        fd.shutdown(SHUT_WR);
    }

    @Override
    public void close() {
        fd.close();
    }
}

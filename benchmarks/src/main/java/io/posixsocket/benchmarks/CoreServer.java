package io.posixsocket.benchmarks;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Echoes frames by blocking calls of {@link OwnedFd}, a thread per connection. */
final class CoreServer {
    private CoreServer() {}

    public static void main(String[] args) throws IOException {
        Terms terms = Terms.of(args);
        try (OwnedFd listener = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0))) {
            listener.bind(SockaddrUn.path(terms.path().toString()));
            listener.listen(512);
            Daemons.start("acceptor", () -> accept(listener, terms.size()));
            ServerConsole.attend();
        }
    }

    private static void accept(OwnedFd listener, int size) {
        try {
            while (listener.isOpen()) {
                OwnedFd connection = listener.accept();
                Daemons.start("connection", () -> serve(connection, size));
            }
        } catch (IOException e) {
            if (listener.isOpen()) throw new UncheckedIOException(e);
        }
    }

    private static void serve(OwnedFd connection, int size) {
        NativeBuffer frame = NativeBuffer.allocate(PingPongFrame.size(size));
        try (connection) {
            while (CoreFrames.receive(connection, frame)) CoreFrames.send(connection, frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

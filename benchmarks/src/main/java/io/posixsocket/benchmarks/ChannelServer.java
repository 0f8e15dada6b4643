package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Echoes frames over the JDK's own channels, a thread per connection. */
final class ChannelServer {
    private ChannelServer() {}

    public static void main(String[] args) throws IOException {
        Terms terms = Terms.of(args);
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(terms.path()), 512);
            Daemons.start("acceptor", () -> accept(listener, terms.size()));
            ServerConsole.attend();
        }
    }

    private static void accept(ServerSocketChannel listener, int size) {
        try {
            while (listener.isOpen()) {
                SocketChannel connection = listener.accept();
                Daemons.start("connection", () -> serve(connection, size));
            }
        } catch (IOException e) {
            if (listener.isOpen()) throw new UncheckedIOException(e);
        }
    }

    private static void serve(SocketChannel connection, int size) {
        ByteBuffer frame = ByteBuffer.allocateDirect(PingPongFrame.size(size));
        try (connection) {
            while (ChannelFrames.receive(connection, frame)) ChannelFrames.send(connection, frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

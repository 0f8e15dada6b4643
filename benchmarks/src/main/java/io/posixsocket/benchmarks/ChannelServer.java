package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Echoes frames over the JDK's own channels, a thread per connection. Argument: the path. */
final class ChannelServer {
    private ChannelServer() {}

    public static void main(String[] args) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(args[0]), 512);
            Daemons.start("acceptor", () -> accept(listener));
            ServerConsole.attend();
        }
    }

    private static void accept(ServerSocketChannel listener) {
        try {
            while (listener.isOpen()) {
                SocketChannel connection = listener.accept();
                Daemons.start("connection", () -> serve(connection));
            }
        } catch (IOException e) {
            if (listener.isOpen()) throw new UncheckedIOException(e);
        }
    }

    private static void serve(SocketChannel connection) {
        ByteBuffer frame = ByteBuffer.allocateDirect(PingPongFrame.SIZE);
        try (connection) {
            while (ChannelFrames.receive(connection, frame)) ChannelFrames.send(connection, frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

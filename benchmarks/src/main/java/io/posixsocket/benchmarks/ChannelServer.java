package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** Echoes frames over blocking channels, of whom its option says, a thread per connection. */
final class ChannelServer {
    private ChannelServer() {}

    public static void main(String[] args) throws IOException {
        Terms terms = Terms.of(args);
        try (Channels.Listener listener = Channels.of(terms).listen(terms.path())) {
            Daemons.start("acceptor", () -> accept(listener, terms.size()));
            ServerConsole.attend();
        }
    }

    private static void accept(Channels.Listener listener, int size) {
        try {
            while (listener.isOpen()) {
                ByteChannel connection = listener.accept().accept();
                Daemons.start("connection", () -> serve(connection, size));
            }
        } catch (IOException e) {
            if (listener.isOpen()) throw new UncheckedIOException(e);
        }
    }

    private static void serve(ByteChannel connection, int size) {
        ByteBuffer frame = ByteBuffer.allocateDirect(PingPongFrame.size(size));
        try (connection) {
            while (ChannelFrames.receive(connection, frame)) ChannelFrames.send(connection, frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

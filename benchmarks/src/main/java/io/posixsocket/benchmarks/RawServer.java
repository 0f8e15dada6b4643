package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Echoes frames by jnr-ffi alone, a thread per connection. */
final class RawServer {
    private RawServer() {}

    public static void main(String[] args) throws IOException {
        Terms terms = Terms.of(args);
        RawSocket listener = RawSocket.listening(terms.path()); // until the process ends: a close would not wake accept
        Daemons.start("acceptor", () -> accept(listener, terms.size()));
        ServerConsole.attend();
    }

    private static void accept(RawSocket listener, int size) {
        try {
            for (; ; ) {
                RawSocket connection = listener.accept();
                Daemons.start("connection", () -> serve(connection, size));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(RawSocket connection, int size) {
        RawSocket.Frame frame = new RawSocket.Frame(PingPongFrame.size(size));
        try (connection) {
            while (connection.receive(frame)) connection.send(frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

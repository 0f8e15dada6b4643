package io.posixsocket.benchmarks;

import java.io.EOFException;
import java.io.IOException;

/** Sends frames by jnr-ffi alone. */
final class RawClient implements Caller {
    private final RawSocket socket;
    private final PingPongFrame frame;
    private final RawSocket.Frame request;
    private final RawSocket.Frame reply;

    private RawClient(Terms terms, PingPongFrame frame) throws IOException {
        this.frame = frame;
        this.request = new RawSocket.Frame(frame.size());
        this.reply = new RawSocket.Frame(frame.size());
        this.socket = RawSocket.connected(terms.path());
    }

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        PingPongFrame frame = new PingPongFrame(terms.size());
        ClientConsole.attend(terms, () -> new RawClient(terms, frame));
    }

    @Override
    public void call(int number) throws IOException {
        frame.putRequest(request.bytes(), number);
        socket.send(request);
        if (!socket.receive(reply)) throw new EOFException("the server ended the stream");
    }

    @Override
    public void verify(int number) {
        frame.verifyReply(reply.bytes().clear(), number);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

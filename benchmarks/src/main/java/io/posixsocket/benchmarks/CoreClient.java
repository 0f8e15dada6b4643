package io.posixsocket.benchmarks;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.EOFException;
import java.io.IOException;

/** Sends frames by blocking calls of {@link OwnedFd}. */
final class CoreClient implements Caller {
    private final OwnedFd socket;
    private final PingPongFrame frame;
    private final NativeBuffer request;
    private final NativeBuffer reply;

    private CoreClient(Terms terms, PingPongFrame frame) throws IOException {
        this.frame = frame;
        this.request = NativeBuffer.allocate(frame.size());
        this.reply = NativeBuffer.allocate(frame.size());
        this.socket = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
        socket.connect(SockaddrUn.path(terms.path().toString()));
    }

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        PingPongFrame frame = new PingPongFrame(terms.size());
        ClientConsole.attend(terms, () -> new CoreClient(terms, frame));
    }

    @Override
    public void call(int number) throws IOException {
        frame.putRequest(request.bytes(), number);
        CoreFrames.send(socket, request);
        if (!CoreFrames.receive(socket, reply)) throw new EOFException("the server ended the stream");
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

package io.posixsocket.benchmarks;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Sends frames by blocking calls of {@link OwnedFd}. Arguments: the path, the number of callers. */
final class CoreClient implements Caller {
    private final OwnedFd socket;
    private final NativeBuffer request = NativeBuffer.allocate(PingPongFrame.SIZE);
    private final NativeBuffer reply = NativeBuffer.allocate(PingPongFrame.SIZE);

    private CoreClient(String path) throws IOException {
        socket = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
        socket.connect(SockaddrUn.path(path));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        List<Caller> callers = new ArrayList<>();
        for (int i = Integer.parseInt(args[1]); i > 0; i--) callers.add(new CoreClient(args[0]));
        ClientConsole.attend(callers);
    }

    @Override
    public void call(int number) throws IOException {
        PingPongFrame.putRequest(request.bytes(), number);
        CoreFrames.send(socket, request);
        if (!CoreFrames.receive(socket, reply)) throw new EOFException("the server ended the stream");
    }

    @Override
    public void verify(int number) {
        PingPongFrame.verifyReply(reply.bytes(), number);
    }
}

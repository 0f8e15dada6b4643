package io.posixsocket.examples.origin;

import static io.posixsocket.PosixSocket.close;
import static io.posixsocket.PosixSocket.connect;
import static io.posixsocket.PosixSocket.send;
import static io.posixsocket.PosixSocket.socket;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** The client of {@link OriginServer}, line by line: it sends one UTF-16 text and ends. */
public final class OriginClient {
    private OriginClient() {}

    /**
     * Runs the client.
     *
     * @param args the path of the socket; the original's own if there is none
     */
    public static void main(String[] args) throws IOException {
        Path path = Path.of(args.length > 0 ? args[0] : "/tmp/yo.sock");
        int sockfd = socket(AF_UNIX, SOCK_STREAM, 0);
        connect(sockfd, SockaddrUn.path(path));
        ByteBuffer buffer = ByteBuffer.allocate(100).order(ByteOrder.nativeOrder());
        String string = "HelloWorld!";
        for (int i = 0; i < string.length(); i++) buffer.putChar(string.charAt(i));
        send(sockfd, buffer.flip(), 0);
        close(sockfd);
    }
}

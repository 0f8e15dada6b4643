package io.posixsocket.examples.origin;

import static io.posixsocket.PosixSocket.accept;
import static io.posixsocket.PosixSocket.bind;
import static io.posixsocket.PosixSocket.close;
import static io.posixsocket.PosixSocket.getpeername;
import static io.posixsocket.PosixSocket.listen;
import static io.posixsocket.PosixSocket.recv;
import static io.posixsocket.PosixSocket.socket;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The server of the example in the README of the npm module posix-socket, line by line: it accepts one connection, prints
 * the UTF-16 text that comes first, and ends. Start it before {@link OriginClient}.
 */
public final class OriginServer {
    private OriginServer() {}

    /**
     * Runs the server.
     *
     * @param args the path of the socket; the original's own if there is none
     */
    public static void main(String[] args) throws IOException {
        Path path = Path.of(args.length > 0 ? args[0] : "/tmp/yo.sock");
        int sockfd = socket(AF_UNIX, SOCK_STREAM, 0);
        bind(sockfd, SockaddrUn.path(path));
        listen(sockfd, 1);
        int sockfd1 = accept(sockfd);
        System.out.println("connection accepted from " + getpeername(sockfd1)); // no name: clients do not bind
        ByteBuffer buffer = ByteBuffer.allocate(100).order(ByteOrder.nativeOrder()); // as a Uint16Array is
        recv(sockfd1, buffer, 0);
        System.out.println("got: <" + buffer.flip().asCharBuffer() + ">");
        close(sockfd1);
        close(sockfd);
        Files.delete(path);
    }
}

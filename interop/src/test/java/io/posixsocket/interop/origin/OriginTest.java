package io.posixsocket.interop.origin;

import static io.posixsocket.PosixSocket.accept;
import static io.posixsocket.PosixSocket.bind;
import static io.posixsocket.PosixSocket.close;
import static io.posixsocket.PosixSocket.connect;
import static io.posixsocket.PosixSocket.getsockname;
import static io.posixsocket.PosixSocket.listen;
import static io.posixsocket.PosixSocket.recv;
import static io.posixsocket.PosixSocket.send;
import static io.posixsocket.PosixSocket.socket;
import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_WAITALL;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrIn;
import io.posixsocket.SockaddrUn;
import io.posixsocket.interop.BuiltPeers;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the module's README between its process and this one, with our lines for its lines. */
class OriginTest {
    private static final String STRING = "HelloWorld!";

    @TempDir
    private Path directory;

    private Process node;

    private BufferedReader node(String script, String argument) throws Exception {
        Path built = BuiltPeers.directory().resolve("node");
        String path = BuiltPeers.BASE
                .resolve("interop/src/test/peers/node")
                .resolve(script)
                .toString();
        ProcessBuilder builder = new ProcessBuilder(built.resolve("node").toString(), path, argument);
        builder.environment().put("NODE_PATH", built.resolve("node_modules").toString());
        node = builder.redirectErrorStream(true).start();
        return node.inputReader();
    }

    @AfterEach
    void endNode() {
        if (node != null) node.destroyForcibly();
    }

    private void assertThatNodeEndsWell() throws InterruptedException {
        assertThat(node.waitFor(60, TimeUnit.SECONDS)).as("node ends").isTrue();
        assertThat(node.exitValue()).isZero();
    }

    @Test
    void theirClientIsHeardOverAUnixSocket() throws Exception {
        Path path = directory.resolve("yo.sock");
        hear(AF_UNIX, SockaddrUn.path(path));
    }

    @Test
    void theirClientIsHeardOverTheLoopback() throws Exception {
        hear(AF_INET, Sockaddr.parse("ipv4:127.0.0.1:0"));
    }

    private void hear(int domain, Sockaddr address) throws Exception {
        int sockfd = socket(domain, SOCK_STREAM, 0);
        try {
            bind(sockfd, address);
            listen(sockfd, 1);
            Sockaddr bound = getsockname(sockfd);
            BufferedReader said = node(
                    "client.js",
                    bound instanceof SockaddrIn in
                            ? Integer.toString(in.port())
                            : ((SockaddrUn) bound).path().toString());
            int sockfd1 = accept(sockfd);
            ByteBuffer buffer = ByteBuffer.allocate(100).order(ByteOrder.nativeOrder()); // as a Uint16Array is
            assertThat(recv(sockfd1, buffer, MSG_WAITALL)).isEqualTo(2 * STRING.length());
            assertThat(buffer.flip().asCharBuffer().toString()).isEqualTo(STRING);
            close(sockfd1);
            assertThat(said.readLine()).isNull();
            assertThatNodeEndsWell();
        } finally {
            close(sockfd);
        }
    }

    @Test
    void theirServerHearsOverAUnixSocket() throws Exception {
        Path path = directory.resolve("yo.sock");
        try (BufferedReader said = node("server.js", path.toString())) {
            assertThat(said.readLine()).isEqualTo("listens at " + path);
            speak(AF_UNIX, SockaddrUn.path(path), said);
        }
    }

    @Test
    void theirServerHearsOverTheLoopback() throws Exception {
        try (BufferedReader said = node("server.js", "inet")) {
            String line = said.readLine();
            assertThat(line).matches("listens at [0-9]+");
            speak(AF_INET, Sockaddr.parse("ipv4:127.0.0.1:" + line.substring("listens at ".length())), said);
        }
    }

    private void speak(int domain, Sockaddr address, BufferedReader said) throws IOException, InterruptedException {
        int sockfd = socket(domain, SOCK_STREAM, 0);
        try {
            connect(sockfd, address);
            ByteBuffer buffer = ByteBuffer.allocate(100).order(ByteOrder.nativeOrder());
            for (int i = 0; i < STRING.length(); i++) buffer.putChar(STRING.charAt(i));
            assertThat(send(sockfd, buffer.flip(), 0)).isEqualTo(2 * STRING.length());
        } finally {
            close(sockfd);
        }
        assertThat(said.readLine()).isEqualTo("got: <" + STRING + ">");
        assertThatNodeEndsWell();
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_WAITALL;
import static io.posixsocket.SocketConstants.SHUT_WR;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The other end is somebody else's code. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class ForeignPeerTest {
    @TempDir
    private Path dir;

    private Path path() {
        return dir.resolve("s");
    }

    private OwnedFd listener() throws IOException {
        OwnedFd listener = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
        listener.bind(SockaddrUn.path(path()));
        listener.listen(1);
        return listener;
    }

    private OwnedFd connected() throws IOException {
        OwnedFd client = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
        client.connect(SockaddrUn.path(path()));
        return client;
    }

    @Test
    void aClientOfJnrUnixsocketTalksToOurListener() throws Exception {
        try (OwnedFd listener = listener();
                UnixSocketChannel theirs = UnixSocketChannel.open(new UnixSocketAddress(path().toFile()));
                OwnedFd ours = listener.accept()) {
            exchange(ours, theirs);
        }
    }

    @Test
    void ourClientTalksToAListenerOfJnrUnixsocket() throws Exception {
        try (UnixServerSocketChannel listener = UnixServerSocketChannel.open()) {
            listener.configureBlocking(true);
            listener.socket().bind(new UnixSocketAddress(path().toFile()));
            try (OwnedFd ours = connected();
                    UnixSocketChannel theirs = listener.accept()) {
                exchange(ours, theirs);
                assertThat(theirs.getLocalSocketAddress().path())
                        .isEqualTo(((SockaddrUn) ours.getpeername()).path().toString());
            }
        }
    }

    @Test
    void aClientOfTheJdkTalksToOurListener() throws Exception {
        try (OwnedFd listener = listener();
                SocketChannel theirs = SocketChannel.open(UnixDomainSocketAddress.of(path()));
                OwnedFd ours = listener.accept()) {
            exchange(ours, theirs);
        }
    }

    @Test
    void ourClientTalksToAListenerOfTheJdk() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path()));
            try (OwnedFd ours = connected();
                    SocketChannel theirs = listener.accept()) {
                exchange(ours, theirs);
            }
        }
    }

    private static void exchange(OwnedFd ours, ByteChannel theirs) throws IOException {
        assertThat(theirs.write(ByteBuffer.wrap(Fds.array(1, 2, 3)))).isEqualTo(3);
        ByteBuffer in = ByteBuffer.allocate(3);
        assertThat(ours.recv(in, MSG_WAITALL)).isEqualTo(3);
        assertThat(in.flip()).isEqualTo(ByteBuffer.wrap(Fds.array(1, 2, 3)));

        assertThat(ours.send(Fds.direct(4, 5), 0)).isEqualTo(2);
        ours.shutdown(SHUT_WR);
        ByteBuffer answer = ByteBuffer.allocate(10);
        int n;
        do n = theirs.read(answer);
        while (n > 0);
        assertThat(n).as("end of the stream").isEqualTo(-1);
        assertThat(answer.flip()).isEqualTo(ByteBuffer.wrap(Fds.array(4, 5)));
    }
}

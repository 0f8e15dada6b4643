package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class NioBridgeTest {
    @Test
    void theChannelOwnsTheDescriptorAndCanBeSelected() throws Exception {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        OwnedFd given = OwnedFd.adopt(pair[0]);
        try (OwnedFd peer = OwnedFd.adopt(pair[1])) {
            try (SocketChannel channel = NioBridge.socketChannel(given)) {
                assertThat(given.isOpen()).isFalse();
                exchange(channel, peer);
            }
            assertThat(peer.recv(ByteBuffer.allocate(9), 0)).isZero();
        }
        assertThat(Descriptors.isOpen(pair[0])).isFalse();
    }

    private static void exchange(SocketChannel channel, OwnedFd peer) throws IOException {
        channel.configureBlocking(false);
        try (Selector selector = channel.provider().openSelector()) {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            assertThat(selector.selectNow()).isZero();
            peer.send(Fds.direct(1, 2), 0);
            assertThat(selector.select(10_000)).isEqualTo(1);
            assertThat(key.isReadable()).isTrue();
            assertThat(channel.read(ByteBuffer.allocate(9))).isEqualTo(2);
            channel.write(Fds.direct(3));
            assertThat(peer.recv(ByteBuffer.allocate(9), 0)).isEqualTo(1);
        }
    }

    @Test
    void whatItCannotTakeStaysWithItsOwner() throws Exception {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_DGRAM, 0);
        try (OwnedFd datagrams = OwnedFd.adopt(pair[0]);
                OwnedFd other = OwnedFd.adopt(pair[1]);
                OwnedFd unconnected = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NioBridge.socketChannel(datagrams))
                    .withMessage(datagrams + " is no Unix stream socket, jnr-unixsocket knows no other");
            assertThat(catchThrowableOfType(ErrnoException.class, () -> NioBridge.socketChannel(unconnected))
                            .errno())
                    .isEqualTo(Errno.ENOTCONN);
            assertThat(datagrams.isOpen() && unconnected.isOpen() && other.isOpen())
                    .isTrue();
        }
    }

    @Test
    void withoutJnrUnixsocketItNamesWhatIsMissing() throws Exception {
        List<URL> others = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!entry.contains("jnr-unixsocket"))
                others.add(Path.of(entry).toUri().toURL());
        }
        try (URLClassLoader loader =
                new URLClassLoader(others.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> bridge = loader.loadClass(NioBridge.class.getName());
            Method method = bridge.getMethod("socketChannel", loader.loadClass(OwnedFd.class.getName()));
            assertThatThrownBy(() -> method.invoke(null, new Object[] {null}))
                    .cause()
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("a channel of java.nio needs com.github.jnr:jnr-unixsocket on the class path");
        }
    }
}

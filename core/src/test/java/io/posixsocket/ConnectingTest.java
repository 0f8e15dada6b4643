package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.NOT_DEFINED;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_NONBLOCK;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What connect leaves behind, and what it refuses. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class ConnectingTest {
    @TempDir
    Path directory;

    private static OwnedFd socket(int domain, int type) throws ErrnoException {
        return OwnedFd.adopt(PosixSocket.socket(domain, type, 0));
    }

    @Test
    void threadsThatConnectOneSocketLeaveItsSendTimeoutAsItWas() throws Exception {
        try (OwnedFd listener = socket(AF_INET, SOCK_STREAM);
                OwnedFd one = socket(AF_INET, SOCK_STREAM)) {
            listener.bind(Sockaddr.parse("ipv4:127.0.0.1:0"));
            listener.listen(16);
            Sockaddr address = listener.getsockname();
            for (int round = 0; round < 50; round++) {
                List<FutureTask<ErrnoException>> tasks = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    tasks.add(
                            new FutureTask<>( // EISCONN for most
                                    () -> catchThrowableOfType(ErrnoException.class, () -> one.connect(address))));
                }
                tasks.forEach(task -> new Thread(task).start());
                for (FutureTask<ErrnoException> task : tasks) task.get();
                assertThat(one.getsockopt(SockOpt.SO_SNDTIMEO)).isEqualTo(Duration.ZERO);
            }
        }
    }

    /** A datagram socket never waits to be connected: who sends on it meanwhile sees no send timeout. */
    @Test
    void connectingADatagramSocketDoesNotTouchItsSendTimeout() throws Exception {
        try (OwnedFd receiver = socket(AF_INET, SOCK_DGRAM);
                OwnedFd sender = socket(AF_INET, SOCK_DGRAM)) {
            receiver.bind(Sockaddr.parse("ipv4:127.0.0.1:0"));
            sender.setsockopt(SockOpt.SO_SNDTIMEO, Duration.ofSeconds(7));
            sender.connect(receiver.getsockname());
            assertThat(sender.getsockopt(SockOpt.SO_SNDTIMEO)).isEqualTo(Duration.ofSeconds(7));
            sender.send(ByteBuffer.wrap(new byte[] {1}), 0);
            assertThat(receiver.recv(ByteBuffer.allocate(4), 0)).isEqualTo(1);
        }
    }

    @Test
    void aFullBacklogIsEagainForANonBlockingSocket() throws Exception {
        SockaddrUn address = SockaddrUn.path(directory.resolve("s"));
        List<OwnedFd> clients = new ArrayList<>();
        try (OwnedFd listener = socket(AF_UNIX, SOCK_STREAM)) {
            listener.bind(address);
            listener.listen(0);
            ErrnoException full = null;
            while (full == null) {
                clients.add(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK));
                full = catchThrowableOfType(
                        ErrnoException.class,
                        () -> clients.get(clients.size() - 1).connect(address));
            }
            assertThat(full.errno()).isEqualTo(Errno.EAGAIN);
        } finally {
            clients.forEach(OwnedFd::close);
        }
    }

    @Test
    void anInterruptedThreadDoesNotConnect() throws Exception {
        SockaddrUn address = SockaddrUn.path(directory.resolve("s"));
        try (OwnedFd listener = socket(AF_UNIX, SOCK_STREAM);
                OwnedFd client = OwnedFd.adoptInterruptible(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0))) {
            listener.bind(address);
            listener.listen(1);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> client.connect(address)).isInstanceOf(ClosedByInterruptException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(listener.poll(SocketConstants.POLLIN, 0)).isZero();
        }
    }

    @Test
    void theErrorIsConnects() throws Exception {
        int[] pipe = PosixIo.pipe2(0);
        try (OwnedFd near = OwnedFd.adopt(pipe[0]);
                OwnedFd far = OwnedFd.adopt(pipe[1])) {
            assertThatThrownBy(() -> near.connect(SockaddrUn.path(directory.resolve("s"))))
                    .hasMessageStartingWith("connect(")
                    .hasMessageContaining("ENOTSOCK");
            assertThatThrownBy(() -> near.poll(NOT_DEFINED, 0)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> far.read(ByteBuffer.allocate(1))).hasMessageContaining("EBADF");
            assertThatThrownBy(() -> near.write(ByteBuffer.wrap(new byte[] {1})))
                    .hasMessageContaining("EBADF");
            assertThat(near.read(ByteBuffer.allocate(0))).isZero();
        }
    }
}

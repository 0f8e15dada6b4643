package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.F_GETFL;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixIo;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Connects that do not block, here of platform threads: nothing in them is special to virtual ones. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ParkedConnectTest {
    @TempDir
    Path directory;

    private static OwnedFd socket(int family) throws IOException {
        return OwnedFd.adoptInterruptible(PosixSocket.socket(family, SOCK_STREAM, 0));
    }

    private static int flags(OwnedFd fd) throws IOException {
        return fd.lend(n -> PosixIo.fcntl(n, F_GETFL, 0));
    }

    private static void expectConnectedAndBlocking(Sockaddr address) throws IOException {
        try (OwnedFd fd = socket(address.family())) {
            int before = flags(fd);
            ParkedConnect.connect(fd, address, null);
            assertThat(fd.getpeername()).isEqualTo(address);
            assertThat(flags(fd))
                    .as("flags: a platform thread may block in it next")
                    .isEqualTo(before);
        }
    }

    @Test
    void aConnectedSocketBlocksAgain() throws IOException {
        SockaddrUn path = SockaddrUn.path(directory.resolve("s"));
        try (OwnedFd unix = socket(AF_UNIX);
                OwnedFd tcp = socket(AF_INET)) {
            unix.bind(path);
            unix.listen(4);
            tcp.bind(Sockaddr.parse("ipv4:127.0.0.1:0"));
            tcp.listen(4);
            expectConnectedAndBlocking(path);
            expectConnectedAndBlocking(tcp.getsockname());
        }
    }

    @Test
    void refusalsHaveTheirErrno() throws IOException {
        Sockaddr nobody;
        try (OwnedFd tcp = socket(AF_INET)) {
            tcp.bind(Sockaddr.parse("ipv4:127.0.0.1:0"));
            nobody = tcp.getsockname();
        }
        expectErrno(nobody, Errno.ECONNREFUSED);
        expectErrno(SockaddrUn.path(directory.resolve("nobody")), Errno.ENOENT);
    }

    private static void expectErrno(Sockaddr address, Errno errno) throws IOException {
        try (OwnedFd fd = socket(address.family())) {
            assertThatThrownBy(() -> ParkedConnect.connect(fd, address, null))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                    .hasMessageStartingWith("connect(" + address + ")");
        }
    }

    @Test
    void aFullBacklogIsWaitedForUntilTheDeadlineOrAnInterrupt() throws Exception {
        SockaddrUn path = SockaddrUn.path(directory.resolve("s"));
        try (OwnedFd full = socket(AF_UNIX);
                OwnedFd queued = socket(AF_UNIX);
                OwnedFd late = socket(AF_UNIX);
                OwnedFd interrupted = socket(AF_UNIX)) {
            full.bind(path);
            full.listen(0);
            queued.connect(path);
            Deadline soon = Deadline.after(Duration.ofMillis(20));
            assertThatThrownBy(() -> ParkedConnect.connect(late, path, soon)).isInstanceOf(DeadlineException.class);
            Background<Boolean> waiting = Background.run(() -> {
                ParkedConnect.connect(interrupted, path, null);
                return true;
            });
            waiting.thread().interrupt();
            assertThatThrownBy(waiting::result).isInstanceOf(ClosedByInterruptException.class);
            assertThat(interrupted.isOpen()).isFalse();
        }
    }
}

package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixFile;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import io.posixsocket.SocketConstants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Who gets a socket's path, and what becomes of it. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class SocketFileTest {
    @TempDir
    Path directory;

    private Path path;
    private Path lock;

    @BeforeEach
    void path() {
        path = directory.resolve("s");
        lock = directory.resolve("s.lock");
    }

    private Server start() throws IOException {
        return start(path);
    }

    private static Server start(Path path) throws IOException {
        return Server.builder()
                .listen(SockaddrUn.path(path))
                .service(Hello.service())
                .start();
    }

    private ErrnoException refused() {
        ErrnoException refused = catchThrowableOfType(ErrnoException.class, () -> start().close());
        assertThat(refused).isNotNull();
        assertThat(refused.getMessage()).startsWith("bind(unix:" + path + "): " + refused.errno());
        return refused;
    }

    private void expectServed() throws IOException {
        try (Client client = Client.connect("unix:" + path)) {
            assertThat(client.call(Hello.SAY_HELLO, Hello.of("x"))).isEqualTo(Hello.of("Hello x"));
        }
    }

    @Test
    void pathIsItsOwnersFromTheFirstMoment() throws Exception {
        CountDownLatch watching = new CountDownLatch(1);
        // looks all the time while the path comes and goes
        Background<List<String>> watcher = Background.run(() -> {
            List<String> seen = new ArrayList<>();
            while (!Files.exists(directory.resolve("stop"))) {
                watching.countDown();
                try {
                    String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
                    if (!seen.contains(mode)) seen.add(mode);
                } catch (IOException e) {
                    // not there at the moment
                }
            }
            return seen;
        });
        watching.await();
        for (int i = 0; i < 50; i++) {
            try (Server server = start()) {
                assertThat(server.addresses()).containsExactly(SockaddrUn.path(path));
                assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
                assertThat(Files.getPosixFilePermissions(lock)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
            }
        }
        Files.createFile(directory.resolve("stop"));
        assertThat(watcher.result()).isSubsetOf("rw-------");
    }

    @Test
    void pathHasTheModeThatWasAskedForWhateverTheUmaskIs() throws IOException {
        for (int mode : new int[] {0666, 0660, 0600}) {
            try (Server server = Server.builder()
                    .listen(SockaddrUn.path(path))
                    .pathMode(mode)
                    .service(Hello.service())
                    .start()) {
                assertThat(PosixFile.lstat(path.toString()).permissions()).isEqualTo(mode);
                assertThat(server.isDraining()).isFalse();
            }
        }
        assertThatThrownBy(() -> Server.builder().pathMode(0777))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pathMode is 0777");
    }

    @Test
    void pathAndLockAreGoneAfterClose() throws IOException {
        Server server = start();
        assertThat(path).exists();
        assertThat(lock).exists();
        server.close();
        assertThat(path).doesNotExist();
        assertThat(lock).doesNotExist();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void secondServerIsRefusedAndToldWhoHasThePath() throws IOException {
        try (Server server = start()) {
            ErrnoException refused = refused();
            assertThat(refused.errno()).isEqualTo(Errno.EADDRINUSE);
            assertThat(refused.getMessage())
                    .contains("pid " + ProcessHandle.current().pid());
            expectServed();
            assertThat(lock).exists();
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void serverOfSomebodyElseIsNotTakenOver() throws IOException {
        try (ScriptedPeer.Listening foreign = ScriptedPeer.listen(path)) {
            ErrnoException refused = refused();
            assertThat(refused.errno()).isEqualTo(Errno.EADDRINUSE);
            assertThat(refused.getMessage())
                    .contains("held by pid " + ProcessHandle.current().pid());
            assertThat(path).exists();
            assertThat(lock).doesNotExist();
            assertThat(foreign.hasClient()).as("was asked").isTrue();
        }
    }

    @Test
    void stalePathIsTakenOver() throws IOException {
        ScriptedPeer.listen(path).close(); // as a crash leaves it
        Files.createFile(lock);
        assertThat(path).exists();
        try (Server server = start()) {
            expectServed();
            assertThat(server.isDraining()).isFalse();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void fileThatIsNoSocketIsLeftAlone() throws IOException {
        Files.writeString(path, "precious");
        ErrnoException refused = refused();
        assertThat(refused.errno()).isEqualTo(Errno.EADDRINUSE);
        assertThat(refused.getMessage()).endsWith("the path is there and is no socket");
        assertThat(path).hasContent("precious");
        Files.delete(path);
        Files.createSymbolicLink(path, directory.resolve("elsewhere"));
        assertThat(refused().errno()).isEqualTo(Errno.EADDRINUSE);
        assertThat(Files.isSymbolicLink(path)).isTrue();
        assertThat(lock).doesNotExist();
    }

    @Test
    void lockThatIsALinkIsNotFollowed() throws IOException {
        Path elsewhere = directory.resolve("elsewhere");
        Files.createSymbolicLink(lock, elsewhere);
        ErrnoException refused = catchThrowableOfType(ErrnoException.class, () -> start().close());
        assertThat(refused.errno()).isEqualTo(Errno.ELOOP);
        assertThat(refused.getMessage()).contains(lock.toString());
        assertThat(elsewhere).doesNotExist();
    }

    @Test
    void pathThatSomebodyElseHasReplacedIsNotRemoved() throws IOException {
        Server server = start();
        Files.delete(path);
        try (ScriptedPeer.Listening other = ScriptedPeer.listen(path)) {
            server.close();
            assertThat(path).exists();
            assertThat(other.hasClient()).isFalse();
        }
    }

    @Test
    void pathThatIsGoneAlreadyIsNoFailure() throws IOException {
        Server server = start();
        Files.delete(path);
        Files.delete(lock);
        server.close();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void directoryThatOthersMayWriteToIsRefused() throws IOException {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        for (Path inside : List.of(
                open.resolve("s"), Files.createDirectory(open.resolve("deeper")).resolve("s"))) {
            path = inside;
            ErrnoException refused = refused();
            assertThat(refused.errno()).isEqualTo(Errno.EPERM);
            assertThat(refused.getMessage()).contains(open.toRealPath().toString(), "mode 0777", "chmod o-w, or +t");
        }
        assertThat(open)
                .isDirectoryNotContaining(
                        p -> p.toString().endsWith("s") || p.toString().endsWith("lock"));
        sticky(open);
        start().close();
    }

    private static void sticky(Path directory) throws IOException {
        int fd = PosixFile.open(directory.toString(), 0, 0);
        try (OwnedFd owned = OwnedFd.adopt(fd)) {
            owned.lend(n -> {
                PosixFile.fchmod(n, 01777);
                return null;
            });
        }
        assertThat(Files.getPosixFilePermissions(directory)).contains(PosixFilePermission.OTHERS_WRITE);
    }

    @Test
    void missingDirectoryIsNamed() {
        path = directory.resolve("no/such/s");
        ErrnoException refused = refused();
        assertThat(refused.errno()).isEqualTo(Errno.ENOENT);
        assertThat(refused.getMessage()).endsWith(directory.resolve("no/such") + ", the directory, is missing");
    }

    @Test
    void directoryThatIsAFileIsNamed() throws IOException {
        path = Files.createFile(directory.resolve("file")).resolve("s");
        ErrnoException refused = refused();
        assertThat(refused.errno()).isEqualTo(Errno.ENOTDIR);
        assertThat(refused.getMessage()).endsWith(directory.resolve("file") + " is no directory");
    }

    @Test
    void longestPathIsServedAndALongerOneRefused() throws IOException {
        String longest = directory + "/" + "x".repeat(107 - directory.toString().length() - 1);
        path = Path.of(longest);
        try (Server server = start()) {
            expectServed();
            assertThat(server.isDraining()).isFalse();
        }
        for (String address : List.of("unix:" + longest + "x")) {
            assertThatThrownBy(() -> Server.builder().listen(address))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("socket path is 108 bytes, Linux allows 107: " + longest);
            assertThatThrownBy(() -> Client.connect(address))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("socket path is 108 bytes, Linux allows 107: " + longest);
        }
    }

    @Test
    void pathWithANulIsRefused() {
        String address = "unix:" + directory + "/a\0b";
        int at = (directory + "/a").length();
        for (String message : List.of("socket path has a NUL at byte " + at)) {
            assertThatThrownBy(() -> Server.builder().listen(address))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
            assertThatThrownBy(() -> Client.connect(address))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void lockThatIsHeldIsRefusedAndNotRemoved() throws IOException {
        try (OwnedFd held =
                OwnedFd.adopt(PosixFile.open(lock.toString(), PosixFile.O_RDWR | PosixFile.O_CREAT, 0600))) {
            held.lend(fd -> {
                PosixFile.flock(fd, PosixFile.LOCK_EX);
                return null;
            });
            ErrnoException refused = refused();
            assertThat(refused.errno()).isEqualTo(Errno.EADDRINUSE);
            assertThat(refused.getMessage()).contains(lock + " is locked by ").doesNotContain("null");
            assertThat(lock).exists();
            assertThat(path).doesNotExist();
        }
        start().close();
    }

    @Test
    void oneOfManyThreadsGetsThePathAndTheLastOneLeavesNothing() throws Exception {
        int threads = 4;
        for (int round = 0; round < 25; round++) {
            CyclicBarrier together = new CyclicBarrier(threads);
            CountDownLatch decided = new CountDownLatch(threads);
            List<Background<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++)
                all.add(Background.run(() -> {
                    together.await();
                    try (Server server = start()) {
                        decided.countDown();
                        decided.await(); // nobody else may have it until all have tried
                        expectServed();
                        return !server.isDraining();
                    } catch (ErrnoException e) {
                        decided.countDown();
                        assertThat(e.errno()).as(e.getMessage()).isEqualTo(Errno.EADDRINUSE);
                        return false;
                    }
                }));
            int winners = 0;
            for (Background<Boolean> one : all) if (one.result()) winners++;
            assertThat(winners).isEqualTo(1);
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void handingOverFromThreadToThreadNeverHasTwoServersOrAStaleLock() throws Exception {
        int threads = 4;
        java.util.concurrent.atomic.AtomicInteger serving = new java.util.concurrent.atomic.AtomicInteger();
        List<Background<Integer>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++)
            all.add(Background.run(() -> {
                int served = 0;
                while (served < 300) {
                    try (OwnedFd fd = OwnedFd.adopt(
                            PosixSocket.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM, 0))) {
                        SocketFile file = SocketFile.bind(fd, SockaddrUn.path(path), SocketFile.DEFAULT_MODE);
                        assertThat(serving.incrementAndGet()).isOne();
                        long end = System.nanoTime() + 50_000;
                        while (System.nanoTime() < end) Thread.onSpinWait();
                        assertThat(path).exists();
                        assertThat(serving.getAndDecrement()).isOne();
                        file.release();
                        served++;
                    } catch (ErrnoException e) {
                        assertThat(e.errno()).as(e.getMessage()).isEqualTo(Errno.EADDRINUSE);
                    }
                }
                return served;
            }));
        for (Background<Integer> one : all) assertThat(one.result()).isEqualTo(300);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void secondAddressThatFailsGivesTheFirstOneBack() throws IOException {
        Path other = directory.resolve("missing/s");
        assertThatThrownBy(() -> Server.builder()
                        .listen(SockaddrUn.path(path))
                        .listen(SockaddrUn.path(other))
                        .service(Hello.service())
                        .start())
                .isInstanceOf(ErrnoException.class);
        assertThat(directory).isEmptyDirectory();
        start().close();
    }
}

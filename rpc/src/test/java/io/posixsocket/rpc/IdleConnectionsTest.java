package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_WAITALL;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Many connections on which nothing happens, each after a call. docs/TESTING.md has the long form. */
@Timeout(300)
@ExtendWith(NoLeaks.class)
class IdleConnectionsTest {
    private static final int CONNECTIONS = Integer.getInteger("posixsocket.idle.connections", 2000);
    private static final int WARM_UP = 300;
    private static final int MAX_BYTES = 16 * 1024;
    /** The whole heap is resident from the start, so what grows is its use, and what is outside of it. */
    private static final List<String> FIXED_HEAP =
            List.of("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch");

    @TempDir
    Path directory;

    private final List<OwnedFd> fds = new ArrayList<>();
    private final ByteBuffer reply =
            ByteBuffer.allocateDirect(Frame.reply(1, Hello.of("Hello x")).bytes().length);

    private static final byte[] NEXT =
            Frame.request(3, Hello.SAY_HELLO, Hello.of("x")).bytes();

    /** How much of the next request has come: on every third connection a part. */
    private static int begun(int connection) {
        return connection % 3 == 2 ? NEXT.length / 2 : 0;
    }

    /** One of our clients' connections, or, every second one, a foreign one's. */
    private void connect(Path path) throws IOException {
        int connection = fds.size();
        Frame request = Frame.request(1, Hello.SAY_HELLO, Hello.of("x"));
        if (fds.size() % 2 == 0) request = request.withPromise();
        OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
        fds.add(fd);
        fd.connect(SockaddrUn.path(path));
        fd.send(ByteBuffer.wrap(request.bytes()), 0);
        assertThat(fd.recv(reply.clear(), MSG_WAITALL)).isEqualTo(reply.capacity());
        if (begun(connection) > 0) fd.send(ByteBuffer.wrap(NEXT, 0, begun(connection)), 0);
    }

    private void closeAll() {
        fds.forEach(OwnedFd::close);
        fds.clear();
    }

    private static long bytes(CommandedServer server) {
        String[] memory = server.ask("memory").split(" ", -1);
        return Long.parseLong(memory[0]) + Long.parseLong(memory[1]);
    }

    private static int threads(CommandedServer server) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + server.pid() + "/status")).stream()
                .filter(line -> line.startsWith("Threads:"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
                .sum();
    }

    @Test
    void connectionsThatAreIdleCostNoThreadAndLittleMemory() throws Exception {
        Path path = directory.resolve("s");
        try (CommandedServer server = CommandedServer.start(List.of(), FIXED_HEAP, path.toString(), "" + CONNECTIONS)) {
            for (int i = 0; i < WARM_UP; i++) connect(path);
            closeAll();
            Eventually.get(() -> server.stat("connections"), open -> open == 0);
            long before = bytes(server);

            for (int i = 0; i < CONNECTIONS; i++) connect(path);
            assertThat(server.stat("connections")).isEqualTo(CONNECTIONS);
            long each = (bytes(server) - before) / CONNECTIONS;
            System.out.println(CONNECTIONS + " idle connections: " + each + " bytes each, " + threads(server)
                    + " threads, " + server.ask("stats"));
            assertThat(each).as("bytes of memory for each idle connection").isBetween(100L, (long) MAX_BYTES);
            assertThat(threads(server)).as("threads of the process").isLessThan(60);
            assertThat(server.stat("workers")).isLessThanOrEqualTo(CommandedServer.MAX_WORKERS);

            // all are still there, and the last one is answered as the first one was
            for (int i : new int[] {0, 1, 2, CONNECTIONS - 1}) {
                OwnedFd fd = fds.get(i);
                fd.send(ByteBuffer.wrap(NEXT, begun(i), NEXT.length - begun(i)), 0);
                assertThat(fd.recv(reply.clear(), MSG_WAITALL)).isEqualTo(reply.capacity());
            }
            closeAll();
            Eventually.get(() -> server.stat("connections"), open -> open == 0);
        } finally {
            closeAll();
        }
    }
}

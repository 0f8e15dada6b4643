package io.posixsocket.examples.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import io.posixsocket.SocketConstants;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The original's example as two processes. */
class OriginTest {
    private static final String GREETING = "HelloWorld!";

    @TempDir
    private Path dir;

    @Test
    void theServerPrintsWhatTheClientSent() throws Exception {
        Path path = dir.resolve("yo.sock");
        Process server = start(OriginServer.class, path);
        Process client = null;
        try {
            awaitListener(path, server);
            client = start(OriginClient.class, path);
            assertThat(output(client)).isEmpty();
            assertThat(output(server)).containsExactly("connection accepted from unix:", "got: <" + GREETING + ">");
            assertThat(path).as("removed by the server").doesNotExist();
        } finally {
            server.destroyForcibly();
            if (client != null) client.destroyForcibly();
        }
    }

    @Test
    void theClientSendsTwoBytesForEachCharacter() throws Exception {
        SockaddrUn addr = SockaddrUn.path(dir.resolve("s"));
        int listener = PosixSocket.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM, 0);
        PosixSocket.bind(listener, addr);
        PosixSocket.listen(listener, 1);
        Process client = start(OriginClient.class, addr.path());
        try {
            assertThat(output(client)).isEmpty(); // the connection waits in the backlog, with its bytes
            int accepted = PosixSocket.accept(listener);
            ByteBuffer buf = ByteBuffer.allocate(100).order(ByteOrder.nativeOrder());
            assertThat(PosixSocket.recv(accepted, buf, SocketConstants.MSG_WAITALL))
                    .isEqualTo(2 * GREETING.length());
            assertThat(buf.flip().asCharBuffer().toString()).isEqualTo(GREETING);
            PosixSocket.close(accepted);
        } finally {
            client.destroyForcibly();
            PosixSocket.close(listener);
        }
    }

    /**
     * Until the server listens: the path is there a moment earlier. SO_ACCEPTCONN of another process is not to be seen, a
     * connection would be the one that the server serves; what can be seen is the kernel's list of Unix sockets.
     */
    private static void awaitListener(Path path, Process server) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!listens(path)) {
            assertThat(server.isAlive()).as("the server runs").isTrue();
            assertThat(System.nanoTime()).as("the server listens within 30 s").isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** Columns of /proc/net/unix: address, references, protocol, flags (0x10000: listens), type, state, inode, path. */
    private static boolean listens(Path path) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/net/unix"), StandardCharsets.ISO_8859_1)) {
            String[] columns = line.trim().split("\\s+", 8);
            if (columns.length == 8 && columns[7].equals(path.toString()) && columns[3].equals("00010000")) return true;
        }
        return false;
    }

    private static Process start(Class<?> main, Path path) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // what this JVM was told on native access, where it has to be told
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (argument.startsWith("--enable-native-access")) command.add(argument);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), path.toString()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** All lines of a process that must end within half a minute; they fit into the pipe, so nobody has to read before. */
    private static List<String> output(Process process) throws IOException, InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ends within 30 s").isTrue();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            List<String> lines = reader.lines().toList();
            assertThat(process.exitValue()).as("%s", lines).isZero();
            return lines;
        }
    }
}

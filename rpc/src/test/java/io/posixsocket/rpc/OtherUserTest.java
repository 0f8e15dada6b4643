package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another user of the machine calls. Only root can become one: others skip this, continuous integration is root. */
class OtherUserTest {
    private static final long UID = 1;

    @TempDir
    private static Path directory;

    private static String classPath;

    private final Path socket = directory.resolve("s.sock");
    private final AtomicInteger calls = new AtomicInteger();

    /** The local repository may lie in a directory that the other user cannot enter: it gets a copy. */
    @BeforeAll
    static void copyClassPath() throws IOException {
        Assumptions.assumeTrue(PosixSocket.geteuid() == 0, "only root can run a process as another user");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!Files.exists(Path.of(entry))) continue;
            Path copy = directory.resolve(copies.size() + "-" + Path.of(entry).getFileName());
            copyTree(Path.of(entry), copy);
            copies.add(copy.toString());
        }
        classPath = String.join(File.pathSeparator, copies);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = file.equals(from)
                        ? to
                        : to.resolve(from.relativize(file).toString());
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                boolean isDirectory = Files.isDirectory(target);
                Files.setPosixFilePermissions(
                        target, PosixFilePermissions.fromString(isDirectory ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    /** Calls once as the other user and prints the outcome. */
    public static void main(String[] args) {
        try (Client client = Client.connect(args[0])) {
            System.out.println(client.call(Hello.SAY_HELLO, Hello.of("x")).text());
        } catch (StatusException e) {
            System.out.println(e.getMessage());
        }
    }

    private String outcomeForOther() throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups"));
        command.add(ProcessHandle.current().info().command().orElse("java"));
        if (Runtime.version().feature() >= 24)
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-cp", classPath, OtherUserTest.class.getName(), "unix:" + socket));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output.strip();
        } finally {
            process.destroyForcibly();
        }
    }

    private Server.Builder server() {
        return Server.builder().listen(SockaddrUn.path(socket)).service(Hello.service(request -> {
            calls.incrementAndGet();
            return Hello.of(
                    "you are uid " + CallContext.current().peer().orElseThrow().uid());
        }));
    }

    @Test
    void theFileSystemKeepsOthersOut() throws Exception {
        try (Server server = server().start()) {
            assertThat(server.addresses()).hasSize(1);
            assertThat(outcomeForOther())
                    .startsWith("UNAVAILABLE (did not run)")
                    .contains("connect(unix:" + socket + "): EACCES (Permission denied)");
        }
        assertThat(calls).hasValue(0);
    }

    @Test
    void whoReachesThePathIsDeniedByDefault() throws Exception {
        try (Server server = server().pathMode(0666).start()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw-rw-");
            assertThat(server.addresses()).hasSize(1);
            assertThat(outcomeForOther())
                    .startsWith("UNAVAILABLE")
                    .contains("perhaps it does not serve uid " + UID + ", or has as many connections as it takes");
        }
        assertThat(calls).hasValue(0);
    }

    @Test
    void whoIsAuthorizedIsServed() throws Exception {
        try (Server server =
                server().pathMode(0666).authorize(peer -> peer.uid() == UID).start()) {
            assertThat(server.addresses()).hasSize(1);
            assertThat(outcomeForOther()).isEqualTo("you are uid " + UID);
        }
        assertThat(calls).hasValue(1);
    }
}

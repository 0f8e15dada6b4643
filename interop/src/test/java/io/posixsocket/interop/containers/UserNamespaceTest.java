package io.posixsocket.interop.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hello.Greeter;
import hello.HelloRequest;
import io.posixsocket.PeerCredentials;
import io.posixsocket.PosixSocket;
import io.posixsocket.examples.hello.HelloServer;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.PeerPolicy;
import io.posixsocket.rpc.Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Users with other numbers inside than outside, as rootless engines have them: a JVM that is root of a user namespace, where it
 * is the only user there is, and uid 1234 outside.
 */
@EnabledIf(value = "isPossible", disabledReason = "needs root, user namespaces, and util-linux")
class UserNamespaceTest {
    private static final List<String> AS_ROOT_INSIDE = List.of(
            "setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", "unshare", "--user", "--map-root-user");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static JvmRoot root;
    private static Path shared;

    /** A condition, not an assumption: the skipped are counted. */
    static boolean isPossible() throws IOException, InterruptedException {
        return PosixSocket.geteuid() == 0 && inside(List.of("true")).start().waitFor() == 0;
    }

    @BeforeAll
    static void build() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        root = new JvmRoot(directory.resolve("root"));
        shared = Files.createDirectory(directory.resolve("shared"));
        Files.setAttribute(shared, "unix:uid", 1234);
    }

    private static ProcessBuilder inside(List<String> command) {
        List<String> all = new ArrayList<>(AS_ROOT_INSIDE);
        all.addAll(command);
        return new ProcessBuilder(all).redirectErrorStream(true);
    }

    private static ProcessBuilder inside(Class<?> main, Path socket) {
        return inside(JvmRoot.command(root.path().toString(), main, "unix:" + socket));
    }

    @Test
    void whoIsRootInsideIsAPlainUserOutside() throws Exception {
        Path socket = shared.resolve("outside.sock");
        try (Server server = Server.builder()
                .listen("unix:" + socket)
                .pathMode(0666)
                .authorize(PeerPolicy.uid(1234))
                .service(Greeter.service(new HelloServer()))
                .start()) {
            Process client = inside(ContainerClient.class, socket).start();
            String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assertThat(output).isEqualTo("Hello, Ada of pid " + client.pid() + ", uid 1234, gid 1234, groups []!");
            assertThat(server.stats().denied()).isZero();
        }
    }

    @Test
    void whoHasNoNumberInsideIsNobodyAndDenied() throws Exception {
        Path socket = shared.resolve("inside.sock");
        Path log = directory.resolve("inside.log");
        Process server =
                inside(HelloServer.class, socket).redirectOutput(log.toFile()).start();
        AtomicReference<PeerCredentials> seen = new AtomicReference<>();
        try (Client client = Client.builder("unix:" + socket)
                .authorize(peer -> {
                    seen.set(peer);
                    return true;
                })
                .build()) {
            Greeter greeter = Greeter.stub(client.withTimeout(TIMEOUT));
            awaitListener(socket, server);
            assertThatThrownBy(() -> greeter.sayHello(HelloRequest.getDefaultInstance()))
                    .hasMessageStartingWith("UNAVAILABLE");
            assertThat(seen.get().uid()).isEqualTo(1234);
            assertThat(seen.get().pid()).isEqualTo((int) server.pid());
        } finally {
            server.destroyForcibly().waitFor();
        }
        assertThat(Files.readString(log)).contains("uid " + PeerPolicy.OVERFLOW_UID);
    }

    /** Until the kernel's list of Unix sockets has the path with the flag that it listens; the test's time limit ends this. */
    private static void awaitListener(Path socket, Process server) throws IOException {
        Pattern listener = Pattern.compile(" 00010000 .* " + Pattern.quote(socket.toString()) + "$", Pattern.MULTILINE);
        while (!listener.matcher(Files.readString(Path.of("/proc/net/unix"), StandardCharsets.ISO_8859_1))
                .find()) {
            assertThat(server.isAlive()).as("the server runs").isTrue();
            Thread.onSpinWait();
        }
    }
}

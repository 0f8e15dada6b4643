package io.posixsocket.interop.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Users with other numbers inside than outside, as rootless engines have them: a JVM that is root of a user namespace, where it
 * is the only user there is, and uid 1234 outside.
 */
class UserNamespaceTest {
    private static final List<String> AS_ROOT_INSIDE = List.of(
            "setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", "unshare", "--user", "--map-root-user");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static JvmRoot root;
    private static Path shared;

    @BeforeAll
    static void build() throws Exception {
        assumeTrue(PosixSocket.geteuid() == 0, "only root may become uid 1234");
        assumeTrue(
                inside(List.of("true")).start().waitFor() == 0, "no user namespaces here, or no unshare of util-linux");
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

    private static void awaitListener(Path socket, Process server) throws IOException {
        while (!Files.readString(Path.of("/proc/net/unix"), StandardCharsets.ISO_8859_1)
                .contains(socket.toString())) {
            assertThat(server.isAlive()).as("the server runs").isTrue();
            Thread.onSpinWait(); // until the test's time limit
        }
    }
}

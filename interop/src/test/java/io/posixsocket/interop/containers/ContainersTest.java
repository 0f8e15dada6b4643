package io.posixsocket.interop.containers;

import static org.assertj.core.api.Assertions.assertThat;

import hello.Greeter;
import hello.HelloRequest;
import io.posixsocket.PeerCredentials;
import io.posixsocket.examples.hello.HelloServer;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.PeerPolicy;
import io.posixsocket.rpc.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;

/** A JVM on the host and one in a container, over a Unix socket in a directory that both have. */
@Timeout(300) // the image
@EnabledIf(value = "io.posixsocket.interop.containers.Engine#isRunning", disabledReason = Engine.NEEDS)
class ContainersTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(100);

    @TempDir
    private static Path directory;

    private static Path shared;
    private static Engine engine;

    @BeforeAll
    static void build() throws Exception {
        shared = Files.createDirectory(directory.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
        engine = new Engine(new JvmRoot(directory.resolve("root")), shared);
    }

    @AfterAll
    static void removeImage() {
        engine.removeImage();
    }

    private static Server.Builder server(String name) {
        return Server.builder().listen("unix:" + shared.resolve(name)).service(Greeter.service(new HelloServer()));
    }

    /** What {@link ContainerClient} prints in a container, of which it is all. */
    private static String hello(GenericContainer<?> container) {
        try (container) {
            container
                    .withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(TIMEOUT))
                    .start();
            return container.getLogs().strip();
        }
    }

    private static GenericContainer<?> client(String address) {
        return engine.container(ContainerClient.class, address);
    }

    private static GenericContainer<?> as(String user, GenericContainer<?> container) {
        return container.withCreateContainerCmdModifier(create -> create.withUser(user));
    }

    @Test
    void theHostCallsAContainerWhichSeesNoPid() throws IOException {
        AtomicReference<PeerCredentials> server = new AtomicReference<>();
        try (GenericContainer<?> container =
                        engine.container(HelloServer.class, "unix:" + Engine.SHARED + "/inside.sock");
                Client client = Client.builder("unix:" + shared.resolve("inside.sock"))
                        .authorize(peer -> {
                            server.set(peer);
                            return PeerPolicy.sameUserOrRoot().permits(peer);
                        })
                        .build()) {
            container.start();
            assertThat(Greeter.stub(client.withWaitForReady().withTimeout(TIMEOUT))
                            .sayHello(HelloRequest.newBuilder().setName("Ada").build())
                            .getMessage())
                    .startsWith("Hello, Ada of pid unknown, uid 0, gid 0, ");
            assertThat(server.get().pid())
                    .isEqualTo(container
                            .getCurrentContainerInfo()
                            .getState()
                            .getPidLong()
                            .intValue());
        }
    }

    @Test
    void aContainerCallsTheHostWhichSeesItsPidOutside() throws IOException {
        List<String> pids = new CopyOnWriteArrayList<>();
        Server.Builder builder = server("outside.sock").intercept((call, proceed) -> {
            long pid = call.peer().orElseThrow().pid();
            pids.add(pid + " " + line(Path.of("/proc/" + pid + "/status"), "NSpid:"));
            proceed.run();
        });
        try (Server server = builder.start()) {
            assertThat(server.addresses()).hasSize(1);
            assertThat(hello(client("unix:" + Engine.SHARED + "/outside.sock")))
                    .matches("Hello, Ada of pid [1-9]\\d*, uid 0, gid 0, groups .*!");
        }
        assertThat(pids).singleElement().asString().as("outside, then inside").matches("(\\d+) NSpid:\\s+\\1\\s+1");
    }

    private static String line(Path file, String start) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(start))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aUserOfTheContainerIsTheUserOfThatNumberOutside() throws IOException {
        Server.Builder builder = server("open.sock").pathMode(0666);
        try (Server server = builder.authorize(PeerPolicy.uid(1234)).start()) {
            assertThat(hello(as("1234:5678", client("unix:" + Engine.SHARED + "/open.sock"))))
                    .matches("Hello, Ada of pid \\d+, uid 1234, gid 5678, groups .*!");
            assertThat(hello(client("unix:" + Engine.SHARED + "/open.sock"))).startsWith("UNAVAILABLE");
            assertThat(server.stats().denied()).isPositive();
        }
    }

    @Test
    void whoMayNotOpenThePathIsToldSo() throws IOException {
        try (Server server = server("closed.sock").start()) {
            assertThat(hello(as("1234:5678", client("unix:" + Engine.SHARED + "/closed.sock"))))
                    .startsWith("UNAVAILABLE (did not run): ")
                    .contains("connect(unix:/shared/closed.sock): EACCES (Permission denied): uid ");
            assertThat(server.stats().accepted()).isZero();
        }
    }

    @Test
    void anAbstractAddressStaysInItsNetworkNamespace() throws IOException {
        String address = "unix-abstract:posixsocket-containers-"
                + ProcessHandle.current().pid();
        try (Server server = Server.builder()
                .listen(address)
                .allowAnyLocalUser()
                .service(Greeter.service(new HelloServer()))
                .start()) {
            assertThat(hello(client(address)))
                    .startsWith("UNAVAILABLE (did not run): ")
                    .endsWith("connect(" + address + "): ECONNREFUSED (Connection refused): nobody listens there");
            assertThat(hello(client(address).withNetworkMode("host"))).startsWith("Hello, Ada of pid ");
            assertThat(server.stats().accepted()).isEqualTo(1);
        }
    }
}

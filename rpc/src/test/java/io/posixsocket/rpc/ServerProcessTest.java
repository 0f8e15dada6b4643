package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.SockaddrUn;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A server in another process, and its sudden death. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class ServerProcessTest {
    @TempDir
    Path directory;

    @Test
    void killedServerFailsTheCallAtOnceAndTheNextOneGoesToItsSuccessor() throws Exception {
        Path path = directory.resolve("s");
        try (Client client = Client.connect("unix:" + path)) {
            try (ChildServer child = ChildServer.start(path)) {
                assertThat(child.line()).isEqualTo("ready");
                assertThat(client.call(Hello.SAY_HELLO, Hello.of("x"))).isEqualTo(Hello.of("Hello x"));

                Background<Long> hanging = Background.run(() -> {
                    try {
                        client.call(Hello.SAY_HELLO, Hello.of("hang"));
                        throw new AssertionError("returned");
                    } catch (StatusException e) {
                        long now = System.nanoTime();
                        assertThat(e.status()).isEqualTo(Status.UNAVAILABLE);
                        assertThat(e.executed()).isEqualTo(Executed.MAYBE);
                        assertThat(e.description()).contains("SayHello at unix:" + path);
                        return now;
                    }
                });
                assertThat(child.line()).isEqualTo("hanging");
                long killed = System.nanoTime();
                child.kill();
                // 10 ms mostly; what is excluded is that the caller waits for anything but the kernel's word
                assertThat(hanging.result() - killed)
                        .as("nanoseconds from the kill to the failure")
                        .isLessThan(TimeUnit.SECONDS.toNanos(1));
            }
            assertThat(path).exists(); // what a killed one leaves
            try (ChildServer successor = ChildServer.start(path)) {
                assertThat(successor.line()).isEqualTo("ready");
                assertThat(client.call(Hello.SAY_HELLO, Hello.of("x"))).isEqualTo(Hello.of("Hello x"));
            }
        }
    }

    @Test
    void pathOfAnotherProcessIsItsOwnWhileThatLivesAndFreeAfterwards() throws Exception {
        Path path = directory.resolve("s");
        try (ChildServer child = ChildServer.start(path)) {
            assertThat(child.line()).isEqualTo("ready");
            try {
                Server.builder().listen(SockaddrUn.path(path)).start().close();
                throw new AssertionError("started");
            } catch (io.posixsocket.ErrnoException e) {
                assertThat(e.getMessage())
                        .startsWith("bind(unix:" + path + "): EADDRINUSE")
                        .contains("pid " + child.pid());
            }
            try (ChildServer second = ChildServer.start(path)) {
                assertThat(second.line())
                        .startsWith("bind(unix:" + path + "): EADDRINUSE")
                        .contains("pid " + child.pid());
            }
        }
        try (Server server = Server.builder().listen(SockaddrUn.path(path)).start()) {
            assertThat(server.addresses()).containsExactly(SockaddrUn.path(path));
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void callerIsKnownByProcessAndUser() throws Exception {
        Path path = directory.resolve("s");
        try (ChildServer child = ChildServer.start(path);
                Client client = Client.builder(SockaddrUn.path(path))
                        .authorize(peer -> peer.pid() == child.pid())
                        .build()) {
            assertThat(child.line()).isEqualTo("ready");
            assertThat(client.call(Hello.SAY_HELLO, Hello.of("x"))).isEqualTo(Hello.of("Hello x"));
        }
    }
}

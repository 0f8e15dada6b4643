package io.posixsocket.examples.hello;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.examples.JavaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HelloTest {
    @Test
    void oneJvmGreetsAnotherAndKnowsWhoItIs(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("hello.sock");
        try (JavaProcess server = new JavaProcess(HelloServer.class, "unix:" + socket)) {
            while (!Files.exists(socket)) {
                assertThat(server.isAlive()).as("server is alive").isTrue();
                Thread.onSpinWait(); // until the test's time limit
            }
            try (JavaProcess client = new JavaProcess(HelloClient.class, "unix:" + socket)) {
                assertThat(client.output())
                        .singleElement()
                        .asString()
                        .matches("Hello, Ada of pid " + client.pid() + ", uid \\d+, gid \\d+, groups \\[[\\d, ]*\\]!");
                assertThat(client.exitCode()).isZero();
            }
        }
    }
}

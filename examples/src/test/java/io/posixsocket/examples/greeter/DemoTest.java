package io.posixsocket.examples.greeter;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.examples.JavaProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoTest {
    @Test
    void printsATranscriptAndLeavesNothingBehind() throws Exception {
        try (JavaProcess demo = new JavaProcess(Demo.class)) {
            List<String> lines = demo.output();
            assertThat(demo.exitCode())
                    .as("exit code of\n" + String.join("\n", lines))
                    .isZero();
            assertThat(lines).hasSize(7);
            assertThat(lines.get(0)).matches("server  pid \\d+ listens at unix:/.*/greeter\\.sock");
            assertThat(lines.get(1)).matches("client  pid \\d+ calls unix:/.*/greeter\\.sock");
            assertThat(lines.get(2))
                    .matches("client  sayHello\\(\"Ada\"\\) {4}-> Hello, Ada! You are pid \\d+, uid \\d+\\.");
            assertThat(lines.get(3))
                    .isEqualTo(
                            "client  sayHello(\"\")       -> status 3, INVALID_ARGUMENT: name is empty, say who you are");
            assertThat(lines.get(4))
                    .matches("client  sayHello\\(\"Sleepy\"\\) -> DEADLINE_EXCEEDED, \\d+\\.\\d ms after the call");
            assertThat(lines.get(5))
                    .matches("client  100,000 calls of 64 bytes: p50 [\\d.]+ µs, p99 [\\d.]+ µs, p99\\.9 [\\d.]+ µs, "
                            + "[\\d,]+ calls per second");
            assertThat(lines.get(6)).isEqualTo("server  has stopped, its socket is gone");
        }
    }

    @Test
    void failsIfItsClientDoes() throws Exception {
        try (JavaProcess client = new JavaProcess(GreeterClient.class, "unix:/nonexistent/greeter.sock")) {
            assertThat(client.output())
                    .anySatisfy(line -> assertThat(line)
                            .contains("UNAVAILABLE (did not run)")
                            .contains("connect(unix:/nonexistent/greeter.sock): ENOENT"));
            assertThat(client.exitCode()).isNotZero();
        }
    }
}

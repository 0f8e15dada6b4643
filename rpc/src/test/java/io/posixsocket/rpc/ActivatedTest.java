package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A server that a service manager starts, a C program here: it binds, and passes the socket as systemd does. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ActivatedTest {
    private static final String MANAGER = """
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            #include <unistd.h>

            /* manager PATH PROGRAM ARGUMENT... */
            int main(int argc, char **argv) {
                struct sockaddr_un addr = {.sun_family = AF_UNIX};
                strncpy(addr.sun_path, argv[1], sizeof addr.sun_path - 1);
                int fd = socket(AF_UNIX, SOCK_STREAM, 0);
                if (fd < 0 || bind(fd, (struct sockaddr *) &addr, sizeof addr) || listen(fd, 16)) return 2;
                if (fd != 3 && (dup2(fd, 3) < 0 || close(fd))) return 3;
                char pid[16];
                snprintf(pid, sizeof pid, "%d", getpid());
                setenv("LISTEN_PID", pid, 1);
                setenv("LISTEN_FDS", "1", 1);
                execv(argv[2], argv + 2);
                return 4;
            }
            """;

    @TempDir
    Path directory;

    private void compileManager() throws Exception {
        assumeTrue(ChildJvm.isInstalled("gcc"), "needs gcc");
        Files.writeString(directory.resolve("manager.c"), MANAGER);
        Process gcc = new ProcessBuilder("gcc", "-std=gnu11", "-Wall", "-Werror", "-o", "manager", "manager.c")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(gcc.waitFor()).as(said).isZero();
    }

    @Test
    void servesTheSocketThatItWasPassedAndLeavesItsPath() throws Exception {
        compileManager();
        Path path = directory.resolve("s");
        List<String> manager = List.of(directory.resolve("manager").toString(), path.toString());
        try (CommandedServer server = CommandedServer.start(manager, List.of(), "activated");
                Client client = Client.connect("unix:" + path)) {
            assertThat(client.call(Hello.SAY_HELLO, Hello.of("x"))).isEqualTo(Hello.of("Hello x"));
            assertThat(server.stat("accepted")).isEqualTo(1);
            assertThat(directory.resolve("s.lock")).doesNotExist();
        }
        assertThat(path).exists();
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_INET6;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SHUT_WR;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_SEQPACKET;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Echo over every type of socket, with a server and with a client in C. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class CEchoTest {
    private static final int[] LENGTHS = {1, 7, 4_000};

    /** {@code echo server|client family type path|port}: the server says where it is once it can be reached. */
    private static final String ECHO = """
            #define _GNU_SOURCE
            #include <arpa/inet.h>
            #include <netinet/in.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            #include <unistd.h>
            static char data[65536], back[65536];
            static union { struct sockaddr any; struct sockaddr_un un; struct sockaddr_in in; struct sockaddr_in6 in6; } at;
            static void check(int holds, const char *what) { if (!holds) { perror(what); exit(1); } }
            static socklen_t address(int family, const char *where) {
                at.any.sa_family = family;
                if (family == AF_UNIX) { strcpy(at.un.sun_path, where); return sizeof at.un; }
                if (family == AF_INET) {
                    at.in.sin_port = htons(atoi(where)); at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                    return sizeof at.in;
                }
                at.in6.sin6_port = htons(atoi(where)); at.in6.sin6_addr = in6addr_loopback;
                return sizeof at.in6;
            }
            static void server(int fd, int family, int type, const char *where) {
                socklen_t len = address(family, where);
                check(bind(fd, &at.any, len) == 0, "bind");
                if (type != SOCK_DGRAM) check(listen(fd, 1) == 0, "listen");
                check(getsockname(fd, &at.any, &len) == 0, "getsockname");
                if (family == AF_UNIX) puts(where); else printf("%d\\n", ntohs(at.in.sin_port));
                fflush(stdout);
                if (type != SOCK_DGRAM) check((fd = accept(fd, NULL, NULL)) >= 0, "accept");
                for (;;) {
                    len = sizeof at;
                    ssize_t n = recvfrom(fd, data, sizeof data, 0, &at.any, &len);
                    check(n >= 0, "recvfrom");
                    if (n == 0) return;
                    check((type == SOCK_DGRAM ? sendto(fd, data, n, 0, &at.any, len) : send(fd, data, n, 0)) == n, "send");
                }
            }
            static void client(int fd, int family, int type, const char *where) {
                struct sockaddr none = {.sa_family = AF_UNIX};
                if (family == AF_UNIX) check(bind(fd, &none, sizeof none.sa_family) == 0, "autobind");
                socklen_t len = address(family, where);
                check(connect(fd, &at.any, len) == 0, "connect");
                int lengths[] = {1, 7, 4000};
                for (int i = 0; i < 3; i++) {
                    for (int j = 0; j < lengths[i]; j++) data[j] = i + j * 31;
                    check(send(fd, data, lengths[i], 0) == lengths[i], "send");
                    check(recv(fd, back, lengths[i], MSG_WAITALL) == lengths[i], "recv");
                    check(memcmp(data, back, lengths[i]) == 0, "the echo");
                }
                if (type == SOCK_DGRAM) check(send(fd, data, 0, 0) == 0, "send"); else check(shutdown(fd, SHUT_WR) == 0, "shutdown");
            }
            int main(int argc, char **argv) {
                int family = atoi(argv[2]), type = atoi(argv[3]);
                int fd = socket(family, type, 0);
                check(fd >= 0, "socket");
                (strcmp(argv[1], "server") ? client : server)(fd, family, type, argv[4]);
                return 0;
            }
            """;

    @TempDir
    private static Path program;

    @TempDir
    private Path dir;

    private record Kind(String name, int family, int type) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind("STREAM over UNIX", AF_UNIX, SOCK_STREAM),
                new Kind("DGRAM over UNIX", AF_UNIX, SOCK_DGRAM),
                new Kind("SEQPACKET over UNIX", AF_UNIX, SOCK_SEQPACKET),
                new Kind("STREAM over INET", AF_INET, SOCK_STREAM),
                new Kind("DGRAM over INET", AF_INET, SOCK_DGRAM),
                new Kind("STREAM over INET6", AF_INET6, SOCK_STREAM),
                new Kind("DGRAM over INET6", AF_INET6, SOCK_DGRAM));
    }

    @BeforeAll
    static void compile() throws Exception {
        assumeTrue(CProgram.hasCompiler(), "no gcc");
        CProgram.compile(program, ECHO);
    }

    private Sockaddr address(Kind kind, String where) {
        return switch (kind.family == AF_UNIX ? 0 : kind.family == AF_INET ? 4 : 6) {
            case 0 -> SockaddrUn.path(where);
            case 4 -> Sockaddr.parse("ipv4:127.0.0.1:" + where);
            default -> Sockaddr.parse("ipv6:[::1]:" + where);
        };
    }

    private String whereToBind(Kind kind) {
        return kind.family == AF_UNIX ? dir.resolve("s").toString() : "0";
    }

    private static OwnedFd socket(Kind kind) throws IOException {
        if (kind.family == AF_INET6) assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "the kernel has no IPv6");
        return OwnedFd.adopt(PosixSocket.socket(kind.family, kind.type, 0));
    }

    private static Process start(String role, Kind kind, String where) throws IOException {
        String[] command = {program.resolve("program").toString(), role, "" + kind.family, "" + kind.type, where};
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static void awaitSuccess(Process process, List<String> printed) throws Exception {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("the program in C: %s", printed).isZero();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aServerInCEchoesOurClient(Kind kind) throws Exception {
        try (OwnedFd client = socket(kind)) {
            Process server = start("server", kind, whereToBind(kind));
            try (BufferedReader printed = server.inputReader()) {
                if (kind.family == AF_UNIX) client.bind(SockaddrUn.unnamed()); // a datagram's answer needs an address
                client.connect(address(kind, printed.readLine()));
                for (int length : LENGTHS) {
                    byte[] sent = new byte[length];
                    for (int i = 0; i < length; i++) sent[i] = (byte) (i * 7 + length);
                    assertThat(client.send(ByteBuffer.wrap(sent), 0)).isEqualTo(length);
                    ByteBuffer echo = ByteBuffer.allocateDirect(length);
                    assertThat(client.recv(echo, SocketConstants.MSG_WAITALL)).isEqualTo(length);
                    assertThat(echo.flip()).isEqualTo(ByteBuffer.wrap(sent));
                }
                if (kind.type == SOCK_DGRAM) client.send(ByteBuffer.allocate(0), 0);
                else client.shutdown(SHUT_WR);
                awaitSuccess(server, printed.lines().toList());
            } finally {
                server.destroyForcibly();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void ourServerEchoesAClientInC(Kind kind) throws Exception {
        try (OwnedFd server = socket(kind)) {
            server.bind(address(kind, whereToBind(kind)));
            if (kind.type != SOCK_DGRAM) server.listen(1);
            String name = server.getsockname().toString();
            String where = name.substring(name.lastIndexOf(':') + 1);
            Process client = start("client", kind, where);
            try (BufferedReader printed = client.inputReader()) {
                int echoed = kind.type == SOCK_DGRAM ? echoDatagrams(server) : echoConnection(server);
                awaitSuccess(client, printed.lines().toList());
                assertThat(echoed).isEqualTo(4_008);
            } finally {
                client.destroyForcibly();
            }
        }
    }

    private static int echoConnection(OwnedFd listener) throws IOException {
        try (OwnedFd connection = listener.accept()) {
            ByteBuffer buf = ByteBuffer.allocateDirect(10_000);
            int echoed = 0;
            for (int n; (n = connection.recv(buf.clear(), 0)) > 0; echoed += n) {
                assertThat(connection.send(buf.flip(), 0)).isEqualTo(n);
            }
            return echoed;
        }
    }

    private static int echoDatagrams(OwnedFd socket) throws IOException {
        ByteBuffer buf = ByteBuffer.allocate(10_000);
        int echoed = 0;
        for (; ; ) {
            Received received = socket.recvfrom(buf.clear(), 0);
            if (received.count() == 0) return echoed;
            echoed += socket.sendto(buf.flip(), 0, received.address());
        }
    }
}

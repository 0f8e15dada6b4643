package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What this library takes for granted about the platform, against what its C compiler says. */
class SocketConstantsTest {
    private static final String HEAD = """
            #define _GNU_SOURCE
            #include <stddef.h>
            #include <stdio.h>
            #include <string.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <limits.h>
            #include <netdb.h>
            #include <poll.h>
            #include <time.h>
            #include <net/if.h>
            #include <sys/file.h>
            #include <sys/ioctl.h>
            #include <sys/mman.h>
            #include <sys/select.h>
            #include <sys/socket.h>
            #include <sys/time.h>
            #include <sys/un.h>
            #include <netinet/in.h>
            #include <netinet/tcp.h>
            #include <netinet/udp.h>
            #include <arpa/inet.h>
            #ifdef __linux__
            #include <sys/epoll.h>
            #include <sys/eventfd.h>
            #include <linux/sockios.h>
            #include <linux/vm_sockets.h>
            #endif
            #define SIZE(type) printf("sizeof %s=%d\\n", #type, (int) sizeof(struct type))
            #define OFFSET(type, field) printf("%s.%s=%d\\n", #type, #field, (int) offsetof(struct type, field))
            static void hex(const char *name, const void *bytes, int length) {
                printf("%s=", name);
                for (int i = 0; i < length; i++) printf("%02x", ((const unsigned char *) bytes)[i]);
                printf("\\n");
            }
            """;

    private static final String STRUCTS = """
            SIZE(pollfd); OFFSET(pollfd, fd); OFFSET(pollfd, events); OFFSET(pollfd, revents);
            SIZE(timeval); OFFSET(timeval, tv_sec); OFFSET(timeval, tv_usec);
            SIZE(timespec); OFFSET(timespec, tv_sec); OFFSET(timespec, tv_nsec);
            SIZE(sockaddr_un); OFFSET(sockaddr_un, sun_path);
            printf("sizeof sun_path=%d\\n", (int) sizeof(((struct sockaddr_un *) 0)->sun_path));
            SIZE(sockaddr_in); OFFSET(sockaddr_in, sin_port); OFFSET(sockaddr_in, sin_addr);
            SIZE(sockaddr_in6); OFFSET(sockaddr_in6, sin6_port); OFFSET(sockaddr_in6, sin6_flowinfo);
            OFFSET(sockaddr_in6, sin6_addr); OFFSET(sockaddr_in6, sin6_scope_id);
            struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
            hex("un", &un, offsetof(struct sockaddr_un, sun_path) + 7);
            struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(0x1234)};
            inet_pton(AF_INET, "1.2.3.255", &in.sin_addr);
            hex("in", &in, sizeof in);
            struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(0x1234),
                .sin6_flowinfo = htonl(0x12345), .sin6_scope_id = 7};
            inet_pton(AF_INET6, "fe80::1:fffe", &in6.sin6_addr);
            hex("in6", &in6, sizeof in6);
            #ifdef __linux__
            SIZE(ucred); OFFSET(ucred, pid); OFFSET(ucred, uid); OFFSET(ucred, gid);
            SIZE(epoll_event);
            struct epoll_event event;
            memset(&event, 0, sizeof event);
            event.events = EPOLLIN | EPOLLONESHOT;
            event.data.u64 = 0x123456789abcdefULL;
            hex("epoll_event", &event, sizeof event);
            #endif
            """;

    /** Younger than the headers of some systems that we run on, or (the last) in a header that excludes the C library's. */
    private static final Set<String> NOT_IN_ALL_HEADERS =
            Set.of("SO_PASSPIDFD", "SO_PEERPIDFD", "SCM_PIDFD", "MFD_NOEXEC_SEAL", "MFD_EXEC", "IPV6_FLOWINFO");

    /** Name to what the C program printed. */
    private static Map<String, String> c;

    @BeforeAll
    static void askTheCompiler(@TempDir Path dir) throws Exception {
        assumeTrue(CProgram.hasCompiler(), "no gcc");
        StringBuilder program =
                new StringBuilder(HEAD).append("int main(void) {\n").append(STRUCTS);
        for (String name : constants().keySet()) define(program, name, "%d", name);
        for (String name :
                List.of("O_RDWR", "O_CREAT", "O_NOFOLLOW", "LOCK_EX", "LOCK_NB", "LOCK_UN", "F_SETFD", "FD_CLOEXEC"))
            define(program, name, "%d", name);
        for (Errno e : Errno.values()) {
            define(program, e.name(), "%d", e.name());
            define(program, e.name(), "%s", "strerror(" + e.name() + ")");
        }
        program.append("return 0; }\n");
        c = CProgram.run(dir, program.toString());
    }

    private static void define(StringBuilder program, String name, String format, String value) {
        String key = format.equals("%s") ? "strerror " + name : name;
        program.append("#ifdef " + name + "\nprintf(\"" + key + "=" + format + "\\n\", " + value
                + ");\n#else\nprintf(\"" + key + "=undefined\\n\");\n#endif\n");
    }

    private static Map<String, Integer> constants() throws IllegalAccessException {
        Map<String, Integer> found = new TreeMap<>();
        for (Field field : SocketConstants.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && !field.getName().equals("NOT_DEFINED"))
                found.put(field.getName(), field.getInt(null));
        }
        return found;
    }

    private static Map<String, Integer> inC(Iterable<String> names) {
        Map<String, Integer> found = new TreeMap<>();
        for (String name : names) {
            String value = c.get(name);
            found.put(name, value.equals("undefined") ? SocketConstants.NOT_DEFINED : Integer.parseInt(value));
        }
        return found;
    }

    @Test
    void everyConstantHasTheValueOfTheHeaders() throws Exception {
        Map<String, Integer> ours = constants();
        ours.keySet()
                .removeIf(
                        name -> NOT_IN_ALL_HEADERS.contains(name) && c.get(name).equals("undefined"));
        assertThat(ours).hasSizeGreaterThan(580).isEqualTo(inC(ours.keySet()));
    }

    @Test
    void everyErrnoHasTheNumberOfTheHeadersAndTheWordsOfStrerror() {
        Map<String, Integer> numbers = new TreeMap<>();
        for (Errno e : Errno.values()) {
            if (e == Errno.UNKNOWN) continue;
            numbers.put(e.name(), e.number());
            if (e.number() != SocketConstants.NOT_DEFINED)
                assertThat(e.description()).as(e.name()).isEqualTo(c.get("strerror " + e.name()));
        }
        assertThat(numbers).hasSizeGreaterThan(70).isEqualTo(inC(numbers.keySet()));
    }

    @Test
    void fileConstantsHaveTheValuesOfTheHeaders() {
        Map<String, Integer> ours = new TreeMap<>(Map.of(
                "O_RDWR", PosixFile.O_RDWR,
                "O_CREAT", PosixFile.O_CREAT,
                "O_NOFOLLOW", PosixFile.O_NOFOLLOW,
                "LOCK_EX", PosixFile.LOCK_EX,
                "LOCK_NB", PosixFile.LOCK_NB,
                "LOCK_UN", PosixFile.LOCK_UN));
        assertThat(ours).isEqualTo(inC(ours.keySet()));
    }

    @Test
    void addressesAreLaidOutAsTheCompilerDoes() {
        assertThat(encoded(SockaddrUn.path("/run/x"))).isEqualTo(c.get("un"));
        assertThat(encoded(Sockaddr.parse("ipv4:1.2.3.255:4660"))).isEqualTo(c.get("in"));
        SockaddrIn6 in6 = (SockaddrIn6) Sockaddr.parse("ipv6:[fe80::1:fffe%7]:4660");
        assertThat(encoded(new SockaddrIn6(in6.address(), in6.port(), 0x12345, in6.scopeId())))
                .isEqualTo(c.get("in6"));
        assertThat(c)
                .containsEntry("sizeof sun_path", "" + Platform.SUN_PATH)
                .containsEntry("sockaddr_un.sun_path", "" + SockaddrLayout.PATH)
                .containsEntry("sizeof sockaddr_in", "16")
                .containsEntry("sizeof sockaddr_in6", "28");
        assertThat(Integer.parseInt(c.get("sizeof sockaddr_un"))).isLessThanOrEqualTo(SockaddrLayout.LENGTH_OFFSET);
    }

    private static String encoded(Sockaddr addr) {
        return HexFormat.of().formatHex(addr.encode());
    }

    @Test
    void anEpollEventIsLaidOutAsTheCompilerDoes() {
        assumeTrue(c.containsKey("epoll_event"), "Linux alone has it");
        byte[] bytes = new byte[EpollEvents.SIZE];
        EpollEvents.put(
                ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()),
                SocketConstants.EPOLLIN | SocketConstants.EPOLLONESHOT,
                0x123456789abcdefL);
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(c.get("epoll_event"));
        assertThat(c).containsEntry("sizeof epoll_event", "" + EpollEvents.SIZE);
    }

    @Test
    void theOtherStructsHaveTheSizesAndOffsetsThatTheCodeWrites() {
        int word = Platform.LONG;
        assertThat(c)
                .containsEntry("sizeof pollfd", "8")
                .containsEntry("pollfd.fd", "0")
                .containsEntry("pollfd.events", "4")
                .containsEntry("pollfd.revents", "6")
                .containsEntry("sizeof timespec", "" + 2 * word)
                .containsEntry("timespec.tv_sec", "0")
                .containsEntry("timespec.tv_nsec", "" + word)
                .containsEntry("timeval.tv_sec", "0")
                .containsEntry("timeval.tv_usec", "" + word)
                .containsEntry("sizeof timeval", "" + 2 * word);
        if (Platform.CURRENT == Platform.LINUX)
            assertThat(c)
                    .containsEntry("sizeof ucred", "12")
                    .containsEntry("ucred.pid", "0")
                    .containsEntry("ucred.uid", "4")
                    .containsEntry("ucred.gid", "8")
                    .containsEntry("F_SETFD", "2")
                    .containsEntry("FD_CLOEXEC", "1");
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_INET6;
import static io.posixsocket.SocketConstants.AI_ADDRCONFIG;
import static io.posixsocket.SocketConstants.AI_ALL;
import static io.posixsocket.SocketConstants.AI_CANONNAME;
import static io.posixsocket.SocketConstants.AI_NUMERICHOST;
import static io.posixsocket.SocketConstants.AI_NUMERICSERV;
import static io.posixsocket.SocketConstants.AI_PASSIVE;
import static io.posixsocket.SocketConstants.AI_V4MAPPED;
import static io.posixsocket.SocketConstants.IPPROTO_TCP;
import static io.posixsocket.SocketConstants.IPPROTO_UDP;
import static io.posixsocket.SocketConstants.NI_DGRAM;
import static io.posixsocket.SocketConstants.NI_NAMEREQD;
import static io.posixsocket.SocketConstants.NI_NUMERICHOST;
import static io.posixsocket.SocketConstants.NI_NUMERICSERV;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Names of hosts, services and protocols, without asking any server: numeric ones, and what /etc knows. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class NetdbTest {
    private static final AddrinfoHints NUMERIC =
            AddrinfoHints.of(SOCK_STREAM).withFlags(AI_NUMERICHOST | AI_NUMERICSERV);

    private static void assertFails(String message, int code, ThrowingCallable call) {
        GaiException e = catchThrowableOfType(GaiException.class, call);
        assertThat(e).as(message).isNotNull().hasMessage(message).hasNoCause();
        assertThat(e.number()).isEqualTo(code);
        assertThat(message).contains(": " + e.error() + " (");
        assertThat(e.error().number()).isEqualTo(code);
    }

    @Test
    void aNumericAddressIsItself() throws Exception {
        assertThat(Netdb.getaddrinfo("192.0.2.1", "80", NUMERIC))
                .containsExactly(
                        new Addrinfo(AF_INET, SOCK_STREAM, IPPROTO_TCP, Sockaddr.parse("ipv4:192.0.2.1:80"), null));
        assertThat(Netdb.getaddrinfo("fe80::1%1", "65535", NUMERIC))
                .containsExactly(new Addrinfo(
                        AF_INET6, SOCK_STREAM, IPPROTO_TCP, Sockaddr.parse("ipv6:[fe80::1%1]:65535"), null));
    }

    @Test
    void withoutHintsEveryTypeIsAnAnswer() throws Exception {
        List<Addrinfo> found = Netdb.getaddrinfo("192.0.2.1", "80");
        assertThat(found)
                .extracting(Addrinfo::socktype)
                .contains(SOCK_STREAM, SOCK_DGRAM)
                .hasSizeGreaterThan(1);
        assertThat(found).extracting(Addrinfo::addr).containsOnly(Sockaddr.parse("ipv4:192.0.2.1:80"));
    }

    @Test
    void eachFlagDoesWhatItSays() throws Exception {
        AddrinfoHints stream = AddrinfoHints.of(SOCK_STREAM);
        assertThat(Netdb.getaddrinfo(null, "7", stream.withFamily(AF_INET).withFlags(AI_PASSIVE)))
                .extracting(Addrinfo::addr)
                .containsExactly(Sockaddr.parse("ipv4:0.0.0.0:7"));
        assertThat(Netdb.getaddrinfo(null, "7", stream.withFamily(AF_INET)))
                .extracting(Addrinfo::addr)
                .containsExactly(Sockaddr.parse("ipv4:127.0.0.1:7"));
        assertThat(Netdb.getaddrinfo("192.0.2.1", null, stream.withFlags(AI_CANONNAME)))
                .extracting(Addrinfo::canonname)
                .containsExactly("192.0.2.1");
        for (int flags : new int[] {AI_V4MAPPED, AI_V4MAPPED | AI_ALL}) {
            assertThat(Netdb.getaddrinfo(
                            "192.0.2.1", "7", stream.withFamily(AF_INET6).withFlags(flags)))
                    .extracting(Addrinfo::addr)
                    .containsExactly(Sockaddr.parse("ipv6:[::ffff:192.0.2.1]:7"));
        }
        assertThat(Netdb.getaddrinfo("127.0.0.1", "7", stream.withFlags(AI_ADDRCONFIG)))
                .isNotEmpty();
        AddrinfoHints udp = new AddrinfoHints(AI_NUMERICHOST, AF_INET, 0, IPPROTO_UDP);
        assertThat(Netdb.getaddrinfo("127.0.0.1", "7", udp))
                .extracting(Addrinfo::socktype)
                .containsExactly(SOCK_DGRAM);
    }

    @Test
    void localhostLeadsToTheLoopbackAddressAndBack() throws Exception {
        Sockaddr loopback = Sockaddr.parse("ipv4:127.0.0.1:9");
        assertThat(Netdb.getaddrinfo(
                        "localhost", "9", AddrinfoHints.of(SOCK_STREAM).withFamily(AF_INET)))
                .extracting(Addrinfo::addr)
                .contains(loopback);
        assertThat(Netdb.getnameinfo(loopback, NI_NUMERICHOST | NI_NUMERICSERV))
                .isEqualTo(new NameInfo("127.0.0.1", "9"));
        assertThat(Netdb.getnameinfo(loopback, NI_NUMERICSERV).host()).isNotEqualTo("127.0.0.1");
        assertThat(Netdb.getnameinfo(Sockaddr.parse("ipv6:[fe80::1%1]:9"), NI_NUMERICHOST | NI_NUMERICSERV)
                        .host())
                .startsWith("fe80::1%");
        assertThat(Netdb.getnameinfo(SockaddrUn.path("/run/x"), NI_NUMERICSERV).service())
                .isEqualTo("/run/x");
    }

    @Test
    void failuresCarryTheCodeAndItsWords() {
        assertFails(
                "getaddrinfo(no.such.host, 80): EAI_NONAME (Name or service not known)",
                SocketConstants.EAI_NONAME,
                () -> Netdb.getaddrinfo("no.such.host", "80", NUMERIC));
        assertFails(
                "getaddrinfo(127.0.0.1, no-such-service): EAI_SERVICE (Servname not supported for ai_socktype)",
                SocketConstants.EAI_SERVICE,
                () -> Netdb.getaddrinfo(
                        "127.0.0.1",
                        "no-such-service",
                        AddrinfoHints.of(SOCK_STREAM).withFlags(AI_NUMERICHOST)));
        assertFails(
                "getaddrinfo(127.0.0.1, 80): EAI_BADFLAGS (Bad value for ai_flags)",
                SocketConstants.EAI_BADFLAGS,
                () -> Netdb.getaddrinfo("127.0.0.1", "80", AddrinfoHints.NONE.withFlags(1 << 28)));
        assertFails(
                "getaddrinfo(127.0.0.1, 80): EAI_FAMILY (ai_family not supported)",
                SocketConstants.EAI_FAMILY,
                () -> Netdb.getaddrinfo("127.0.0.1", "80", AddrinfoHints.NONE.withFamily(SocketConstants.AF_UNIX)));
        assertFails(
                "getaddrinfo(127.0.0.1, 80): EAI_SOCKTYPE (ai_socktype not supported)",
                SocketConstants.EAI_SOCKTYPE,
                () -> Netdb.getaddrinfo("127.0.0.1", "80", AddrinfoHints.of(99)));
        assertFails(
                "getaddrinfo(null, null): EAI_NONAME (Name or service not known)",
                SocketConstants.EAI_NONAME,
                () -> Netdb.getaddrinfo(null, null));
        assertFails(
                "getnameinfo(ipv4:127.0.0.1:80, 268435456): EAI_BADFLAGS (Bad value for ai_flags)",
                SocketConstants.EAI_BADFLAGS,
                () -> Netdb.getnameinfo(Sockaddr.parse("ipv4:127.0.0.1:80"), 1 << 28));
        assertThat(catchThrowableOfType(GaiException.class, () -> Netdb.getaddrinfo("no.such.host", "80", NUMERIC))
                        .function())
                .isEqualTo("getaddrinfo");
    }

    @Test
    void anErrorOfTheSystemHasItsErrnoAsTheCause() {
        GaiException e = new GaiException("getaddrinfo", "x, y", SocketConstants.EAI_SYSTEM, Errno.EMFILE.number());
        assertThat(e)
                .hasMessage("getaddrinfo(x, y): EAI_SYSTEM (System error)")
                .cause()
                .hasMessage("getaddrinfo(x, y): EMFILE (Too many open files)");
    }

    @Test
    void namesAreNotCutAtANulAndUndefinedFlagsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Netdb.getaddrinfo("127.0.0.1\0.example.org", "80"))
                .withMessage("node has a NUL at character 9: 127.0.0.1%00.example.org");
        assertThatIllegalArgumentException().isThrownBy(() -> Netdb.getservbyname("h\0", null));
        assertThatIllegalArgumentException().isThrownBy(() -> Netdb.getprotobyname("\0"));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> Netdb.getaddrinfo("::1", "1", NUMERIC.withFlags(SocketConstants.NOT_DEFINED)))
                .withMessage("getaddrinfo: one of its arguments is not defined on Linux");
    }

    @Test
    void aNameThatMustBeFoundAndIsNotIsAnError() {
        GaiException e = catchThrowableOfType(
                GaiException.class, () -> Netdb.getnameinfo(Sockaddr.parse("ipv4:192.0.2.1:9"), NI_NAMEREQD));
        assertThat(e.error()).as(e.getMessage()).isIn(GaiError.EAI_NONAME, GaiError.EAI_AGAIN);
    }

    @Test
    void servicesAreFoundByNameAndPort() throws Exception {
        assumeTrue(Files.exists(Path.of("/etc/services")), "no /etc/services");
        Servent http = Netdb.getservbyname("http", "tcp");
        assertThat(http.port()).isEqualTo(80);
        assertThat(http.name()).isEqualTo("http");
        assertThat(http.proto()).isEqualTo("tcp");
        assertThat(Netdb.getservbyport(80, "tcp")).isEqualTo(http);
        assertThat(Netdb.getservbyport(80, null).port()).isEqualTo(80);
        assertThat(Netdb.getservbyname("domain", null).port()).isEqualTo(53);
        assertThat(Netdb.getservbyname("no-such-service", "tcp")).isNull();
        assertThat(Netdb.getservbyport(80, "no-such-protocol")).isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Netdb.getservbyport(65536, "tcp"))
                .withMessage("port is 65536, must be from 0 to 65535");
        assertThat(Netdb.getnameinfo(Sockaddr.parse("ipv4:127.0.0.1:53"), NI_NUMERICHOST | NI_DGRAM)
                        .service())
                .isEqualTo("domain");
    }

    @Test
    void protocolsAreFoundByNameAndNumber() {
        assumeTrue(Files.exists(Path.of("/etc/protocols")), "no /etc/protocols");
        Protoent tcp = Netdb.getprotobyname("tcp");
        assertThat(tcp.proto()).isEqualTo(IPPROTO_TCP);
        assertThat(tcp.aliases()).contains("TCP");
        assertThat(Netdb.getprotobynumber(IPPROTO_TCP)).isEqualTo(tcp);
        assertThat(Netdb.getprotobyname("no-such-protocol")).isNull();
        assertThat(Netdb.getprotobynumber(-1)).isNull();
    }

    @Test
    void answersInStaticMemoryAreNotMixedUp() throws Exception {
        assumeTrue(Files.exists(Path.of("/etc/services")), "no /etc/services");
        Map<String, Integer> ports = Map.of("http", 80, "ssh", 22, "domain", 53, "https", 443);
        List<Caller<Integer>> callers = new ArrayList<>();
        ports.forEach((name, port) -> callers.add(Caller.start(() -> {
            int right = 0;
            for (int i = 0; i < 300; i++) {
                Servent found = Netdb.getservbyname(name, "tcp");
                if (found.port() == port && found.name().equals(name)) right++;
            }
            return right;
        })));
        for (Caller<Integer> caller : callers) assertThat(caller.result()).isEqualTo(300);
    }

    @Test
    void theStructsAreLaidOutAsTheCompilerDoes(@TempDir Path dir) throws Exception {
        assumeTrue(CProgram.hasCompiler(), "no gcc");
        Map<String, String> c = CProgram.run(dir, """
                #define _GNU_SOURCE
                #include <stddef.h>
                #include <stdio.h>
                #include <netdb.h>
                #include <net/if.h>
                #include <sys/uio.h>
                int main(void) {
                printf("addrinfo=%d %d %d %d %d %d %d %d\\n", (int) offsetof(struct addrinfo, ai_family),
                    (int) offsetof(struct addrinfo, ai_socktype), (int) offsetof(struct addrinfo, ai_protocol),
                    (int) offsetof(struct addrinfo, ai_addrlen), (int) offsetof(struct addrinfo, ai_addr),
                    (int) offsetof(struct addrinfo, ai_canonname), (int) offsetof(struct addrinfo, ai_next),
                    (int) sizeof(struct addrinfo));
                printf("servent=%d %d %d %d\\n", (int) offsetof(struct servent, s_name),
                    (int) offsetof(struct servent, s_aliases), (int) offsetof(struct servent, s_port),
                    (int) offsetof(struct servent, s_proto));
                printf("protoent=%d %d %d\\n", (int) offsetof(struct protoent, p_name),
                    (int) offsetof(struct protoent, p_aliases), (int) offsetof(struct protoent, p_proto));
                printf("if_nameindex=%d %d %d\\n", (int) offsetof(struct if_nameindex, if_index),
                    (int) offsetof(struct if_nameindex, if_name), (int) sizeof(struct if_nameindex));
                printf("iovec=%d %d %d\\n", (int) offsetof(struct iovec, iov_base),
                    (int) offsetof(struct iovec, iov_len), (int) sizeof(struct iovec));
                return 0; }
                """);
        int word = Platform.LONG;
        assertThat(c)
                .containsEntry(
                        "addrinfo",
                        "4 8 12 " + Addrinfo.LENGTH + " " + Addrinfo.ADDR + " " + Addrinfo.CANONNAME + " "
                                + Addrinfo.NEXT + " " + Addrinfo.SIZE)
                .containsEntry("servent", "0 " + word + " " + 2 * word + " " + (word == 8 ? 24 : 12))
                .containsEntry("protoent", "0 " + word + " " + 2 * word)
                .containsEntry("if_nameindex", "0 " + word + " " + 2 * word)
                .containsEntry("iovec", "0 " + word + " " + IoVector.SIZE);
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_INET6;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses as text and as bits, and interfaces by name and by number. */
@EnabledOnOs(OS.LINUX)
class InetTest {
    private static final List<String> ADDRESSES = List.of(
            "::",
            "::1",
            "::2",
            "::ffff:1.2.3.4",
            "::1.2.3.4",
            "1::",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "feff::1",
            "ff01::1",
            "ff02::1",
            "ff05::1",
            "ff08::1",
            "ff0e::1",
            "ff1e::1",
            "fd00::1",
            "2001:db8::8:800:200c:417a",
            "1:0:0:2:0:0:0:3",
            "::ffff:0:0",
            "::fffe:1.2.3.4");

    private static Map<String, Predicate<Inet6Address>> tests() {
        Map<String, Predicate<Inet6Address>> tests = new LinkedHashMap<>();
        tests.put("UNSPECIFIED", Inet::IN6_IS_ADDR_UNSPECIFIED);
        tests.put("LOOPBACK", Inet::IN6_IS_ADDR_LOOPBACK);
        tests.put("MULTICAST", Inet::IN6_IS_ADDR_MULTICAST);
        tests.put("LINKLOCAL", Inet::IN6_IS_ADDR_LINKLOCAL);
        tests.put("SITELOCAL", Inet::IN6_IS_ADDR_SITELOCAL);
        tests.put("V4MAPPED", Inet::IN6_IS_ADDR_V4MAPPED);
        tests.put("V4COMPAT", Inet::IN6_IS_ADDR_V4COMPAT);
        tests.put("MC_NODELOCAL", Inet::IN6_IS_ADDR_MC_NODELOCAL);
        tests.put("MC_LINKLOCAL", Inet::IN6_IS_ADDR_MC_LINKLOCAL);
        tests.put("MC_SITELOCAL", Inet::IN6_IS_ADDR_MC_SITELOCAL);
        tests.put("MC_ORGLOCAL", Inet::IN6_IS_ADDR_MC_ORGLOCAL);
        tests.put("MC_GLOBAL", Inet::IN6_IS_ADDR_MC_GLOBAL);
        return tests;
    }

    @Test
    void everyTestOfAnAddressAnswersAsTheMacroDoes(@TempDir Path dir) throws Exception {
        StringBuilder body = new StringBuilder(
                "#include <stdio.h>\n#include <arpa/inet.h>\n#include <netinet/in.h>\nint main(void) {\nstruct in6_addr a; char text[INET6_ADDRSTRLEN];\n");
        for (String address : ADDRESSES) {
            body.append("inet_pton(AF_INET6, \"" + address + "\", &a);\n");
            body.append("printf(\"" + address + "=%s\", inet_ntop(AF_INET6, &a, text, sizeof text));\n");
            for (String test : tests().keySet())
                body.append("printf(\" %d\", IN6_IS_ADDR_" + test + "(&a) ? 1 : 0);\n");
            body.append("puts(\"\");\n");
        }
        body.append("printf(\"order=%d %d\\n\", htons(0x1234), (int) htonl(0x12345678));\nreturn 0; }\n");
        assumeTrue(CProgram.hasCompiler(), "no gcc");
        Map<String, String> c = CProgram.run(dir, body.toString());
        for (String address : ADDRESSES) {
            Inet6Address parsed = (Inet6Address) Inet.inet_pton(AF_INET6, address);
            StringBuilder ours = new StringBuilder(Inet.inet_ntop(parsed));
            tests().values().forEach(test -> ours.append(test.test(parsed) ? " 1" : " 0"));
            assertThat(ours).as(address).hasToString(c.get(address));
        }
        assertThat(Inet.htons(0x1234) + " " + Inet.htonl(0x12345678)).isEqualTo(c.get("order"));
    }

    @Test
    void theByteOrderGoesThereAndBack() {
        assertThat(Inet.ntohs(Inet.htons(0xfedc))).isEqualTo(0xfedc);
        assertThat(Inet.ntohl(Inet.htonl(0x89abcdef))).isEqualTo(0x89abcdef);
    }

    @Test
    void anIpv4AddressIsReadAndWritten() throws Exception {
        Inet4Address address = (Inet4Address) Inet.inet_pton(AF_INET, "192.0.2.255");
        assertThat(address.getAddress()).containsExactly(192, 0, 2, 255);
        assertThat(Inet.inet_ntop(address)).isEqualTo("192.0.2.255");
        assertThat(Inet.inet_ntop(Inet.in6addr_any)).isEqualTo("::");
        assertThat(Inet.inet_ntop(Inet.in6addr_loopback)).isEqualTo("::1");
        assertThat(Inet.inet_pton(AF_INET6, "::ffff:1.2.3.4")).isInstanceOf(Inet6Address.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1.2.3", "1.2.3.4.5", "010.1.1.1", "256.1.1.1", "::1", "localhost", "1.2.3.4 "})
    void whatIsNoIpv4AddressIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Inet.inet_pton(AF_INET, text))
                .withMessage("'" + text + "' is not an IPv4 address");
    }

    @Test
    void whatIsNoAddressOfAnyFamilyIsRefused() {
        String tooLong = "1:".repeat(150) + ":";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Inet.inet_pton(AF_INET6, tooLong))
                .withMessage("'" + tooLong + "' is not an IPv6 address");
        assertThatIllegalArgumentException().isThrownBy(() -> Inet.inet_pton(AF_INET, "1.2.3.4\0"));
        assertThat(catchThrowableOfType(ErrnoException.class, () -> Inet.inet_pton(AF_UNIX, "1.2.3.4")))
                .hasMessage("inet_pton(1, 1.2.3.4): EAFNOSUPPORT (Address family not supported by protocol)");
    }

    @Test
    void interfacesAreFoundByNameAndByNumber() throws Exception {
        long lo = NetIf.if_nametoindex("lo");
        assertThat(NetIf.if_indextoname(lo)).isEqualTo("lo");
        assertThat(NetIf.if_nameindex()).contains(new IfNameindex(lo, "lo"));
        for (IfNameindex each : NetIf.if_nameindex())
            assertThat(NetIf.if_nametoindex(each.name())).isEqualTo(each.index());
    }

    @Test
    void interfacesThatAreNotThereAreErrors() {
        assertThat(catchThrowableOfType(ErrnoException.class, () -> NetIf.if_nametoindex("none0")))
                .hasMessage("if_nametoindex(none0): ENODEV (No such device)");
        assertThat(catchThrowableOfType(ErrnoException.class, () -> NetIf.if_indextoname(4294967295L)))
                .hasMessage("if_indextoname(4294967295): ENXIO (No such device or address)");
        assertThatIllegalArgumentException().isThrownBy(() -> NetIf.if_indextoname(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> NetIf.if_nametoindex("lo\0x"));
    }
}

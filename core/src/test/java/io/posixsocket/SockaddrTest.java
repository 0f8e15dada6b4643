package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class SockaddrTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "unix:",
                "unix:/run/x.sock",
                "unix:relative/x.sock",
                "unix:/run/ü €.sock",
                "unix:/run/%25/%01%7F",
                "unix:/run/%FF%FE.sock",
                "unix:%2F//three-slashes",
                "unix://two-slashes",
                "unix-abstract:",
                "unix-abstract:x",
                "unix-abstract:a%00b%00",
                "unix-abstract:%FF",
                "ipv4:127.0.0.1:80",
                "ipv4:0.0.0.0:0",
                "ipv4:255.255.255.255:65535",
                "ipv6:[0:0:0:0:0:0:0:1]:80",
                "ipv6:[fe80:0:0:0:0:0:0:1%2]:80",
                "ipv6:[fe80:0:0:0:0:0:0:1%4294967295]:65535",
                "ipv6:[0:0:0:0:0:ffff:7f00:1]:0",
                "vsock:3:1024",
                "vsock:4294967295:0",
            })
    void textSurvivesParsingPrintingEncodingAndDecoding(String text) {
        Sockaddr addr = Sockaddr.parse(text);
        assertThat(addr).hasToString(text);
        assertThat(recoded(addr)).isEqualTo(addr).hasToString(text).hasSameHashCodeAs(addr);
    }

    @ParameterizedTest
    @CsvSource({
        "unix:///run/x.sock, unix:/run/x.sock",
        "unix:/%72un/x, unix:/run/x",
        "ipv6:[::1]:80, ipv6:[0:0:0:0:0:0:0:1]:80",
        "ipv6:[::FFFF:127.0.0.1]:80, ipv6:[0:0:0:0:0:ffff:7f00:1]:80",
        "ipv6:[::1.2.3.4]:80, ipv6:[0:0:0:0:0:0:102:304]:80",
        "ipv6:[::]:0, ipv6:[0:0:0:0:0:0:0:0]:0",
    })
    void otherSpellingsOfOneAddressAreRead(String text, String printed) {
        assertThat(Sockaddr.parse(text)).hasToString(printed).isEqualTo(Sockaddr.parse(printed));
    }

    @Test
    void addressesOfTheBsdsBeginWithTheirLength() {
        ByteBuffer bytes = ByteBuffer.allocate(2);
        SockaddrLayout.putFamily(Platform.BSD, bytes, 30, 28);
        assertThat(bytes).isEqualTo(ByteBuffer.wrap(new byte[] {28, 30}));
        assertThat(SockaddrLayout.family(Platform.BSD, bytes)).isEqualTo(30);
        SockaddrLayout.putFamily(Platform.LINUX, bytes, 10, 28);
        assertThat(SockaddrLayout.family(Platform.LINUX, bytes)).isEqualTo(10);
    }

    @Test
    void percentEscapesStandForBytes() {
        assertThat(((SockaddrUn) Sockaddr.parse("unix:/%C3%bc%ff")).sunPath())
                .isEqualTo(new byte[] {'/', (byte) 0xc3, (byte) 0xbc, (byte) 0xff});
        assertThat(((SockaddrUn) Sockaddr.parse("unix-abstract:a%00")).sunPath())
                .isEqualTo(new byte[] {0, 'a', 0});
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "/run/x | it must begin with unix:, unix-abstract:, ipv4:, ipv6: or vsock:",
                "UNIX:/run/x | it must begin with unix:",
                "unix:/run/%4 | after % two hexadecimal digits must follow; write %25 for a per cent sign",
                "unix:/run/% | after % two hexadecimal digits must follow",
                "unix:/run/%zz | after % two hexadecimal digits must follow",
                "unix:%00x | the path begins with a NUL",
                "ipv4:127.0.0.1 | a port is missing, as in ipv4:127.0.0.1:80",
                "ipv4: | a port is missing, as in ipv4:127.0.0.1:80",
                "ipv4:localhost:80 | 'localhost' is not an IPv4 address",
                "ipv4:1.2:80 | '1.2' is not an IPv4 address",
                "ipv4:256.1.1.1:80 | '256.1.1.1' is not an IPv4 address",
                "ipv4:010.0.0.1:80 | '010.0.0.1' is not an IPv4 address",
                "ipv4:1.2.3.4.5:80 | '1.2.3.4.5' is not an IPv4 address",
                "ipv4:127.0.0.1: | the port '' is not a number from 0 to 65535",
                "ipv4:127.0.0.1:-1 | the port '-1' is not a number from 0 to 65535",
                "ipv4:127.0.0.1:65536 | the port '65536' is not a number from 0 to 65535",
                "ipv4:127.0.0.1:99999999999 | the port '99999999999' is not a number from 0 to 65535",
                "ipv6:::1:80 | it must look like ipv6:[::1]:80",
                "ipv6:[::1] | it must look like ipv6:[::1]:80",
                "ipv6:[::1]:x | the port 'x' is not a number from 0 to 65535",
                "ipv6:[1:2]:80 | '1:2' is not an IPv6 address",
                "ipv6:[.:]:80 | '.:' is not an IPv6 address",
                "ipv6:[127.0.0.1]:80 | '127.0.0.1' is not an IPv6 address",
                "ipv6:[face]:80 | 'face' is not an IPv6 address",
                "ipv6:[fe80::1%eth0]:80 | the scope id 'eth0' is not a number up to 4294967295",
                "ipv6:[fe80::1%4294967296]:80 | the scope id '4294967296' is not a number up to 4294967295",
            })
    void badTextIsRefusedWithTheTextAndTheReason(String text, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sockaddr.parse(text))
                .withMessageStartingWith("bad socket address '" + text + "': ")
                .withMessageContaining(reason);
    }

    @Test
    void aPathMayHave107Bytes() throws Exception {
        String longest = "/" + "x".repeat(106);
        assertThat(((SockaddrUn) recoded(SockaddrUn.path(longest))).path()).isEqualTo(Path.of(longest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SockaddrUn.path(longest + "y"))
                .withMessage("socket path is 108 bytes, Linux allows 107: " + longest + "y");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sockaddr.parse("unix:" + "ü".repeat(54)))
                .withMessage("socket path is 108 bytes, Linux allows 107: " + "ü".repeat(54));
    }

    @Test
    void anAbstractNameMayHave107Bytes() {
        String longest = "x".repeat(107);
        assertThat(recoded(SockaddrUn.abstractName(longest))).isEqualTo(SockaddrUn.abstractName(longest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SockaddrUn.abstractName(longest + "y"))
                .withMessage("abstract socket name is 108 bytes, Linux allows 107: " + longest + "y");
    }

    @Test
    void aPathWithANulIsRefusedAndNotCutThere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SockaddrUn.path("/run/a\0b"))
                .withMessage("socket path has a NUL at byte 6: /run/a%00b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sockaddr.parse("unix:/run/a%00"))
                .withMessage("socket path has a NUL at byte 6: /run/a%00");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SockaddrUn.path("\0abstract"))
                .withMessage("socket path has a NUL at byte 0: %00abstract");
    }

    @Test
    void anEmptyPathIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SockaddrUn.path(""))
                .withMessage("socket path is empty");
    }

    @Test
    void onlyAPathHasAPath() {
        assertThatIllegalStateException()
                .isThrownBy(() -> SockaddrUn.abstractName("x").path())
                .withMessage("unix-abstract:x has no path");
        assertThatIllegalStateException()
                .isThrownBy(() -> SockaddrUn.unnamed().path())
                .withMessage("unix: has no path");
    }

    @Test
    void theBytesOfAnAddressCannotBeChanged() {
        byte[] bytes = {'/', 'x'};
        SockaddrUn addr = new SockaddrUn(bytes);
        bytes[1] = 'y';
        addr.sunPath()[1] = 'z';
        assertThat(addr).hasToString("unix:/x");
    }

    @Test
    void portsOutOfRangeAreRefused() throws Exception {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sockaddr.of(loopback, 65536))
                .withMessage("port is 65536, must be from 0 to 65535");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sockaddr.of(loopback, -1))
                .withMessage("port is -1, must be from 0 to 65535");
    }

    @Test
    void anInetAddressBecomesTheAddressOfItsFamily() throws Exception {
        assertThat(Sockaddr.of(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}), 7))
                .hasToString("ipv4:10.0.0.1:7");
        byte[] linkLocal = Inet6Address.getByName("[fe80::2]").getAddress();
        assertThat(Sockaddr.of(Inet6Address.getByAddress(null, linkLocal, 3), 7))
                .hasToString("ipv6:[fe80:0:0:0:0:0:0:2%3]:7")
                .isEqualTo(Sockaddr.parse("ipv6:[fe80::2%3]:7"));
    }

    @Test
    void structsOfAnotherFamilyOrTooShortAreRefused() {
        ByteBuffer bytes = ByteBuffer.allocate(128);
        bytes.put(0, Sockaddr.parse("ipv4:1.2.3.4:5").encode());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SockaddrLayout.decode(bytes, 8))
                .withMessage("sockaddr_in of 8 bytes, must be 16");
        SockaddrLayout.putFamily(bytes, 16, 12);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SockaddrLayout.decode(bytes, 12))
                .withMessage("address family 16 is not AF_UNIX, AF_INET, AF_INET6 or AF_VSOCK");
        assertThat(SockaddrLayout.decode(bytes, 0)).isEqualTo(SockaddrUn.unnamed());
    }

    @Test
    void randomAddressesSurviveEveryForm() {
        long seed = System.nanoTime();
        System.out.println("SockaddrTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            Sockaddr addr = random(random);
            assertThat(recoded(addr)).as("seed %d", seed).isEqualTo(addr);
            assertThat(Sockaddr.parse(addr.toString()))
                    .as("seed %d: %s", seed, addr)
                    .isEqualTo(addr);
        }
    }

    private static Sockaddr random(Random random) {
        int port = random.nextInt(65536);
        byte[] inet = new byte[16];
        random.nextBytes(inet);
        return switch (random.nextInt(5)) {
            case 0 -> new SockaddrUn(name(random, "//./%\u00fcA".getBytes(StandardCharsets.UTF_8), 0));
            case 1 -> new SockaddrUn(name(random, anyByteButNul(), 0));
            case 2 -> new SockaddrUn(name(random, new byte[] {0, 'a', '%', (byte) 0xff, '/'}, 1));
            case 3 -> new SockaddrIn(SockaddrIn.inet(Arrays.copyOf(inet, 4)), port);
            default -> {
                if (random.nextBoolean()) Arrays.fill(inet, 0, 10, (byte) 0); // v4-mapped and v4-compatible among them
                if (random.nextBoolean()) inet[10] = inet[11] = (byte) 0xff;
                yield new SockaddrIn6(inet6(inet), port, 0, random.nextBoolean() ? 0 : random.nextInt());
            }
        };
    }

    private static Inet6Address inet6(byte[] bytes) {
        try {
            return Inet6Address.getByAddress(null, bytes, -1);
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] anyByteButNul() {
        byte[] any = new byte[255];
        for (int i = 0; i < any.length; i++) any[i] = (byte) (i + 1);
        return any;
    }

    /** Up to 107 bytes of {@code alphabet} after {@code nuls} zeros. */
    private static byte[] name(Random random, byte[] alphabet, int nuls) {
        byte[] name = new byte[random.nextInt(108) + nuls];
        for (int i = nuls; i < name.length; i++) name[i] = alphabet[random.nextInt(alphabet.length)];
        return name;
    }

    private static Sockaddr recoded(Sockaddr addr) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(128);
        for (int i = 0; i < 128; i++) bytes.put(i, (byte) 0x55);
        int length = SockaddrLayout.encode(addr, bytes);
        assertThat(length).isBetween(2, 112);
        Sockaddr decoded = SockaddrLayout.decode(bytes, length);
        assertThat(Sockaddr.decode(addr.encode())).isEqualTo(decoded);
        return decoded;
    }

    @Test
    void theKernelGivesPathsBackAsTheyWereBound(@TempDir Path dir) throws Exception {
        byte[] prefix = (dir + "/").getBytes(StandardCharsets.UTF_8);
        byte[] longest = Arrays.copyOf(prefix, 107);
        Arrays.fill(longest, prefix.length, 107, (byte) 'x');
        byte[] strange = Arrays.copyOf(prefix, prefix.length + 4);
        System.arraycopy(new byte[] {(byte) 0xff, '%', 1, (byte) 0xc3}, 0, strange, prefix.length, 4);
        assertBindsAs(new SockaddrUn(longest));
        byte[] unterminated = Arrays.copyOf(longest, 108); // nothing of ours makes one, but a peer may be bound to it
        unterminated[107] = 'z';
        assertBindsAs(new SockaddrUn(unterminated));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SockaddrUn(Arrays.copyOf(unterminated, 109)))
                .withMessageStartingWith("socket path is 109 bytes, Linux allows 108: ");
        assertBindsAs(new SockaddrUn(strange));
        assertThat(SockaddrUn.path(dir.resolve("y.sock"))).isEqualTo(Sockaddr.parse("unix:" + dir + "/y.sock"));
    }

    @Test
    void theKernelGivesAbstractNamesBackAsTheyWereBound() throws Exception {
        String unique = "io.posixsocket." + ProcessHandle.current().pid() + "." + System.nanoTime();
        assertBindsAs(SockaddrUn.abstractName(unique));
        assertBindsAs(SockaddrUn.abstractName(unique + "\0with NULs\0"));
        assertBindsAs(SockaddrUn.abstractName(unique + "x".repeat(107 - unique.length())));
    }

    @Test
    void bindingToNoNameMakesTheKernelChooseAnAbstractOne() throws Exception {
        try (Fds fds = new Fds()) {
            int fd = fds.stream();
            assertThat(PosixSocket.getsockname(fd)).isEqualTo(SockaddrUn.unnamed());
            PosixSocket.bind(fd, SockaddrUn.unnamed());
            assertThat(((SockaddrUn) PosixSocket.getsockname(fd)).isAbstract()).isTrue();
        }
    }

    private static void assertBindsAs(SockaddrUn addr) throws Exception {
        try (Fds fds = new Fds()) {
            int listener = fds.listener(addr);
            assertThat(PosixSocket.getsockname(listener)).isEqualTo(addr);
            int client = fds.stream();
            PosixSocket.connect(client, addr);
            assertThat(PosixSocket.getpeername(client)).isEqualTo(addr);
            int accepted = fds.keep(PosixSocket.accept(listener));
            assertThat(PosixSocket.getpeername(accepted)).isEqualTo(SockaddrUn.unnamed());
        }
    }
}

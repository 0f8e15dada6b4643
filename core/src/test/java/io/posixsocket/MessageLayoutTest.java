package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The structs of messages and options, against what the C compiler and its CMSG macros make of them. */
@EnabledOnOs(OS.LINUX)
class MessageLayoutTest {
    private static final String HEAD = """
            #define _GNU_SOURCE
            #include <stddef.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/socket.h>
            #include <sys/time.h>
            #include <sys/uio.h>
            #include <netinet/in.h>
            #include <netinet/tcp.h>
            #include <arpa/inet.h>
            #include <linux/vm_sockets.h>
            #define SIZE(type) printf("sizeof %s=%d\\n", #type, (int) sizeof(struct type))
            #define OFFSET(type, field) printf("%s.%s=%d\\n", #type, #field, (int) offsetof(struct type, field))
            static void hex(const char *name, const void *bytes, int length) {
                printf("%s=", name);
                for (int i = 0; i < length; i++) printf("%02x", ((const unsigned char *) bytes)[i]);
                printf("\\n");
            }
            """;

    private static final String STRUCTS = """
            SIZE(msghdr); OFFSET(msghdr, msg_name); OFFSET(msghdr, msg_namelen); OFFSET(msghdr, msg_iov);
            OFFSET(msghdr, msg_iovlen); OFFSET(msghdr, msg_control); OFFSET(msghdr, msg_controllen);
            OFFSET(msghdr, msg_flags);
            SIZE(mmsghdr); OFFSET(mmsghdr, msg_len);
            SIZE(iovec); OFFSET(iovec, iov_base); OFFSET(iovec, iov_len);
            SIZE(cmsghdr); OFFSET(cmsghdr, cmsg_len); OFFSET(cmsghdr, cmsg_level); OFFSET(cmsghdr, cmsg_type);
            for (int i = 0; i < 40; i++) {
                printf("space %d=%d\\n", i, (int) CMSG_SPACE(i));
                printf("len %d=%d\\n", i, (int) CMSG_LEN(i));
            }
            SIZE(ucred); SIZE(linger); OFFSET(linger, l_onoff); OFFSET(linger, l_linger);
            SIZE(in_pktinfo); OFFSET(in_pktinfo, ipi_ifindex); OFFSET(in_pktinfo, ipi_spec_dst);
            OFFSET(in_pktinfo, ipi_addr);
            SIZE(in6_pktinfo); OFFSET(in6_pktinfo, ipi6_addr); OFFSET(in6_pktinfo, ipi6_ifindex);
            SIZE(ip_mreq); OFFSET(ip_mreq, imr_multiaddr); OFFSET(ip_mreq, imr_interface);
            SIZE(ipv6_mreq); OFFSET(ipv6_mreq, ipv6mr_multiaddr); OFFSET(ipv6_mreq, ipv6mr_interface);
            SIZE(tcp_info); OFFSET(tcp_info, tcpi_state); OFFSET(tcp_info, tcpi_ca_state);
            OFFSET(tcp_info, tcpi_retransmits); OFFSET(tcp_info, tcpi_rto); OFFSET(tcp_info, tcpi_snd_mss);
            OFFSET(tcp_info, tcpi_rcv_mss); OFFSET(tcp_info, tcpi_unacked); OFFSET(tcp_info, tcpi_lost);
            OFFSET(tcp_info, tcpi_retrans); OFFSET(tcp_info, tcpi_pmtu); OFFSET(tcp_info, tcpi_rtt);
            OFFSET(tcp_info, tcpi_rttvar); OFFSET(tcp_info, tcpi_snd_ssthresh); OFFSET(tcp_info, tcpi_snd_cwnd);
            OFFSET(tcp_info, tcpi_total_retrans);
            SIZE(sockaddr_vm);
            struct sockaddr_vm vm = {.svm_family = AF_VSOCK, .svm_cid = 3, .svm_port = 1024};
            hex("vm", &vm, sizeof vm);
            printf("VMADDR_CID_ANY=%u\\n", VMADDR_CID_ANY);
            printf("VMADDR_PORT_ANY=%u\\n", VMADDR_PORT_ANY);
            printf("VMADDR_CID_HOST=%u\\n", VMADDR_CID_HOST);
            printf("VMADDR_CID_LOCAL=%u\\n", VMADDR_CID_LOCAL);

            // four messages one after the other, as CMSG_FIRSTHDR and CMSG_NXTHDR place them
            static _Alignas(16) char control[512];
            struct msghdr msg = {.msg_control = control, .msg_controllen = sizeof control};
            struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
            c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_CREDENTIALS; c->cmsg_len = CMSG_LEN(sizeof(struct ucred));
            struct ucred ucred = {.pid = 4711, .uid = 4294967294u, .gid = 7};
            memcpy(CMSG_DATA(c), &ucred, sizeof ucred);
            c = CMSG_NXTHDR(&msg, c);
            c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_TIMESTAMP; c->cmsg_len = CMSG_LEN(sizeof(struct timeval));
            struct timeval tv = {.tv_sec = 1700000000, .tv_usec = 123456};
            memcpy(CMSG_DATA(c), &tv, sizeof tv);
            c = CMSG_NXTHDR(&msg, c);
            c->cmsg_level = IPPROTO_IP; c->cmsg_type = IP_PKTINFO; c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
            struct in_pktinfo info = {.ipi_ifindex = 3};
            inet_pton(AF_INET, "10.0.0.1", &info.ipi_spec_dst);
            inet_pton(AF_INET, "10.0.0.255", &info.ipi_addr);
            memcpy(CMSG_DATA(c), &info, sizeof info);
            c = CMSG_NXTHDR(&msg, c);
            c->cmsg_level = IPPROTO_IPV6; c->cmsg_type = IPV6_PKTINFO;
            c->cmsg_len = CMSG_LEN(sizeof(struct in6_pktinfo));
            struct in6_pktinfo info6 = {.ipi6_ifindex = 9};
            inet_pton(AF_INET6, "fe80::1:2", &info6.ipi6_addr);
            memcpy(CMSG_DATA(c), &info6, sizeof info6);
            c = CMSG_NXTHDR(&msg, c);
            c->cmsg_level = 4711; c->cmsg_type = 42; c->cmsg_len = CMSG_LEN(5);
            memcpy(CMSG_DATA(c), "\\1\\2\\3\\4\\5", 5);
            hex("control", control, (char *) c + CMSG_SPACE(5) - control);
            """;

    private static Map<String, String> c;

    @BeforeAll
    static void askTheCompiler(@TempDir Path dir) throws Exception {
        assumeTrue(CProgram.hasCompiler(), "no gcc");
        StringBuilder program =
                new StringBuilder(HEAD).append("int main(void) {\n").append(STRUCTS);
        c = CProgram.run(dir, program.append("return 0; }\n").toString());
    }

    private static int in(String name) {
        assertThat(c).containsKey(name);
        return Integer.parseInt(c.get(name));
    }

    @Test
    void theHeaderOfAMessageIsLaidOutAsTheCompilerDoes() {
        assertThat(in("sizeof msghdr")).isEqualTo(MsghdrLayout.SIZE);
        assertThat(in("msghdr.msg_name")).isEqualTo(MsghdrLayout.NAME);
        assertThat(in("msghdr.msg_namelen")).isEqualTo(MsghdrLayout.NAMELEN);
        assertThat(in("msghdr.msg_iov")).isEqualTo(MsghdrLayout.IOV);
        assertThat(in("msghdr.msg_iovlen")).isEqualTo(MsghdrLayout.IOVLEN);
        assertThat(in("msghdr.msg_control")).isEqualTo(MsghdrLayout.CONTROL);
        assertThat(in("msghdr.msg_controllen")).isEqualTo(MsghdrLayout.CONTROLLEN);
        assertThat(in("msghdr.msg_flags")).isEqualTo(MsghdrLayout.FLAGS);
        assertThat(in("sizeof mmsghdr")).isEqualTo(MsghdrLayout.MMSGHDR);
        assertThat(in("mmsghdr.msg_len")).isEqualTo(MsghdrLayout.LEN);
        assertThat(in("sizeof iovec")).isEqualTo(MsghdrLayout.IOVEC);
        assertThat(in("iovec.iov_base")).isZero();
        assertThat(in("iovec.iov_len")).isEqualTo(Platform.LONG);
    }

    @Test
    void controlMessagesTakeTheSpaceThatTheMacrosSay() {
        assertThat(in("sizeof cmsghdr")).isEqualTo(CmsgLayout.HEADER);
        assertThat(in("cmsghdr.cmsg_len")).isZero();
        assertThat(in("cmsghdr.cmsg_level")).isEqualTo(CmsgLayout.LEVEL);
        assertThat(in("cmsghdr.cmsg_type")).isEqualTo(CmsgLayout.TYPE);
        for (int i = 0; i < 40; i++) {
            assertThat(in("space " + i)).isEqualTo(CmsgLayout.space(i)).isEqualTo(ControlMessage.space(i));
            assertThat(in("len " + i)).isEqualTo(CmsgLayout.DATA + i);
        }
    }

    @Test
    void controlMessagesAreWrittenAndReadAsTheMacrosDo() throws Exception {
        List<ControlMessage> messages = List.of(
                new ControlMessage.ScmCredentials(new Ucred(4711, 4294967294L, 7)),
                new ControlMessage.ScmTimestamp(Instant.ofEpochSecond(1700000000, 123456000)),
                new ControlMessage.IpPktinfo(3, inet4("10.0.0.1"), inet4("10.0.0.255")),
                new ControlMessage.Ipv6Pktinfo((Inet6Address) InetAddress.getByName("fe80::1:2"), 9),
                new ControlMessage.Raw(4711, 42, new byte[] {1, 2, 3, 4, 5}));
        String expected = c.get("control");
        assertThat(HexFormat.of().formatHex(ControlCodec.encode(messages))).isEqualTo(expected);

        byte[] bytes = HexFormat.of().parseHex(expected);
        ByteBuffer memory = StructLayout.allocate(bytes.length).put(bytes);
        assertThat(ControlCodec.decode(memory, bytes.length)).isEqualTo(messages);
    }

    @Test
    void controlDataThatWasCutShortIsReadToItsEndAndNotBeyond() {
        byte[] bytes = HexFormat.of().parseHex(c.get("control"));
        ByteBuffer memory = StructLayout.allocate(bytes.length).put(bytes);
        for (int length = 0; length <= bytes.length; length++) {
            List<ControlMessage> found = ControlCodec.decode(memory, length);
            assertThat(found.size()).isLessThanOrEqualTo(5);
            if (length == CmsgLayout.DATA + 4)
                assertThat(found)
                        .containsExactly(new ControlMessage.Raw(
                                SocketConstants.SOL_SOCKET,
                                SocketConstants.SCM_CREDENTIALS,
                                StructLayout.allocate(4).putInt(4711).array()));
        }
        memory.putLong(0, 0); // a length that would not get on
        assertThat(ControlCodec.decode(memory, bytes.length)).isEmpty();
        memory.putLong(0, Long.MAX_VALUE);
        assertThat(ControlCodec.decode(memory, bytes.length)).hasSize(1);
    }

    @Test
    void theStructsOfOptionsAreLaidOutAsTheCompilerDoes() throws Exception {
        Map<String, Integer> expected = Map.ofEntries(
                Map.entry("sizeof ucred", Ucred.SIZE),
                Map.entry("sizeof linger", Linger.SIZE),
                Map.entry("linger.l_onoff", 0),
                Map.entry("linger.l_linger", 4),
                Map.entry("sizeof in_pktinfo", 12),
                Map.entry("sizeof in6_pktinfo", 20),
                Map.entry("sizeof ip_mreq", new IpMreq(inet4("224.0.0.1"), inet4("0.0.0.0")).encode().length),
                Map.entry("ip_mreq.imr_multiaddr", 0),
                Map.entry("ip_mreq.imr_interface", 4),
                Map.entry("sizeof ipv6_mreq", 20),
                Map.entry("ipv6_mreq.ipv6mr_multiaddr", 0),
                Map.entry("ipv6_mreq.ipv6mr_interface", 16),
                Map.entry("sizeof tcp_info", TcpInfo.SIZE));
        expected.forEach((name, value) -> assertThat(in(name)).as(name).isEqualTo(value));
    }

    @Test
    void everyFieldOfTcpInfoIsReadWhereTheCompilerPutsIt() {
        String[] bytesFields = {"state", "ca_state", "retransmits"};
        String[] intFields = {
            "rto",
            "snd_mss",
            "rcv_mss",
            "unacked",
            "lost",
            "retrans",
            "pmtu",
            "rtt",
            "rttvar",
            "snd_ssthresh",
            "snd_cwnd",
            "total_retrans"
        };
        ByteBuffer bytes = StructLayout.allocate(TcpInfo.SIZE);
        int value = 1;
        for (String field : bytesFields) bytes.put(in("tcp_info.tcpi_" + field), (byte) value++);
        for (String field : intFields) bytes.putInt(in("tcp_info.tcpi_" + field), value++);
        assertThat(TcpInfo.decode(bytes)).isEqualTo(new TcpInfo(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    }

    @Test
    void aVsockAddressIsLaidOutAsTheCompilerDoes() {
        byte[] bytes = new byte[128];
        bytes[15] = 1; // must be zeroed
        int length = new SockaddrVm(3, 1024).encode(ByteBuffer.wrap(bytes));
        assertThat(HexFormat.of().formatHex(bytes, 0, length)).isEqualTo(c.get("vm"));
        assertThat(c)
                .containsEntry("VMADDR_CID_ANY", "" + SockaddrVm.CID_ANY)
                .containsEntry("VMADDR_PORT_ANY", "" + SockaddrVm.PORT_ANY)
                .containsEntry("VMADDR_CID_HOST", "" + SockaddrVm.CID_HOST)
                .containsEntry("VMADDR_CID_LOCAL", "" + SockaddrVm.CID_LOCAL);
    }

    @Test
    void aTimeoutIsRoundedUpSoThatAShortOneDoesNotBecomeNone() {
        byte[] one = OptionType.TIMEVAL.encode().apply(Duration.ofNanos(1));
        assertThat(OptionType.TIMEVAL.decode().apply(ByteBuffer.wrap(one).order(java.nio.ByteOrder.nativeOrder())))
                .isEqualTo(Duration.ofNanos(1000));
    }

    private static Inet4Address inet4(String address) throws Exception {
        return (Inet4Address) InetAddress.getByName(address);
    }
}

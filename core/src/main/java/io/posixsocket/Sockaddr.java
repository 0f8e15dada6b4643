package io.posixsocket;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The address of a socket: a value. {@link #toString} and {@link #parse} are each other's inverse and use gRPC's naming:
 *
 * <ul>
 *   <li>{@code unix:/run/x.sock}, a path; {@code unix:} alone, the address of an unbound socket
 *   <li>{@code unix-abstract:x}, a name in Linux's abstract name space
 *   <li>{@code ipv4:127.0.0.1:80}
 *   <li>{@code ipv6:[::1]:80}, {@code ipv6:[fe80::1%2]:80} with a scope id
 *   <li>{@code vsock:3:1024}, context id and port
 * </ul>
 *
 * In the Unix forms {@code %41} stands for the byte 0x41, and {@code %25} for a per cent sign.
 */
public sealed interface Sockaddr permits SockaddrUn, SockaddrIn, SockaddrIn6, SockaddrVm {
    /** {@code AF_UNIX}, {@code AF_INET}, {@code AF_INET6} or {@code AF_VSOCK}. */
    int family();

    /** The textual form, which {@link #parse} reads. */
    @Override
    String toString();

    /** The platform's struct, at most 112 bytes: a {@code sockaddr_un}, a {@code sockaddr_in}, … */
    default byte[] encode() {
        byte[] storage = new byte[SockaddrLayout.LENGTH_OFFSET];
        return Arrays.copyOf(storage, SockaddrLayout.encode(this, ByteBuffer.wrap(storage)));
    }

    /**
     * Reads an address from its textual form. Host names are not looked up.
     *
     * @throws IllegalArgumentException naming what is wrong with {@code text}
     */
    static Sockaddr parse(String text) {
        if (text.startsWith("unix:")) return SockaddrUn.parsePath(text, afterSlashes(text.substring("unix:".length())));
        if (text.startsWith("unix-abstract:"))
            return SockaddrUn.parseAbstract(text, text.substring("unix-abstract:".length()));
        if (text.startsWith("ipv4:")) return parseIn(text, text.substring("ipv4:".length()));
        if (text.startsWith("ipv6:")) return parseIn6(text, text.substring("ipv6:".length()));
        if (text.startsWith("vsock:")) return SockaddrVm.parse(text, text.substring("vsock:".length()));
        throw SockaddrLayout.bad(text, "it must begin with unix:, unix-abstract:, ipv4:, ipv6: or vsock:");
    }

    /** gRPC's second form of an absolute path, {@code unix:///run/x.sock}. */
    private static String afterSlashes(String path) {
        return path.startsWith("///") ? path.substring(2) : path;
    }

    private static SockaddrIn parseIn(String text, String rest) {
        int colon = rest.lastIndexOf(':');
        if (colon < 0) throw SockaddrLayout.bad(text, "a port is missing, as in ipv4:127.0.0.1:80");
        String host = rest.substring(0, colon);
        // by hand: InetAddress takes "256.1.1.1" for a host name and looks it up, and reads octal numbers as decimal
        // ones
        if (!host.matches(SockaddrLayout.DOTTED_QUAD))
            throw SockaddrLayout.bad(text, "'" + host + "' is not an IPv4 address");
        String[] numbers = host.split("\\.", -1);
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) bytes[i] = (byte) Integer.parseInt(numbers[i]);
        return new SockaddrIn(SockaddrIn.inet(bytes), port(text, rest.substring(colon + 1)));
    }

    private static SockaddrIn6 parseIn6(String text, String rest) {
        int close = rest.lastIndexOf("]:");
        if (!rest.startsWith("[") || close < 0) throw SockaddrLayout.bad(text, "it must look like ipv6:[::1]:80");
        String host = rest.substring(1, close);
        int scope = 0;
        int percent = host.indexOf('%');
        if (percent >= 0) {
            String id = host.substring(percent + 1);
            if (!id.matches("\\d{1,10}") || Long.parseLong(id) > 0xffffffffL)
                throw SockaddrLayout.bad(text, "the scope id '" + id + "' is not a number up to 4294967295");
            scope = (int) Long.parseLong(id);
            host = host.substring(0, percent);
        }
        if (!host.contains(":") || !host.matches("[0-9A-Fa-f:.]+"))
            throw SockaddrLayout.bad(text, "'" + host + "' is not an IPv6 address");
        // a v4-mapped address comes back as an Inet4Address: SockaddrIn6 maps it again
        return SockaddrIn6.of(numeric(text, host), port(text, rest.substring(close + 2)), 0, scope);
    }

    private static InetAddress numeric(String text, String host) {
        try {
            return InetAddress.getByName("[" + host + "]"); // in brackets it is never taken for a host name
        } catch (UnknownHostException e) {
            IllegalArgumentException bad = SockaddrLayout.bad(text, "'" + host + "' is not an IPv6 address");
            bad.initCause(e);
            throw bad;
        }
    }

    private static int port(String text, String port) {
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535)
            throw SockaddrLayout.bad(text, "the port '" + port + "' is not a number from 0 to 65535");
        return Integer.parseInt(port);
    }

    /**
     * Reads the platform's struct: a {@code sockaddr_un}, a {@code sockaddr_in}, … as a {@link ControlMessage.Raw} may hold one.
     *
     * @param struct with or without the rest of a {@code sockaddr_storage} behind it; a Unix address is as long as it
     * @throws IllegalArgumentException if the family is none of those here, or there are fewer bytes than its struct has
     */
    static Sockaddr decode(byte[] struct) {
        return SockaddrLayout.decode(ByteBuffer.wrap(struct), struct.length);
    }

    /** The address of {@code inet} and {@code port}, an IPv4 or an IPv6 one. */
    static Sockaddr of(InetAddress inet, int port) {
        return inet instanceof Inet4Address in
                ? new SockaddrIn(in, port)
                : SockaddrIn6.of(inet, port, 0, ((Inet6Address) inet).getScopeId());
    }
}

package io.posixsocket;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A {@code sockaddr_in6}: an IPv6 address, a port, a flow label and a scope.
 *
 * @param address the host; its own scope is not used, {@code scopeId} is
 * @param port 0 to 65535, 0 lets bind choose
 * @param flowinfo {@code sin6_flowinfo} in host byte order, mostly 0
 * @param scopeId {@code sin6_scope_id}: the interface of a link-local address, else 0
 * @see <a href="https://man7.org/linux/man-pages/man7/ipv6.7.html">ipv6(7)</a>
 */
public record SockaddrIn6(Inet6Address address, int port, int flowinfo, int scopeId) implements Sockaddr {
    private static final int LENGTH = 28;

    /** @throws IllegalArgumentException if the port is out of range */
    public SockaddrIn6 {
        Objects.requireNonNull(address, "address");
        SockaddrLayout.requirePort(port);
        address = StructLayout.withoutScope(
                address.getAddress()); // a scope inside the address would make equal addresses differ
    }

    /** An IPv4 address becomes its v4-mapped form. */
    static SockaddrIn6 of(InetAddress inet, int port, int flowinfo, int scopeId) {
        byte[] bytes = inet.getAddress();
        if (inet instanceof Inet4Address) {
            byte[] mapped = new byte[16];
            mapped[10] = mapped[11] = (byte) 0xff;
            System.arraycopy(bytes, 0, mapped, 12, 4);
            bytes = mapped;
        }
        return new SockaddrIn6(StructLayout.withoutScope(bytes), port, flowinfo, scopeId);
    }

    @Override
    public int family() {
        return SocketConstants.AF_INET6;
    }

    int encode(ByteBuffer to) {
        SockaddrLayout.putFamily(to, family(), LENGTH);
        SockaddrLayout.putPort(to, port);
        to.order(ByteOrder.BIG_ENDIAN).putInt(4, flowinfo);
        byte[] bytes = address.getAddress();
        for (int i = 0; i < 16; i++) to.put(8 + i, bytes[i]);
        to.order(ByteOrder.nativeOrder()).putInt(24, scopeId);
        return LENGTH;
    }

    static SockaddrIn6 decode(ByteBuffer from, int length) {
        SockaddrLayout.requireLength("sockaddr_in6", length, LENGTH);
        byte[] bytes = new byte[16];
        for (int i = 0; i < 16; i++) bytes[i] = from.get(8 + i);
        int flowinfo = from.order(ByteOrder.BIG_ENDIAN).getInt(4);
        int scopeId = from.order(ByteOrder.nativeOrder()).getInt(24);
        return new SockaddrIn6(StructLayout.withoutScope(bytes), SockaddrLayout.port(from), flowinfo, scopeId);
    }

    @Override
    public String toString() {
        String scope = scopeId == 0 ? "" : "%" + Integer.toUnsignedString(scopeId);
        return "ipv6:[" + address.getHostAddress() + scope + "]:" + port;
    }
}

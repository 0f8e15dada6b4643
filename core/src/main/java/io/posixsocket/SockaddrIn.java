package io.posixsocket;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A {@code sockaddr_in}: an IPv4 address and a port.
 *
 * @param address the host
 * @param port 0 to 65535, 0 lets bind choose
 * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">ip(7)</a>
 */
public record SockaddrIn(Inet4Address address, int port) implements Sockaddr {
    private static final int LENGTH = 16;

    /** @throws IllegalArgumentException if the port is out of range */
    public SockaddrIn {
        Objects.requireNonNull(address, "address");
        SockaddrLayout.requirePort(port);
    }

    @Override
    public int family() {
        return SocketConstants.AF_INET;
    }

    int encode(ByteBuffer to) {
        SockaddrLayout.putFamily(to, family(), LENGTH);
        SockaddrLayout.putPort(to, port);
        byte[] bytes = address.getAddress();
        for (int i = 0; i < 4; i++) to.put(4 + i, bytes[i]);
        to.putLong(8, 0);
        return LENGTH;
    }

    static SockaddrIn decode(ByteBuffer from, int length) {
        SockaddrLayout.requireLength("sockaddr_in", length, LENGTH);
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) bytes[i] = from.get(4 + i);
        return new SockaddrIn(inet(bytes), SockaddrLayout.port(from));
    }

    static Inet4Address inet(byte[] bytes) {
        try {
            return (Inet4Address) InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an IPv4 address", e);
        }
    }

    @Override
    public String toString() {
        return "ipv4:" + address.getHostAddress() + ":" + port;
    }
}

package io.posixsocket;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A {@code struct ip_mreq}: a multicast group and the interface on which it is joined.
 *
 * @param multiaddr the group
 * @param iface an address of the interface; 0.0.0.0 lets the system choose
 * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">IP_ADD_MEMBERSHIP in ip(7)</a>
 */
public record IpMreq(Inet4Address multiaddr, Inet4Address iface) {
    static final int SIZE = 8;

    /** Neither is null. */
    public IpMreq {
        Objects.requireNonNull(multiaddr, "multiaddr");
        Objects.requireNonNull(iface, "iface");
    }

    byte[] encode() {
        return StructLayout.allocate(SIZE)
                .put(multiaddr.getAddress())
                .put(iface.getAddress())
                .array();
    }

    static IpMreq decode(ByteBuffer bytes) {
        return new IpMreq(StructLayout.inet4(bytes, 0), StructLayout.inet4(bytes, 4));
    }
}

package io.posixsocket;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A {@code struct ipv6_mreq}: a multicast group and the interface on which it is joined.
 *
 * @param multiaddr the group; a scope in it is not used
 * @param ifindex the interface's index; 0 lets the system choose
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/netinet_in.h.html">POSIX netinet/in.h</a>
 */
public record Ipv6Mreq(Inet6Address multiaddr, int ifindex) {
    static final int SIZE = 20;

    /** The group is not null. */
    public Ipv6Mreq {
        Objects.requireNonNull(multiaddr, "multiaddr");
    }

    byte[] encode() {
        return StructLayout.allocate(SIZE)
                .put(multiaddr.getAddress())
                .putInt(ifindex)
                .array();
    }

    static Ipv6Mreq decode(ByteBuffer bytes) {
        return new Ipv6Mreq(StructLayout.inet6(bytes, 0), bytes.getInt(16));
    }
}

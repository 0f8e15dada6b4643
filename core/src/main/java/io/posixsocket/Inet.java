package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_INET6;
import static io.posixsocket.SocketConstants.INET6_ADDRSTRLEN;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/**
 * The functions and tests of {@code <arpa/inet.h>} and {@code <netinet/in.h>} under the manual's names. None blocks, and all
 * may be called from any thread.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/arpa_inet.h.html">POSIX arpa/inet.h</a>
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/netinet_in.h.html">POSIX netinet/in.h</a>
 */
public final class Inet {
    /** The wildcard {@code ::}. */
    public static final Inet6Address in6addr_any = StructLayout.withoutScope(new byte[16]);

    /** The loopback address {@code ::1}. */
    public static final Inet6Address in6addr_loopback = StructLayout.withoutScope(last(1));

    private static final boolean SWAPS = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    /** Where the address lies that inet_pton writes: after the longest text and more. */
    private static final int BINARY = 200;

    private Inet() {}

    private static byte[] last(int value) {
        byte[] bytes = new byte[16];
        bytes[15] = (byte) value;
        return bytes;
    }

    /** Turns a 16-bit number (0 to 65535; higher bits are dropped) from host to network byte order. */
    public static int htons(int hostshort) {
        return SWAPS ? Short.toUnsignedInt(Short.reverseBytes((short) hostshort)) : hostshort & 0xffff;
    }

    /** Turns a 16-bit number (0 to 65535; higher bits are dropped) from network to host byte order. */
    public static int ntohs(int netshort) {
        return htons(netshort);
    }

    /** Turns a 32-bit number from host to network byte order. */
    public static int htonl(int hostlong) {
        return SWAPS ? Integer.reverseBytes(hostlong) : hostlong;
    }

    /** Turns a 32-bit number from network to host byte order. */
    public static int ntohl(int netlong) {
        return htonl(netlong);
    }

    /**
     * Reads an address from its text. Host names are not looked up, and octal numbers and short forms are refused.
     *
     * @param af {@code AF_INET} or {@code AF_INET6}
     * @return an {@link Inet4Address} or an {@link Inet6Address}, the latter also for {@code ::ffff:1.2.3.4}
     * @throws IllegalArgumentException if {@code src} is no address of this family, where C's function returns 0
     * @throws ErrnoException EAFNOSUPPORT
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/inet_pton.html">POSIX inet_pton</a>
     */
    public static InetAddress inet_pton(int af, String src) throws ErrnoException {
        byte[] text = CMemory.requireNoNul("src", src);
        NativeBuffer memory = BufferPool.SMALL.take(BINARY + 16);
        try {
            // what is too long for the buffer is too long for an address
            if (text.length >= BINARY) throw notAnAddress(af, src);
            CMemory.putString(memory, 0, text);
            int result = LibC.inetPton(af, memory, BINARY);
            if (result < 0) throw new ErrnoException("inet_pton", af + ", " + src, -result);
            if (result == 0) throw notAnAddress(af, src);
            byte[] bytes = new byte[af == AF_INET ? 4 : 16];
            memory.bytes().get(BINARY, bytes);
            return af == AF_INET ? SockaddrIn.inet(bytes) : StructLayout.withoutScope(bytes);
        } finally {
            BufferPool.SMALL.give(memory);
        }
    }

    private static IllegalArgumentException notAnAddress(int af, String src) {
        return new IllegalArgumentException(
                "'" + src + "' is not an " + (af == AF_INET ? "IPv4" : "IPv6") + " address");
    }

    /**
     * The text of an address, in the shortest form that POSIX knows: {@code ::1}. A scope is not part of it.
     *
     * @throws ErrnoException ENOSPC cannot happen here
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/inet_ntop.html">POSIX inet_ntop</a>
     */
    public static String inet_ntop(InetAddress src) throws ErrnoException {
        byte[] bytes = src.getAddress();
        NativeBuffer memory = BufferPool.SMALL.take(16 + INET6_ADDRSTRLEN);
        try {
            memory.bytes().put(0, bytes);
            int result = LibC.inetNtop(bytes.length == 4 ? AF_INET : AF_INET6, memory, 16, INET6_ADDRSTRLEN);
            if (result < 0) throw new ErrnoException("inet_ntop", src.toString(), -result);
            return memory.string(16);
        } finally {
            BufferPool.SMALL.give(memory);
        }
    }

    /** Whether this is {@code ::}. */
    public static boolean IN6_IS_ADDR_UNSPECIFIED(Inet6Address a) {
        return zeroUpTo(a.getAddress(), 16);
    }

    /** Whether this is {@code ::1}. */
    public static boolean IN6_IS_ADDR_LOOPBACK(Inet6Address a) {
        byte[] bytes = a.getAddress();
        return zeroUpTo(bytes, 15) && bytes[15] == 1;
    }

    /** Whether this is in {@code ff00::/8}. */
    public static boolean IN6_IS_ADDR_MULTICAST(Inet6Address a) {
        return a.getAddress()[0] == (byte) 0xff;
    }

    /** Whether this is in {@code fe80::/10}. */
    public static boolean IN6_IS_ADDR_LINKLOCAL(Inet6Address a) {
        byte[] bytes = a.getAddress();
        return bytes[0] == (byte) 0xfe && (bytes[1] & 0xc0) == 0x80;
    }

    /** Whether this is in {@code fec0::/10}, which is deprecated. */
    public static boolean IN6_IS_ADDR_SITELOCAL(Inet6Address a) {
        byte[] bytes = a.getAddress();
        return bytes[0] == (byte) 0xfe && (bytes[1] & 0xc0) == 0xc0;
    }

    /** Whether this is in {@code ::ffff:0:0/96}, an IPv4 address in an IPv6 one. */
    public static boolean IN6_IS_ADDR_V4MAPPED(Inet6Address a) {
        byte[] bytes = a.getAddress();
        return zeroUpTo(bytes, 10) && bytes[10] == (byte) 0xff && bytes[11] == (byte) 0xff;
    }

    /** Whether this is in {@code ::/96}, neither {@code ::} nor {@code ::1}; deprecated. */
    public static boolean IN6_IS_ADDR_V4COMPAT(Inet6Address a) {
        return zeroUpTo(a.getAddress(), 12) && !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LOOPBACK(a);
    }

    /** Whether this is a multicast address of node scope. */
    public static boolean IN6_IS_ADDR_MC_NODELOCAL(Inet6Address a) {
        return isMulticastOfScope(a, 0x1);
    }

    /** Whether this is a multicast address of link scope. */
    public static boolean IN6_IS_ADDR_MC_LINKLOCAL(Inet6Address a) {
        return isMulticastOfScope(a, 0x2);
    }

    /** Whether this is a multicast address of site scope. */
    public static boolean IN6_IS_ADDR_MC_SITELOCAL(Inet6Address a) {
        return isMulticastOfScope(a, 0x5);
    }

    /** Whether this is a multicast address of organization scope. */
    public static boolean IN6_IS_ADDR_MC_ORGLOCAL(Inet6Address a) {
        return isMulticastOfScope(a, 0x8);
    }

    /** Whether this is a multicast address of global scope. */
    public static boolean IN6_IS_ADDR_MC_GLOBAL(Inet6Address a) {
        return isMulticastOfScope(a, 0xe);
    }

    private static boolean isMulticastOfScope(Inet6Address a, int scope) {
        return IN6_IS_ADDR_MULTICAST(a) && (a.getAddress()[1] & 0xf) == scope;
    }

    private static boolean zeroUpTo(byte[] bytes, int end) {
        for (int i = 0; i < end; i++) if (bytes[i] != 0) return false;
        return true;
    }
}

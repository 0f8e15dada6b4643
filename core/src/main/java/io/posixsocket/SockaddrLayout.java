package io.posixsocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The first two bytes of every sockaddr: a short on Linux, a length byte and a family byte on the BSDs. */
final class SockaddrLayout {
    static final int PATH = 2;
    /** Enough for the longest address here (sockaddr_un, 110 bytes) and, after it, a socklen_t. */
    static final int LENGTH_OFFSET = 128;

    /** Four numbers from 0 to 255, without leading zeros. */
    static final String DOTTED_QUAD = "N(\\.N){3}".replace("N", "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)");

    private SockaddrLayout() {}

    /** Writes the struct at the start of {@code to}, which has room for any, and returns its length. */
    static int encode(Sockaddr addr, ByteBuffer to) {
        if (addr instanceof SockaddrUn un) return un.encode(to);
        if (addr instanceof SockaddrIn in) return in.encode(to);
        if (addr instanceof SockaddrIn6 in6) return in6.encode(to);
        return ((SockaddrVm) addr).encode(to);
    }

    /** Reads the first {@code length} bytes of {@code from}, a {@code sockaddr_storage} as the kernel wrote it. */
    static Sockaddr decode(ByteBuffer from, int length) {
        if (length < 2) return SockaddrUn.unnamed(); // what Linux reports for an unnamed peer of accept
        int family = family(from);
        if (family == SocketConstants.AF_UNIX) return SockaddrUn.decode(from, length);
        if (family == SocketConstants.AF_INET) return SockaddrIn.decode(from, length);
        if (family == SocketConstants.AF_INET6) return SockaddrIn6.decode(from, length);
        if (family == SocketConstants.AF_VSOCK) return SockaddrVm.decode(from, length);
        throw new IllegalArgumentException(
                "address family " + family + " is not AF_UNIX, AF_INET, AF_INET6 or AF_VSOCK");
    }

    static void putFamily(ByteBuffer to, int family, int length) {
        putFamily(Platform.CURRENT, to, family, length);
    }

    static void putFamily(Platform platform, ByteBuffer to, int family, int length) {
        if (platform == Platform.LINUX) {
            to.order(ByteOrder.nativeOrder()).putShort(0, (short) family);
        } else {
            to.put(0, (byte) length).put(1, (byte) family);
        }
    }

    static int family(ByteBuffer from) {
        return family(Platform.CURRENT, from);
    }

    static int family(Platform platform, ByteBuffer from) {
        return platform == Platform.LINUX
                ? from.order(ByteOrder.nativeOrder()).getShort(0) & 0xffff
                : from.get(1) & 0xff;
    }

    /** Ports are big-endian on every platform. */
    static void putPort(ByteBuffer to, int port) {
        to.put(2, (byte) (port >> 8)).put(3, (byte) port);
    }

    static int port(ByteBuffer from) {
        return (from.get(2) & 0xff) << 8 | (from.get(3) & 0xff);
    }

    static IllegalArgumentException bad(String text, String why) {
        return new IllegalArgumentException("bad socket address '" + text + "': " + why);
    }

    /** The address, or null if the kernel told none, or one of a family that has no class here. */
    static Sockaddr decodeOrNull(ByteBuffer from, int length) {
        if (length < 2) return null;
        try {
            return decode(from, length);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static void requireLength(String struct, int length, int wanted) {
        if (length < wanted) throw new IllegalArgumentException(struct + " of " + length + " bytes, must be " + wanted);
    }

    static void requirePort(int port) {
        if (port < 0 || port > 65535)
            throw new IllegalArgumentException("port is " + port + ", must be from 0 to 65535");
    }
}

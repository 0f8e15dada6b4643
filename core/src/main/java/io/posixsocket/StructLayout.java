package io.posixsocket;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/** What the small structs of options and control messages are made of. */
final class StructLayout {
    /** Two C longs; tv_usec is an int on macOS, padded to the same place and size. */
    static final int TIMEVAL = 2 * Platform.LONG;

    private StructLayout() {}

    /** Zeros in the platform's byte order, over an array of just that size. */
    static ByteBuffer allocate(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }

    static void putLong(ByteBuffer to, int offset, long value) {
        if (Platform.LONG == 8) to.putLong(offset, value);
        else to.putInt(offset, (int) value);
    }

    static long getLong(ByteBuffer from, int offset) {
        return Platform.LONG == 8 ? from.getLong(offset) : from.getInt(offset);
    }

    static byte[] timeval(long seconds, int micros) {
        byte[] timeval = new byte[TIMEVAL];
        ByteBuffer bytes = ByteBuffer.wrap(timeval).order(ByteOrder.nativeOrder());
        putLong(bytes, 0, seconds);
        putLong(bytes, Platform.LONG, micros);
        return timeval;
    }

    /** Some 292 years at most. */
    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    static Inet4Address inet4(ByteBuffer from, int offset) {
        byte[] address = new byte[4];
        from.get(offset, address);
        return SockaddrIn.inet(address);
    }

    static Inet6Address inet6(ByteBuffer from, int offset) {
        byte[] address = new byte[16];
        from.get(offset, address);
        return withoutScope(address);
    }

    /** A scope inside the address would make equal addresses differ. */
    static Inet6Address withoutScope(byte[] address) {
        try {
            return Inet6Address.getByAddress(null, address, -1);
        } catch (UnknownHostException e) {
            throw new AssertionError("sixteen bytes are an IPv6 address", e);
        }
    }

    static void requireUnsignedInt(String what, long value) {
        if (value < 0 || value > 0xffffffffL)
            throw new IllegalArgumentException(what + " is " + value + ", must be from 0 to 4294967295");
    }
}

package io.posixsocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A {@code sockaddr_vm}: a virtual machine, or its host, and a port.
 *
 * @param cid the context id, 0 to 4294967295: 2 is the host, 1 this machine itself, {@link #CID_ANY} any
 * @param port 0 to 4294967295; {@link #PORT_ANY} lets bind choose
 * @see <a href="https://man7.org/linux/man-pages/man7/vsock.7.html">vsock(7)</a>
 */
public record SockaddrVm(long cid, long port) implements Sockaddr {
    /** {@code VMADDR_CID_ANY}: any context, in bind. */
    public static final long CID_ANY = 0xffffffffL;
    /** {@code VMADDR_CID_LOCAL}: this machine itself. */
    public static final long CID_LOCAL = 1;
    /** {@code VMADDR_CID_HOST}: the host of this virtual machine. */
    public static final long CID_HOST = 2;
    /** {@code VMADDR_PORT_ANY}: a port that bind chooses. */
    public static final long PORT_ANY = 0xffffffffL;

    private static final int LENGTH = Platform.CURRENT == Platform.LINUX ? 16 : 12;

    /** @throws IllegalArgumentException if a number is out of range */
    public SockaddrVm {
        StructLayout.requireUnsignedInt("cid", cid);
        StructLayout.requireUnsignedInt("port", port);
    }

    @Override
    public int family() {
        return SocketConstants.AF_VSOCK;
    }

    int encode(ByteBuffer to) {
        SockaddrLayout.putFamily(to, family(), LENGTH);
        to.order(ByteOrder.nativeOrder())
                .putShort(2, (short) 0)
                .putInt(4, (int) port)
                .putInt(8, (int) cid);
        if (LENGTH > 12) to.putInt(12, 0);
        return LENGTH;
    }

    static SockaddrVm decode(ByteBuffer from, int length) {
        SockaddrLayout.requireLength("sockaddr_vm", length, LENGTH);
        from.order(ByteOrder.nativeOrder());
        return new SockaddrVm(Integer.toUnsignedLong(from.getInt(8)), Integer.toUnsignedLong(from.getInt(4)));
    }

    static SockaddrVm parse(String text, String rest) {
        int colon = rest.indexOf(':');
        if (colon < 0) throw SockaddrLayout.bad(text, "it must look like vsock:3:1024");
        return new SockaddrVm(number(text, rest.substring(0, colon)), number(text, rest.substring(colon + 1)));
    }

    private static long number(String text, String number) {
        if (!number.matches("\\d{1,10}") || Long.parseLong(number) > 0xffffffffL)
            throw SockaddrLayout.bad(text, "'" + number + "' is not a number from 0 to 4294967295");
        return Long.parseLong(number);
    }

    @Override
    public String toString() {
        return "vsock:" + cid + ":" + port;
    }
}

package io.posixsocket;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads memory that the C library owns and has just told us of. Whoever calls knows that it is still there. */
final class CMemory {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private CMemory() {}

    static int getInt(long address) {
        return MEMORY.getInt(address);
    }

    /** A C pointer. */
    static long getPointer(long address) {
        return MEMORY.getAddress(address);
    }

    /** The string up to its NUL; null for a null pointer. */
    static String getString(long address) {
        if (address == 0) return null;
        return new String(MEMORY.getZeroTerminatedByteArray(address), StandardCharsets.UTF_8);
    }

    /** A copy, in the platform's byte order. */
    static ByteBuffer copy(long address, int length) {
        byte[] bytes = new byte[length];
        MEMORY.getByteArray(address, bytes, 0, length);
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    /** Writes a string and its NUL to {@code offset} and returns the offset after it. */
    static int putString(NativeBuffer to, int offset, byte[] bytes) {
        to.bytes().put(offset, bytes).put(offset + bytes.length, (byte) 0);
        return offset + bytes.length + 1;
    }

    /** The bytes of a string that goes to C, which would see it end at a NUL. */
    static byte[] requireNoNul(String what, String text) {
        int at = text.indexOf('\0');
        if (at >= 0)
            throw new IllegalArgumentException(
                    what + " has a NUL at character " + at + ": " + text.replace("\0", "%00"));
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

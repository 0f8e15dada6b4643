package io.posixsocket;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A block of memory outside the Java heap, that the kernel can read and write while the garbage collector runs.
 *
 * <p>The buffer and its address are one object: whoever holds the address holds the memory too. The memory is freed when
 * the NativeBuffer is no longer reachable and no call uses it.
 *
 * <p>Not synchronized: one thread at a time reads or writes the bytes.
 */
public final class NativeBuffer {
    private final ByteBuffer bytes;
    private final long address;

    private NativeBuffer(ByteBuffer bytes) {
        this.bytes = bytes;
        this.address = addressOf(bytes);
    }

    /**
     * Allocates {@code capacity} zeroed bytes.
     *
     * @throws IllegalArgumentException if {@code capacity} is negative
     * @throws OutOfMemoryError when {@code -XX:MaxDirectMemorySize} is used up
     */
    public static NativeBuffer allocate(int capacity) {
        if (capacity < 0) throw new IllegalArgumentException("capacity is " + capacity + ", must be at least 0");
        return new NativeBuffer(ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder()));
    }

    /**
     * The bytes, in the platform's byte order. Always the same object: its position and limit belong to the caller, the
     * calls that take a NativeBuffer use neither.
     */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** The size in bytes. */
    public int capacity() {
        return bytes.capacity();
    }

    /** Valid as long as this object is reachable: fence it after the call that used the address. */
    long address() {
        return address;
    }

    /** The address of the first byte of a direct buffer, whatever its position. Fence the buffer after use. */
    static long addressOf(ByteBuffer direct) {
        return MemoryIO.getInstance().getDirectBufferAddress(direct);
    }

    /** A C pointer that lies here. */
    long pointer(int offset) {
        return Platform.LONG == 8 ? bytes.getLong(offset) : Integer.toUnsignedLong(bytes.getInt(offset));
    }

    /** The string that begins here, up to its NUL. */
    String string(int offset) {
        int end = offset;
        while (bytes.get(end) != 0) end++;
        byte[] copy = new byte[end - offset];
        bytes.get(offset, copy);
        return new String(copy, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "NativeBuffer[" + capacity() + " bytes]";
    }
}

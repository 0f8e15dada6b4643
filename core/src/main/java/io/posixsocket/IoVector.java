package io.posixsocket;

import java.nio.ByteBuffer;

/**
 * An array of {@code struct iovec} for one call. A direct buffer is named where it lies, the heap buffers lie one after the
 * other in memory of their own. As long as this object is reachable, all of it is. Confined to one thread.
 */
final class IoVector {
    static final int SIZE = 2 * Platform.LONG;

    private final ByteBuffer[] buffers;
    private final NativeBuffer vector;
    private final NativeBuffer copies;

    IoVector(ByteBuffer[] buffers) {
        this.buffers = buffers.clone();
        vector = NativeBuffer.allocate(this.buffers.length * SIZE);
        int heap = 0;
        for (ByteBuffer buffer : this.buffers) if (!buffer.isDirect()) heap = Math.addExact(heap, buffer.remaining());
        copies = NativeBuffer.allocate(heap);
        int copy = 0;
        for (int i = 0; i < this.buffers.length; i++) {
            ByteBuffer buffer = this.buffers[i];
            long base =
                    buffer.isDirect() ? NativeBuffer.addressOf(buffer) + buffer.position() : copies.address() + copy;
            if (!buffer.isDirect()) copy += buffer.remaining();
            StructLayout.putLong(vector.bytes(), i * SIZE, base);
            StructLayout.putLong(vector.bytes(), i * SIZE + Platform.LONG, buffer.remaining());
        }
    }

    /** Valid as long as this object is reachable. */
    long address() {
        return vector.address();
    }

    /** Copies the heap buffers to where the kernel reads them. */
    void gather() {
        int copy = 0;
        for (ByteBuffer buffer : buffers) {
            if (buffer.isDirect()) continue;
            copies.bytes().put(copy, buffer, buffer.position(), buffer.remaining());
            copy += buffer.remaining();
        }
    }

    /** The kernel took {@code n} bytes. */
    void sent(int n) {
        int left = n;
        for (ByteBuffer buffer : buffers) {
            int part = Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + part);
            left -= part;
        }
    }

    /** The kernel wrote {@code n} bytes. */
    void received(int n) {
        int copy = 0;
        int left = n;
        for (ByteBuffer buffer : buffers) {
            int length = buffer.remaining();
            int part = Math.min(left, length);
            if (!buffer.isDirect()) {
                buffer.put(buffer.position(), copies.bytes(), copy, part);
                copy += length;
            }
            buffer.position(buffer.position() + part);
            left -= part;
        }
    }
}

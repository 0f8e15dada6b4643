package io.posixsocket;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Spare native buffers of one size, striped by thread. Not thread-locals: those hold class loaders and multiply by the
 * number of threads. A buffer that finds its place taken is left to the collector.
 */
final class BufferPool {
    private static final int STRIPES =
            Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 4;
    /** Distance of two stripes in the array: 16 references of 4 bytes are one cache line. */
    private static final int SPREAD = 16;

    /** What a sockaddr, an option value or a few pollfds need. */
    static final BufferPool SMALL = new BufferPool(256);
    /** What a heap buffer is copied through. */
    static final BufferPool WINDOWS = new BufferPool(64 * 1024);

    private final AtomicReferenceArray<NativeBuffer> spare = new AtomicReferenceArray<>(STRIPES * SPREAD);
    private final int size;

    private BufferPool(int size) {
        this.size = size;
    }

    /** A buffer of at least {@code needed} bytes, this pool's own size if that is enough. Its content is undefined. */
    NativeBuffer take(int needed) {
        if (needed > size) return NativeBuffer.allocate(needed);
        NativeBuffer buffer = spare.getAndSet(stripe(), null);
        return buffer != null ? buffer : NativeBuffer.allocate(size);
    }

    void give(NativeBuffer buffer) {
        if (buffer.capacity() == size) spare.set(stripe(), buffer);
    }

    private static int stripe() {
        return ((int) Thread.currentThread().getId() & (STRIPES - 1)) * SPREAD;
    }
}

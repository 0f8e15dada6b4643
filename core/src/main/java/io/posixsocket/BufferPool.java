package io.posixsocket;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Spare native buffers of one size, striped by thread, a stripe being one cache line of places. Not thread-locals: those hold
 * class loaders and multiply by the number of threads. A buffer that finds all places of its stripe taken is left to the
 * collector.
 */
final class BufferPool {
    private static final int STRIPES =
            Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 4;
    /** References of 4 bytes in a cache line. */
    private static final int PLACES = 16;

    /** What a sockaddr, an option value or a few pollfds need. */
    static final BufferPool SMALL = new BufferPool(256);
    /** What a heap buffer is copied through. */
    static final BufferPool WINDOWS = new BufferPool(64 * 1024);

    private final AtomicReferenceArray<NativeBuffer> spare = new AtomicReferenceArray<>(STRIPES * PLACES);
    private final int size;

    private BufferPool(int size) {
        this.size = size;
    }

    /** A buffer of at least {@code needed} bytes, this pool's own size if that is enough. Its content is undefined. */
    NativeBuffer take(int needed) {
        if (needed > size) return NativeBuffer.allocate(needed);
        int first = firstPlace();
        for (int i = first; i < first + PLACES; i++) {
            if (spare.get(i) == null) continue;
            NativeBuffer buffer = spare.getAndSet(i, null);
            if (buffer != null) return buffer;
        }
        return NativeBuffer.allocate(size);
    }

    void give(NativeBuffer buffer) {
        if (buffer.capacity() != size) return;
        int first = firstPlace();
        for (int i = first; i < first + PLACES; i++)
            if (spare.get(i) == null && spare.compareAndSet(i, null, buffer)) return;
    }

    private static int firstPlace() {
        return ((int) Thread.currentThread().getId() & (STRIPES - 1)) * PLACES;
    }
}

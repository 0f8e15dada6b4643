package io.posixsocket.rpc;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Spare buffers, so that a parked connection needs none. Striped by thread, a stripe being one cache line of places: callers
 * beyond the number of processors share them without making new buffers each time. One that finds all places of its stripe
 * taken is left to the collector.
 */
final class Spare<T> {
    private static final int STRIPES =
            Math.min(16, Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 4);
    /** References of 4 bytes in a cache line. */
    private static final int PLACES = 16;

    private final AtomicReferenceArray<T> spare = new AtomicReferenceArray<>(STRIPES * PLACES);
    private final Supplier<T> maker;

    Spare(Supplier<T> maker) {
        this.maker = maker;
    }

    T take() {
        int first = firstPlace();
        for (int i = first; i < first + PLACES; i++) {
            if (spare.get(i) == null) continue;
            T one = spare.getAndSet(i, null);
            if (one != null) return one;
        }
        return maker.get();
    }

    void give(T one) {
        int first = firstPlace();
        for (int i = first; i < first + PLACES; i++)
            if (spare.get(i) == null && spare.compareAndSet(i, null, one)) return;
    }

    private static int firstPlace() {
        return ((int) Thread.currentThread().getId() & (STRIPES - 1)) * PLACES;
    }
}

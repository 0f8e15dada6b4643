package io.posixsocket;

import java.nio.ByteBuffer;

/**
 * The array of {@code struct epoll_event} that {@link PosixSocket#epoll_wait} fills. Confined to one thread at a time.
 */
public final class EpollEvents {
    private static final int DATA = Platform.EPOLL_PACKED ? 4 : 8;
    static final int SIZE = DATA + 8;

    private final NativeBuffer memory;
    private final int capacity;

    /** @param capacity how many events one wait can return, at least 1 */
    public EpollEvents(int capacity) {
        if (capacity < 1) throw new IllegalArgumentException("capacity is " + capacity + ", must be at least 1");
        this.capacity = capacity;
        this.memory = NativeBuffer.allocate(capacity * SIZE);
    }

    /** How many events one wait can return. */
    public int capacity() {
        return capacity;
    }

    /** What happened: a sum of {@code EPOLLIN}, {@code EPOLLHUP}, … */
    public int events(int index) {
        return memory.bytes().getInt(offset(index));
    }

    /** The value that {@link PosixSocket#epoll_ctl} was given with the descriptor. */
    public long data(int index) {
        return memory.bytes().getLong(offset(index) + DATA);
    }

    private int offset(int index) {
        if (index < 0 || index >= capacity) throw new IndexOutOfBoundsException("event " + index + " of " + capacity);
        return index * SIZE;
    }

    NativeBuffer memory() {
        return memory;
    }

    static void put(ByteBuffer to, int events, long data) {
        to.putInt(0, events).putLong(DATA, data);
    }
}

package io.posixsocket;

/**
 * On which processor the calling thread runs. On Linux; elsewhere nothing is known, and nothing is done. Of a virtual thread this
 * is its carrier.
 */
public final class CpuAffinity {
    private static final boolean LINUX = Platform.CURRENT == Platform.LINUX;
    private static final int RUSAGE_THREAD = 1;
    /** struct rusage: two timevals of two longs, and 13 longs before this one. */
    private static final int RU_NIVCSW = 17 * Platform.LONG;
    /** For 2,048 processors. */
    private static final int MASK_BYTES = 256;

    private static final int WORD = Platform.LONG * Byte.SIZE;
    /** Of more, some are near and some are far, and the kernel does not ask. */
    private static final int MOST = 8;

    private CpuAffinity() {}

    /**
     * How often the calling thread has lost its processor to another thread without having to wait for anything. A yield counts if
     * another thread took it. Does not block.
     *
     * @return negative if the system does not tell
     * @see <a href="https://man7.org/linux/man-pages/man2/getrusage.2.html">getrusage(2)</a>, {@code ru_nivcsw}
     */
    public static long involuntarySwitches() {
        if (!LINUX) return -1;
        NativeBuffer usage = BufferPool.SMALL.take(MASK_BYTES);
        try {
            if (LibC.getrusage(RUSAGE_THREAD, usage) != 0) return -1;
            return Platform.LONG == Long.BYTES
                    ? usage.bytes().getLong(RU_NIVCSW)
                    : usage.bytes().getInt(RU_NIVCSW);
        } finally {
            BufferPool.SMALL.give(usage);
        }
    }

    /**
     * Moves the calling thread to another one of the processors that it may run on, of which there are eight at most: takes the present one out of its
     * affinity mask, waits until it runs elsewhere, and puts the mask back. Which one it gets is the kernel's choice, and the scheduler may move it again at any time. Does not
     * wait for anybody else.
     *
     * <p>Call this on threads of your own alone. A mask that somebody else sets in between is lost. From then on the thread, and
     * threads that it starts, has a mask that was set: the kernel still cuts it to the process's cpuset, and
     * a mask that is the whole of it follows when it grows; a narrower one, as {@code taskset} makes, stays what it was.
     *
     * @return false if there is no other processor, there are more than eight, or the system does not permit it
     * @see <a href="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html">sched_setaffinity(2)</a>
     */
    public static boolean moveAway() {
        if (!LINUX) return false;
        NativeBuffer mask = BufferPool.SMALL.take(MASK_BYTES);
        NativeBuffer other = BufferPool.SMALL.take(MASK_BYTES);
        try {
            int cpu = LibC.schedGetcpu();
            if (cpu < 0 || !get(mask) || !contains(mask, cpu)) return false;
            int processors = count(mask);
            if (processors < 2 || processors > MOST) return false;
            other.bytes().put(0, mask.bytes(), 0, MASK_BYTES);
            flip(other, cpu);
            if (!set(other)) return false;
            fill(other, (byte) -1); // as it is where nobody has set any
            if (!set(other) || !get(other) || !other.bytes().equals(mask.bytes())) set(mask);
            return true;
        } finally {
            BufferPool.SMALL.give(mask);
            BufferPool.SMALL.give(other);
        }
    }

    private static boolean get(NativeBuffer mask) {
        fill(mask, (byte) 0); // the kernel writes no more than it has
        return LibC.schedGetaffinity(mask, MASK_BYTES) == 0;
    }

    private static boolean set(NativeBuffer mask) {
        return LibC.schedSetaffinity(mask, MASK_BYTES) == 0;
    }

    private static void fill(NativeBuffer mask, byte value) {
        for (int i = 0; i < MASK_BYTES; i++) mask.bytes().put(i, value);
    }

    private static int count(NativeBuffer mask) {
        int bits = 0;
        for (int i = 0; i < MASK_BYTES; i += Long.BYTES)
            bits += Long.bitCount(mask.bytes().getLong(i));
        return bits;
    }

    /** The mask is made of C longs, of which the lowest bit comes first. */
    private static boolean contains(NativeBuffer mask, int cpu) {
        return (word(mask, cpu) >>> cpu % WORD & 1) != 0;
    }

    private static void flip(NativeBuffer mask, int cpu) {
        long word = word(mask, cpu) ^ 1L << cpu % WORD;
        int at = cpu / WORD * Platform.LONG;
        if (Platform.LONG == Long.BYTES) mask.bytes().putLong(at, word);
        else mask.bytes().putInt(at, (int) word);
    }

    private static long word(NativeBuffer mask, int cpu) {
        int at = cpu / WORD * Platform.LONG;
        return Platform.LONG == Long.BYTES
                ? mask.bytes().getLong(at)
                : mask.bytes().getInt(at);
    }
}

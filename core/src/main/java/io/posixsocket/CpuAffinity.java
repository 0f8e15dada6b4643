package io.posixsocket;

/**
 * On which processor the calling thread runs. On Linux; elsewhere nothing is known, and nothing is done. None of this blocks or
 * throws.
 */
public final class CpuAffinity {
    private static final boolean LINUX = Platform.CURRENT == Platform.LINUX;
    private static final int RUSAGE_THREAD = 1;
    /** struct rusage: two timevals of two longs, and 13 longs before this one. */
    private static final int RU_NIVCSW = 17 * Platform.LONG;
    /** For 2,048 processors. */
    private static final int MASK_BYTES = 256;

    private CpuAffinity() {}

    /**
     * How often the calling thread has lost its processor to another thread without having to wait for anything. A yield counts if
     * another thread took it.
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
     * Moves the calling thread to another one of the processors that it may run on: takes the present one out of its mask and puts it back at once. The
     * scheduler may move it again at any time.
     *
     * <p>A mask that somebody else sets in between is lost, so call this on threads of your own alone.
     *
     * @return false if there is no other processor, or the system does not permit it
     * @see <a href="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html">sched_setaffinity(2)</a>
     */
    public static boolean moveAway() {
        if (!LINUX) return false;
        NativeBuffer mask = BufferPool.SMALL.take(MASK_BYTES);
        try {
            for (int i = 0; i < MASK_BYTES; i++) mask.bytes().put(i, (byte) 0);
            int cpu = LibC.schedGetcpu();
            if (cpu < 0 || LibC.schedGetaffinity(mask, MASK_BYTES) != 0) return false;
            flip(mask, cpu);
            // it may have been moved meanwhile, to where it stays then
            boolean moved = hasAny(mask) && LibC.schedSetaffinity(mask, MASK_BYTES) == 0;
            flip(mask, cpu);
            if (moved) LibC.schedSetaffinity(mask, MASK_BYTES);
            return moved;
        } finally {
            BufferPool.SMALL.give(mask);
        }
    }

    /** The mask is made of longs, of which the lowest bit comes first. */
    private static void flip(NativeBuffer mask, int cpu) {
        int bits = Platform.LONG * Byte.SIZE;
        int at = cpu / bits * Platform.LONG;
        if (Platform.LONG == Long.BYTES) mask.bytes().putLong(at, mask.bytes().getLong(at) ^ 1L << cpu % bits);
        else mask.bytes().putInt(at, mask.bytes().getInt(at) ^ 1 << cpu % bits);
    }

    private static boolean hasAny(NativeBuffer mask) {
        for (int i = 0; i < MASK_BYTES; i++) if (mask.bytes().get(i) != 0) return true;
        return false;
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.FD_SETSIZE;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * An {@code fd_set}: a set of descriptors below 1024 for {@link PosixSocket#select}. Confined to one thread at a time.
 *
 * <p>A process may have more descriptors than that, and in C setting a higher one writes past the end of the set. Here it is
 * refused; {@link PosixSocket#poll} knows no limit.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/select.html">POSIX FD_SET</a>
 */
public final class FdSet {
    static final int SIZE = FD_SETSIZE / 8;

    private final long[] bits = new long[FD_SETSIZE / Long.SIZE];

    /** Makes an empty set ({@code FD_ZERO}). */
    public FdSet() {}

    /** Makes a set of these descriptors. */
    public static FdSet of(int... fds) {
        FdSet set = new FdSet();
        for (int fd : fds) set.set(fd);
        return set;
    }

    /**
     * Adds a descriptor ({@code FD_SET}).
     *
     * @throws IllegalArgumentException if {@code fd} is negative or 1024 or more
     */
    public void set(int fd) {
        bits[word(fd)] |= 1L << fd;
    }

    /** Removes a descriptor ({@code FD_CLR}). */
    public void clr(int fd) {
        bits[word(fd)] &= ~(1L << fd);
    }

    /** Whether a descriptor is in the set ({@code FD_ISSET}). */
    public boolean isset(int fd) {
        return (bits[word(fd)] & 1L << fd) != 0;
    }

    /** Removes all ({@code FD_ZERO}). */
    public void zero() {
        Arrays.fill(bits, 0);
    }

    private static int word(int fd) {
        if (fd < 0 || fd >= FD_SETSIZE)
            throw new IllegalArgumentException(
                    "descriptor is " + fd + ", select takes 0 to " + (FD_SETSIZE - 1) + ": use poll");
        return fd / Long.SIZE;
    }

    /** An array of unsigned long on Linux, of int on the BSDs: the same bytes where the low byte comes first. */
    void write(ByteBuffer to, int offset) {
        for (int i = 0; i < bits.length; i++) {
            int at = offset + i * Long.BYTES;
            if (words()) to.putLong(at, bits[i]);
            else to.putInt(at, (int) bits[i]).putInt(at + 4, (int) (bits[i] >>> 32));
        }
    }

    void read(ByteBuffer from, int offset) {
        for (int i = 0; i < bits.length; i++) {
            int at = offset + i * Long.BYTES;
            bits[i] = words()
                    ? from.getLong(at)
                    : Integer.toUnsignedLong(from.getInt(at)) | (long) from.getInt(at + 4) << 32;
        }
    }

    private static boolean words() {
        return Platform.CURRENT == Platform.LINUX && Platform.LONG == Long.BYTES;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int fd = 0; fd < FD_SETSIZE; fd++) {
            if (isset(fd)) text.append(text.length() > 1 ? ", " : "").append(fd);
        }
        return text.append('}').toString();
    }
}

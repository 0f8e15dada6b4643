package io.posixsocket;

import java.nio.ByteBuffer;

/**
 * The layout of {@code struct msghdr}, {@code struct mmsghdr} and {@code struct iovec}. The counts are a size_t on Linux
 * and four bytes on the BSDs.
 */
final class MsghdrLayout {
    private static final int WORD = Platform.LONG;
    private static final int COUNT = Platform.CURRENT == Platform.LINUX ? WORD : 4;

    static final int NAME = 0;
    static final int NAMELEN = WORD;
    static final int IOV = 2 * WORD;
    static final int IOVLEN = 3 * WORD;
    static final int CONTROL = 4 * WORD;
    static final int CONTROLLEN = 5 * WORD;
    static final int FLAGS = CONTROLLEN + COUNT;
    static final int SIZE = align(FLAGS + 4);

    /** {@code msg_len} of a struct mmsghdr. */
    static final int LEN = SIZE;

    static final int MMSGHDR = align(LEN + 4);

    static final int IOVEC = 2 * WORD;

    private MsghdrLayout() {}

    private static int align(int size) {
        return (size + WORD - 1) & -WORD;
    }

    /** Writes a {@code msghdr}. Once before every attempt: the system writes to it. */
    static void put(ByteBuffer to, int at, long name, int namelen, long iov, int iovlen, long control, int controllen) {
        for (int i = at; i < at + SIZE; i++) to.put(i, (byte) 0); // the padding too
        StructLayout.putLong(to, at + NAME, namelen == 0 ? 0 : name);
        to.putInt(at + NAMELEN, namelen);
        StructLayout.putLong(to, at + IOV, iov);
        putCount(to, at + IOVLEN, iovlen);
        StructLayout.putLong(to, at + CONTROL, control);
        putCount(to, at + CONTROLLEN, controllen);
    }

    static void putIovec(ByteBuffer to, int at, long base, int len) {
        StructLayout.putLong(to, at, base);
        StructLayout.putLong(to, at + WORD, len);
    }

    private static void putCount(ByteBuffer to, int offset, int value) {
        if (COUNT == 8) to.putLong(offset, value);
        else to.putInt(offset, value);
    }

    static int count(ByteBuffer from, int offset) {
        return COUNT == 8 ? (int) from.getLong(offset) : from.getInt(offset);
    }
}

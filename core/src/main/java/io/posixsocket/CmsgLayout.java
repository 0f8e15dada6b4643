package io.posixsocket;

import java.nio.ByteBuffer;

/** The layout of {@code struct cmsghdr} and the arithmetic of the {@code CMSG_} macros. */
final class CmsgLayout {
    /** cmsg_len is a size_t on Linux and a socklen_t on the BSDs. */
    static final int LEVEL = Platform.CURRENT == Platform.LINUX ? Platform.LONG : 4;

    static final int TYPE = LEVEL + 4;
    /** sizeof(struct cmsghdr). */
    static final int HEADER = TYPE + 4;

    private static final int ALIGNMENT = Platform.NAME.startsWith("Mac") ? 4 : Platform.LONG;
    /** Where the data begins: {@code CMSG_LEN(0)}. */
    static final int DATA = align(HEADER);

    private CmsgLayout() {}

    static int align(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** {@code CMSG_SPACE}. */
    static int space(int dataLength) {
        return DATA + align(dataLength);
    }

    /** Writes a header at {@code offset}; the data goes to {@code offset + DATA}. */
    static void putHeader(ByteBuffer to, int offset, int level, int type, int dataLength) {
        for (int i = offset; i < offset + space(dataLength); i++) to.put(i, (byte) 0);
        int length = DATA + dataLength;
        if (LEVEL == 8) to.putLong(offset, length);
        else to.putInt(offset, length);
        to.putInt(offset + LEVEL, level).putInt(offset + TYPE, type);
    }

    /** {@code cmsg_len}. */
    static long length(ByteBuffer from, int offset) {
        return LEVEL == 8 ? from.getLong(offset) : Integer.toUnsignedLong(from.getInt(offset));
    }
}

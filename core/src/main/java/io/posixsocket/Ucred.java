package io.posixsocket;

import java.nio.ByteBuffer;

/**
 * A {@code struct ucred}: a process and the user and group that it acts for (Linux).
 *
 * @param pid the process, 0 if it is not visible here
 * @param uid the user id, 0 to 4294967295; the last of these stands for none
 * @param gid the group id, likewise
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">SCM_CREDENTIALS in unix(7)</a>
 */
public record Ucred(int pid, long uid, long gid) {
    static final int SIZE = 12;

    /** @throws IllegalArgumentException if an id is out of range */
    public Ucred {
        StructLayout.requireUnsignedInt("uid", uid);
        StructLayout.requireUnsignedInt("gid", gid);
    }

    byte[] encode() {
        return StructLayout.allocate(SIZE)
                .putInt(pid)
                .putInt((int) uid)
                .putInt((int) gid)
                .array();
    }

    static Ucred decode(ByteBuffer bytes) {
        return new Ucred(
                bytes.getInt(0), Integer.toUnsignedLong(bytes.getInt(4)), Integer.toUnsignedLong(bytes.getInt(8)));
    }
}

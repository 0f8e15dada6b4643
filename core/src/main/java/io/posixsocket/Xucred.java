package io.posixsocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A {@code struct xucred}: what macOS and the BSDs tell of a peer. The first of its groups is the effective one. */
final class Xucred {
    private static final int SOL_LOCAL = 0;
    private static final int LOCAL_PEERCRED = 1;
    private static final int LOCAL_PEERPID = 2; // macOS alone; elsewhere this number means something else

    private static final int UID = 4;
    private static final int NGROUPS = 8;
    private static final int GROUPS = 12;
    private static final int SIZE = GROUPS + 4 * 16;

    /** What no group has. */
    private static final long NOBODY = 0xffffffffL;

    private Xucred() {}

    static PeerCredentials read(int sockfd) throws ErrnoException {
        byte[] xucred = PosixSocket.getsockopt(sockfd, SOL_LOCAL, LOCAL_PEERCRED, SIZE);
        int pid = Platform.NAME.startsWith("Mac") ? PosixSocket.getsockopt(sockfd, SOL_LOCAL, LOCAL_PEERPID) : 0;
        return decode(ByteBuffer.wrap(xucred).order(ByteOrder.nativeOrder()), pid);
    }

    static PeerCredentials decode(ByteBuffer bytes, int pid) {
        List<Long> groups = new ArrayList<>();
        int n = Math.min(bytes.getShort(NGROUPS), (bytes.limit() - GROUPS) / 4);
        for (int i = 0; i < n; i++) groups.add(Integer.toUnsignedLong(bytes.getInt(GROUPS + 4 * i)));
        long gid = groups.isEmpty() ? NOBODY : groups.remove(0);
        return new PeerCredentials(pid, Integer.toUnsignedLong(bytes.getInt(UID)), gid, Optional.of(groups));
    }
}

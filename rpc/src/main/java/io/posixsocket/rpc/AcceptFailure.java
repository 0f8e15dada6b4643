package io.posixsocket.rpc;

import io.posixsocket.Errno;

/** What a failed accept means for the listener. */
enum AcceptFailure {
    /** That connection went away while it waited, or the network refuses it: the next one may be there already. */
    NEXT,
    /** No descriptors, no memory, or what nobody foresaw: it may pass, and trying at once would spin. */
    LATER,
    /** The descriptor is not, or no longer, one that accepts. */
    NEVER;

    /**
     * What this errno says. Linux tells errors of the new connection as those of accept.
     *
     * @see <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept(2)</a>
     */
    static AcceptFailure of(Errno errno) {
        return switch (errno) {
            case ECONNABORTED, ECONNRESET, EINTR, EPROTO, EPERM, ETIMEDOUT -> NEXT;
            case ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENOPROTOOPT, EOPNOTSUPP -> NEXT;
            case EBADF, ENOTSOCK, EINVAL -> NEVER;
            default -> LATER;
        };
    }
}

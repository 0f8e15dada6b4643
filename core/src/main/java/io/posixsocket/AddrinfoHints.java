package io.posixsocket;

/**
 * What {@link Netdb#getaddrinfo} shall look for: the fields of C's hints.
 *
 * @param flags 0 or a sum of {@code AI_PASSIVE}, {@code AI_CANONNAME}, {@code AI_NUMERICHOST}, {@code AI_NUMERICSERV},
 *     {@code AI_V4MAPPED}, {@code AI_ALL}, {@code AI_ADDRCONFIG}
 * @param family {@code AF_INET}, {@code AF_INET6}, or {@code AF_UNSPEC} for both
 * @param socktype {@code SOCK_STREAM}, {@code SOCK_DGRAM}, or 0 for each that there is
 * @param protocol {@code IPPROTO_TCP}, {@code IPPROTO_UDP}, or 0 for each that there is
 */
public record AddrinfoHints(int flags, int family, int socktype, int protocol) {
    /** What C takes for no hints: any family, type and protocol. */
    public static final AddrinfoHints NONE = new AddrinfoHints(0, SocketConstants.AF_UNSPEC, 0, 0);

    /** The addresses of both families for one type of socket. */
    public static AddrinfoHints of(int socktype) {
        return new AddrinfoHints(0, SocketConstants.AF_UNSPEC, socktype, 0);
    }

    /** The same with these flags. */
    public AddrinfoHints withFlags(int flags) {
        return new AddrinfoHints(flags, family, socktype, protocol);
    }

    /** The same for one family. */
    public AddrinfoHints withFamily(int family) {
        return new AddrinfoHints(flags, family, socktype, protocol);
    }
}

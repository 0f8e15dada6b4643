package io.posixsocket;

/**
 * What recvfrom tells beside the bytes.
 *
 * @param count bytes received; 0 at the end of a stream, and for an empty datagram. With {@code MSG_TRUNC} the length of the
 *     whole datagram, of which only what fits was stored
 * @param address the sender; null on a connected stream, and where the sender has no address (a Unix socket that is not
 *     bound) or one of a family that has no class here
 * @param flags as of recvmsg: {@code MSG_TRUNC} if a datagram was longer than the buffer
 */
public record Received(int count, Sockaddr address, int flags) {
    /** Whether the datagram was longer than the buffer: the rest of it is lost. */
    public boolean isTruncated() {
        return (flags & SocketConstants.MSG_TRUNC) != 0;
    }
}

package io.posixsocket;

import java.nio.ByteBuffer;

/**
 * A {@code struct tcp_info}: the state of a TCP connection (Linux). The fields and units of the manual; counts are of
 * segments where nothing else is said.
 *
 * @param state as in {@code <netinet/tcp.h>}: 1 is established, 10 listening
 * @param caState the state of congestion control, 0 when nothing is wrong
 * @param retransmits how often the current segment was sent again
 * @param rtoMicros the retransmission timeout
 * @param sndMss bytes of a segment sent
 * @param rcvMss bytes of a segment received
 * @param unacked sent and not yet acknowledged; of a listening socket, connections waiting to be accepted
 * @param lost taken for lost
 * @param retrans sent again and not yet acknowledged
 * @param pmtu bytes that the path takes at once
 * @param rttMicros the smoothed round trip time
 * @param rttvarMicros its mean deviation
 * @param sndSsthresh the slow start threshold
 * @param sndCwnd the congestion window
 * @param totalRetrans sent again since the connection began
 * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">TCP_INFO in tcp(7)</a>
 */
public record TcpInfo(
        int state,
        int caState,
        int retransmits,
        long rtoMicros,
        long sndMss,
        long rcvMss,
        long unacked,
        long lost,
        long retrans,
        long pmtu,
        long rttMicros,
        long rttvarMicros,
        long sndSsthresh,
        long sndCwnd,
        long totalRetrans) {
    /** What every kernel and the C library agree on; newer kernels append to it. */
    static final int SIZE = 104;

    static TcpInfo decode(ByteBuffer bytes) {
        return new TcpInfo(
                bytes.get(0),
                bytes.get(1),
                bytes.get(2),
                unsigned(bytes, 8),
                unsigned(bytes, 16),
                unsigned(bytes, 20),
                unsigned(bytes, 24),
                unsigned(bytes, 32),
                unsigned(bytes, 36),
                unsigned(bytes, 60),
                unsigned(bytes, 68),
                unsigned(bytes, 72),
                unsigned(bytes, 76),
                unsigned(bytes, 80),
                unsigned(bytes, 100));
    }

    private static long unsigned(ByteBuffer bytes, int offset) {
        return Integer.toUnsignedLong(bytes.getInt(offset));
    }
}

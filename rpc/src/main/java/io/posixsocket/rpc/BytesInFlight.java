package io.posixsocket.rpc;

import io.posixsocket.PeerCredentials;
import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes of requests a server holds, those that are still arriving, those that wait in a stream's inbox and those being
 * served, in all and of each user; and how many it may hold. {@link FrameReader#FREE} says which are counted.
 */
final class BytesInFlight {
    static final long DEFAULT_MAX = 64L << 20;
    static final long DEFAULT_MAX_PER_USER = 16L << 20;

    private final long max;
    private final long maxPerUser;

    // Guarded by this, a leaf. The users hold those of all whose uid the kernel knows; none is 0.
    private long all;
    private final Map<Long, Long> users = new HashMap<>();

    BytesInFlight(long max, long maxPerUser) {
        this.max = max;
        this.maxPerUser = maxPerUser;
    }

    /**
     * Counts these bytes, until {@link #discharge}.
     *
     * @param peer null where the kernel does not tell
     * @return null, or which limit they would exceed; then they are not counted
     */
    synchronized String charge(PeerCredentials peer, int bytes) {
        if (all + bytes > max)
            return "requests being received and served have " + all + " bytes, maxBytesInFlight is " + max;
        if (peer != null) {
            long own = users.getOrDefault(peer.uid(), 0L);
            if (own + bytes > maxPerUser)
                return "requests being received from uid " + peer.uid() + " and served have " + own
                        + " bytes, maxBytesInFlightPerUser is " + maxPerUser;
            users.put(peer.uid(), own + bytes);
        }
        all += bytes;
        return null;
    }

    /**
     * As {@link #charge}, for messages that wait for a stream's handler: half of what is allowed is kept for requests that arrive.
     * False if there is no more; the messages behind these can wait in the kernel.
     */
    synchronized boolean chargeWaiting(PeerCredentials peer, int bytes) {
        if (all + bytes > max / 2) return false;
        if (peer != null && users.getOrDefault(peer.uid(), 0L) + bytes > maxPerUser / 2) return false;
        return charge(peer, bytes) == null;
    }

    synchronized void discharge(PeerCredentials peer, int bytes) {
        all -= bytes;
        if (peer != null) users.computeIfPresent(peer.uid(), (uid, own) -> own == bytes ? null : own - bytes);
    }

    synchronized long bytes() {
        return all;
    }
}

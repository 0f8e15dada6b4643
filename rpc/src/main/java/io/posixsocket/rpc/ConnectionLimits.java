package io.posixsocket.rpc;

import io.posixsocket.PeerCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** How many connections a server has, in all and of each user, and how many it may have. */
final class ConnectionLimits {
    static final int DEFAULT_MAX = 4096;
    static final int DEFAULT_MAX_PER_USER = 1024;

    /** What a JVM allows itself on macOS; there is no asking there without a slow start. */
    private static final int OPEN_MAX = 10_240;

    /** A connection more than there may be; it says which limit was reached. */
    static final class ReachedException extends IOException {
        private static final long serialVersionUID = 1L;

        ReachedException(String message) {
            super(message);
        }
    }

    private final int max;
    private final int maxPerUser;

    // Guarded by this, a leaf. The users hold those of all whose uid the kernel knows; none is 0.
    private int all;
    private final Map<Long, Integer> users = new HashMap<>();

    /**
     * @param asked 0: not said
     * @param askedPerUser 0: not said
     * @param descriptors how many the process may have; others than a server's connections need some
     * @throws IllegalStateException if it was asked for more than half of them
     */
    ConnectionLimits(int asked, int askedPerUser, int descriptors) {
        int half = Math.max(1, descriptors / 2);
        if (asked > half)
            throw new IllegalStateException(
                    "maxConnections is " + asked + ", must be at most " + half + ", half of this process's "
                            + descriptors + " descriptors: raise their limit (ulimit -n) or ask for fewer");
        max = asked > 0 ? asked : Math.min(DEFAULT_MAX, half);
        int share = Math.max(1, (int) (max * 3L / 4)); // no user can keep the others out
        maxPerUser = askedPerUser > 0 ? askedPerUser : Math.min(DEFAULT_MAX_PER_USER, share);
    }

    /** How many descriptors this process may have. */
    static int descriptors() throws IOException {
        Path limits = Path.of("/proc/self/limits");
        if (!Files.exists(limits)) return OPEN_MAX;
        for (String line : Files.readAllLines(limits)) {
            if (!line.startsWith("Max open files")) continue;
            String soft = line.substring("Max open files".length()).strip().split("\\s+", 2)[0];
            return soft.equals("unlimited")
                    ? Integer.MAX_VALUE
                    : (int) Math.min(Integer.MAX_VALUE, Long.parseLong(soft));
        }
        return OPEN_MAX;
    }

    /**
     * Counts a connection, until {@link #leave}.
     *
     * @param peer null where the kernel does not tell
     */
    synchronized void enter(PeerCredentials peer) throws ReachedException {
        if (all >= max) throw new ReachedException("there are " + all + " connections, maxConnections is " + max);
        if (peer != null) {
            int own = users.getOrDefault(peer.uid(), 0);
            if (own >= maxPerUser)
                throw new ReachedException("there are " + own + " connections of uid " + peer.uid()
                        + ", maxConnectionsPerUser is " + maxPerUser);
            users.put(peer.uid(), own + 1);
        }
        all++;
    }

    /** One that was counted has ended. */
    synchronized void leave(PeerCredentials peer) {
        all--;
        if (peer != null) users.computeIfPresent(peer.uid(), (uid, own) -> own == 1 ? null : own - 1);
    }

    synchronized int connections() {
        return all;
    }
}

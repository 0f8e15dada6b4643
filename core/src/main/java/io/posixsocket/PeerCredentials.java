package io.posixsocket;

import java.util.List;
import java.util.Optional;

/**
 * Who holds the other end of a Unix socket, as the kernel noted it: at {@code connect} for an accepted socket, at
 * {@code listen} for a connected one, at {@code socketpair} for a pair.
 *
 * @param pid the process; 0 if it is not visible here (another container) or the platform does not tell. The process may
 *     have ended and its number may have been given to another one: {@link PosixSocket#peerPidfd} does not have that flaw
 * @param uid the effective user id, 0 to 4294967295; 65534 is the one the kernel shows for a user unknown here
 * @param gid the effective group id, likewise
 * @param groups the supplementary group ids, likewise; empty if the platform does not tell, which is not the same as none
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">SO_PEERCRED in unix(7)</a>
 */
public record PeerCredentials(int pid, long uid, long gid, Optional<List<Long>> groups) {
    /** The groups are copied. */
    public PeerCredentials {
        groups = groups.map(List::copyOf);
    }

    /** Where the groups are not known. */
    public PeerCredentials(int pid, long uid, long gid) {
        this(pid, uid, gid, Optional.empty());
    }

    /** Whether the process acts for this group; false also where the platform does not tell the supplementary ones. */
    public boolean isInGroup(long gid) {
        return this.gid == gid || (groups.isPresent() && groups.get().contains(gid));
    }

    @Override
    public String toString() {
        return "pid " + (pid == 0 ? "unknown" : pid) + ", uid " + uid + ", gid " + gid + ", groups "
                + groups.map(List::toString).orElse("unknown");
    }
}

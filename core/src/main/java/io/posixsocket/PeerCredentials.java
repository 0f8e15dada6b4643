package io.posixsocket;

/**
 * Who holds the other end of a Unix socket, as the kernel noted it: at {@code connect} for an accepted socket, at
 * {@code listen} for a connected one, at {@code socketpair} for a pair.
 *
 * @param pid the process; 0 if it is not visible here (another container). The process may have ended and its number may
 *     have been given to another one
 * @param uid the effective user id, 0 to 4294967295; 65534 is the one the kernel shows for a user unknown here
 * @param gid the effective group id, likewise
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">SO_PEERCRED in unix(7)</a>
 */
public record PeerCredentials(int pid, long uid, long gid) {
    @Override
    public String toString() {
        return "pid " + pid + ", uid " + uid + ", gid " + gid;
    }
}

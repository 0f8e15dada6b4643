package io.posixsocket.rpc;

import io.posixsocket.PeerCredentials;
import io.posixsocket.PosixSocket;

/**
 * Who may be on the other end of a connection. Asked once per connection, before a byte is read or written. A policy that
 * throws denies.
 */
@FunctionalInterface
public interface PeerPolicy {
    /** The user id that the kernel shows for one that has no number here; two such need not be the same user. */
    long OVERFLOW_UID = 65534;

    /** Whether this peer may connect. Its uid may be {@link #OVERFLOW_UID}, which stands for any number of users. */
    boolean permits(PeerCredentials peer);

    /** The default: a process of this process's own effective user, or of root. Never uid 65534. */
    static PeerPolicy sameUserOrRoot() {
        long own = PosixSocket.geteuid();
        return new PeerPolicy() {
            @Override
            public boolean permits(PeerCredentials peer) {
                return peer.uid() != OVERFLOW_UID && (peer.uid() == own || peer.uid() == 0);
            }

            @Override
            public String toString() {
                return "uid " + own + " or root";
            }
        };
    }
}

package io.posixsocket.rpc;

import io.posixsocket.PeerCredentials;
import io.posixsocket.PosixSocket;
import java.util.List;

/**
 * Who may be on the other end of a connection: one of the values below, or a lambda. Asked once per connection, before a byte
 * is read or written. A policy that throws denies. What it prints is what a denial is logged with.
 */
@FunctionalInterface
public interface PeerPolicy {
    /** The user id that the kernel shows for one that has no number here; two such need not be the same user. */
    long OVERFLOW_UID = 65534;

    /** Whether this peer may connect. Its uid may be {@link #OVERFLOW_UID}, which stands for any number of users. */
    boolean permits(PeerCredentials peer);

    /** The default: a process of this process's own effective user, or of root. Never uid 65534. */
    static PeerPolicy sameUserOrRoot() {
        return new PeerPolicies.SameUserOrRoot(PosixSocket.geteuid());
    }

    /**
     * Processes of these users. Uid 65534 only if it is among them.
     *
     * @param uids at least one, each 0 to 4294967295
     */
    static PeerPolicy uid(long... uids) {
        return new PeerPolicies.Uid(PeerPolicies.ids("uid", uids));
    }

    /**
     * Processes that act for one of these groups, as their primary group or, where the platform tells those, as a supplementary
     * one. Never uid 65534: a group does not say who that is.
     *
     * @param gids at least one, each 0 to 4294967295
     */
    static PeerPolicy gid(long... gids) {
        return new PeerPolicies.Gid(PeerPolicies.ids("gid", gids));
    }

    /** Whoever one of these permits. They are asked in order until one does; one that throws before that denies. */
    static PeerPolicy anyOf(PeerPolicy... policies) {
        if (policies.length == 0) throw new IllegalArgumentException("anyOf() of no policy permits nobody");
        return new PeerPolicies.AnyOf(List.of(policies));
    }
}

package io.posixsocket.rpc;

import io.posixsocket.PeerCredentials;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The values that {@link PeerPolicy} offers. Uid 65534 is permitted by its number alone. */
final class PeerPolicies {
    private static final long MAX_ID = 0xffff_ffffL;

    private PeerPolicies() {}

    /** Whether asking it runs no code of the user's. */
    static boolean isOurs(PeerPolicy policy) {
        if (policy instanceof AnyOf any) return any.policies().stream().allMatch(PeerPolicies::isOurs);
        return policy instanceof SameUserOrRoot || policy instanceof Uid || policy instanceof Gid;
    }

    static Set<Long> ids(String kind, long... ids) {
        if (ids.length == 0) throw new IllegalArgumentException(kind + "() without a number permits nobody");
        Set<Long> set = new TreeSet<>();
        for (long id : ids) {
            if (id < 0 || id > MAX_ID)
                throw new IllegalArgumentException(kind + " is " + id + ", must be from 0 to " + MAX_ID);
            set.add(id);
        }
        return set;
    }

    private static String text(String kind, Set<Long> ids) {
        return ids.stream().map(id -> kind + " " + id).collect(Collectors.joining(" or "));
    }

    record SameUserOrRoot(long own) implements PeerPolicy {
        @Override
        public boolean permits(PeerCredentials peer) {
            return peer.uid() != OVERFLOW_UID && (peer.uid() == own || peer.uid() == 0);
        }

        @Override
        public String toString() {
            if (own == OVERFLOW_UID) return "root (our own uid 65534 stands for others too: PeerPolicy.uid(65534))";
            return own == 0 ? "root" : "uid " + own + " or root";
        }
    }

    record Uid(Set<Long> uids) implements PeerPolicy {
        @Override
        public boolean permits(PeerCredentials peer) {
            return uids.contains(peer.uid());
        }

        @Override
        public String toString() {
            return text("uid", uids);
        }
    }

    record Gid(Set<Long> gids) implements PeerPolicy {
        @Override
        public boolean permits(PeerCredentials peer) {
            return peer.uid() != OVERFLOW_UID && gids.stream().anyMatch(peer::isInGroup);
        }

        @Override
        public String toString() {
            return text("gid", gids);
        }
    }

    record AnyOf(List<PeerPolicy> policies) implements PeerPolicy {
        @Override
        public boolean permits(PeerCredentials peer) {
            return policies.stream().anyMatch(policy -> policy.permits(peer));
        }

        @Override
        public String toString() {
            return policies.stream().map(PeerPolicy::toString).collect(Collectors.joining(" or "));
        }
    }
}

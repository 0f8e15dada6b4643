package io.posixsocket.rpc;

/** What a builder was told of who may be the peer. */
final class PeerChoice {
    private PeerChoice() {}

    /**
     * The policy to ask; null to ask nobody.
     *
     * @param policy null if none was given
     * @throws IllegalStateException if both were said: one would silently undo the other
     */
    static PeerPolicy of(PeerPolicy policy, boolean anyLocalUser) {
        if (policy != null && anyLocalUser)
            throw new IllegalStateException(
                    "authorize(...) and allowAnyLocalUser() contradict each other: say one of them");
        if (anyLocalUser) return null;
        return policy != null ? policy : PeerPolicy.sameUserOrRoot();
    }
}

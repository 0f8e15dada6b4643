package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posixsocket.PeerCredentials;
import io.posixsocket.PosixSocket;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is permitted by which value. */
class PeerPolicyTest {
    private static final long UNKNOWN = PeerPolicy.OVERFLOW_UID;

    private static PeerCredentials peer(long uid, long gid, Long... groups) {
        return new PeerCredentials(1, uid, gid, Optional.of(List.of(groups)));
    }

    @Test
    void ownUserAndRootButNeverTheUnknownOne() {
        PeerPolicy policy = new PeerPolicies.SameUserOrRoot(1000);
        assertThat(policy.permits(peer(1000, 1))).isTrue();
        assertThat(policy.permits(peer(0, 1))).isTrue();
        assertThat(policy.permits(peer(1001, 0))).isFalse();
        assertThat(policy.permits(peer(UNKNOWN, 0))).isFalse();
        assertThat(policy).hasToString("uid 1000 or root");
        assertThat(new PeerPolicies.SameUserOrRoot(UNKNOWN).permits(peer(UNKNOWN, 1)))
                .isFalse();
        assertThat(new PeerPolicies.SameUserOrRoot(UNKNOWN).toString()).contains("PeerPolicy.uid(65534)");
        assertThat(PeerPolicy.sameUserOrRoot()).isEqualTo(new PeerPolicies.SameUserOrRoot(PosixSocket.geteuid()));
    }

    @Test
    void usersByTheirNumberTheUnknownOneToo() {
        PeerPolicy policy = PeerPolicy.uid(7, 4_294_967_295L);
        assertThat(policy.permits(peer(7, 1))).isTrue();
        assertThat(policy.permits(peer(4_294_967_295L, 1))).isTrue();
        assertThat(policy.permits(peer(0, 7))).as("root is not named").isFalse();
        assertThat(policy.permits(peer(UNKNOWN, 7))).isFalse();
        assertThat(policy).hasToString("uid 7 or uid 4294967295");
        assertThat(PeerPolicy.uid(UNKNOWN).permits(peer(UNKNOWN, 1))).isTrue();
    }

    @Test
    void groupsPrimaryAndSupplementaryButNotOfTheUnknownUser() {
        PeerPolicy policy = PeerPolicy.gid(20, 30);
        assertThat(policy.permits(peer(7, 20))).isTrue();
        assertThat(policy.permits(peer(7, 1, 2L, 30L))).isTrue();
        assertThat(policy.permits(peer(20, 1, 2L))).isFalse();
        assertThat(policy.permits(peer(UNKNOWN, 20, 30L))).isFalse();
        assertThat(policy.permits(new PeerCredentials(1, 7, 1)))
                .as("the platform does not tell")
                .isFalse();
        assertThat(policy).hasToString("gid 20 or gid 30");
    }

    @Test
    void anyOfAsksInOrderUntilOnePermits() {
        PeerPolicy policy = PeerPolicy.anyOf(PeerPolicy.uid(7), PeerPolicy.gid(20), peer -> {
            throw new IllegalStateException("asked");
        });
        assertThat(policy.permits(peer(7, 1))).isTrue();
        assertThat(policy.permits(peer(8, 20))).isTrue();
        assertThatThrownBy(() -> policy.permits(peer(8, 1))).hasMessage("asked");
        assertThat(PeerPolicy.anyOf(PeerPolicy.uid(7), PeerPolicy.gid(20))).hasToString("uid 7 or gid 20");
        assertThat(PeerPolicy.anyOf(PeerPolicy.gid(20), PeerPolicy.uid(UNKNOWN)).permits(peer(UNKNOWN, 20)))
                .isTrue();
    }

    @Test
    void whatPermitsNobodyOrIsNoNumberIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(PeerPolicy::uid)
                .withMessage("uid() without a number permits nobody");
        assertThatIllegalArgumentException().isThrownBy(PeerPolicy::gid);
        assertThatIllegalArgumentException().isThrownBy(PeerPolicy::anyOf);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerPolicy.uid(1, -1))
                .withMessage("uid is -1, must be from 0 to 4294967295");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerPolicy.gid(4_294_967_296L))
                .withMessage("gid is 4294967296, must be from 0 to 4294967295");
    }
}

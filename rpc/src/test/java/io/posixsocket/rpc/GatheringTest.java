package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GatheringTest {
    private static final long LIMIT = 1_000_000;

    private final Gathering gathering = new Gathering();
    private final long begin = System.nanoTime();

    @Test
    void bytesThatNobodyTakesAreStuckWhenTheirTimeIsUp() {
        gathering.begins(begin, 100);
        assertThat(gathering.isStuck(begin, 100, LIMIT)).isFalse();
        assertThat(gathering.isStuck(begin + LIMIT, 100, LIMIT)).isFalse();
        assertThat(gathering.isStuck(begin + LIMIT + 1, 100, LIMIT)).isTrue();
    }

    @Test
    void aByteThatIsTakenBeginsTheTimeAnew() {
        gathering.begins(begin, 100);
        assertThat(gathering.isStuck(begin, 100, LIMIT)).isFalse();
        assertThat(gathering.isStuck(begin + 2 * LIMIT, 99, LIMIT)).isFalse();
        assertThat(gathering.isStuck(begin + 3 * LIMIT, 99, LIMIT)).isFalse();
        assertThat(gathering.isStuck(begin + 3 * LIMIT + 1, 99, LIMIT)).isTrue();
    }

    @Test
    void whatIsGatheredAfterAllWasSentHasItsOwnTime() {
        gathering.begins(begin, 100);
        assertThat(gathering.isStuck(begin, 100, LIMIT)).isFalse();
        gathering.sent();
        assertThat(gathering.isEmpty()).isTrue();
        gathering.begins(begin + 2 * LIMIT, 100);
        assertThat(gathering.isStuck(begin + 2 * LIMIT, 100, LIMIT)).isFalse();
    }
}

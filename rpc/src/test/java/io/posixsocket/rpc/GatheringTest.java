package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When small messages of streams go together. Its time is what it is told. */
class GatheringTest {
    private static final long CLOSE = TimeUnit.MICROSECONDS.toNanos(49);
    private static final long FAR = TimeUnit.MICROSECONDS.toNanos(50);

    private final Gathering gathering = new Gathering();
    private final long start = System.nanoTime();

    @Test
    void messageThatComesCloseToTheOneBeforeMayWait() {
        assertThat(gathering.mayWait(start)).as("the first").isFalse();
        assertThat(gathering.mayWait(start + CLOSE)).isTrue();
        assertThat(gathering.mayWait(start + 2 * CLOSE)).isTrue();
        assertThat(gathering.mayWait(start + 2 * CLOSE + FAR)).isFalse();
    }

    @Test
    void whatWaitsIsDueAMillisecondAfterTheFirstOfIt() {
        assertThat(gathering.isEmpty()).isTrue();
        assertThat(gathering.due(start)).isEqualTo(Keeper.never(start));
        assertThat(gathering.begins(start, 10)).isTrue();
        assertThat(gathering.begins(start + CLOSE, 20)).as("a second one").isFalse();
        assertThat(gathering.isEmpty()).isFalse();
        assertThat(gathering.due(start + CLOSE)).isEqualTo(start + Gathering.LIMIT_NANOS);
    }

    @Test
    void onceSentTheNextBeginsAnew() {
        gathering.begins(start, 10);
        assertThat(gathering.begins(start + CLOSE, 0)).as("it went along").isFalse();
        assertThat(gathering.isEmpty()).isTrue();
        assertThat(gathering.begins(start + FAR, 10)).isTrue();
        gathering.sent();
        assertThat(gathering.isEmpty()).isTrue();
        assertThat(gathering.begins(start + 2 * FAR, 10)).isTrue();
    }

    /** The clock's zero stands for nothing waiting. */
    @Test
    void whatIsDueAtTheClocksZeroStillWaits() {
        assertThat(gathering.begins(-Gathering.LIMIT_NANOS, 10)).isTrue();
        assertThat(gathering.isEmpty()).isFalse();
    }
}

package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SpinTest {
    private static final long NANOS = 100_000;
    private static final long A_TRIAL = 7 * Spin.LONGEST_PERIOD; // begins then, whatever the period

    private long now = A_TRIAL + TimeUnit.MILLISECONDS.toNanos(50); // none
    private final Spin spin = new Spin(Duration.ofNanos(NANOS), null, 2, () -> now, null);

    private void looks() {
        assertThat(spin.begin()).isEqualTo(NANOS);
    }

    private void blocks() {
        assertThat(spin.begin()).isZero();
    }

    /** Goes there by waits that follow each other closely. */
    private void at(long then) {
        now = then - NANOS;
        blocks();
        now = then;
    }

    /** From LOOKING. */
    private void failUntilItBlocks() {
        looks();
        spin.fruitless(NANOS);
        now += Spin.TRIAL;
        blocks();
    }

    @Test
    void oneProcessorNeverLooks() {
        assertThat(new Spin(Duration.ofNanos(NANOS), null, 1, () -> now, null).begin())
                .isZero();
        assertThat(new Spin(Duration.ZERO, null, 2, () -> now, null).begin()).isZero();
    }

    @Test
    void spinsInVainEndInATrial() {
        looks();
        spin.fruitless(NANOS);
        assertThat(spin.begin()).isEqualTo(Spin.YIELDING);
        spin.fruitless(Spin.YIELDING);
        now += Spin.YIELDING;
        looks();
        spin.fruitless(NANOS);
        now += NANOS;
        looks();
        now += Spin.TRIAL;
        blocks();
    }

    @Test
    void spinsThatFindTheirFramesPayForSomeInVain() {
        for (int i = 0; i < 100; i++) {
            looks();
            spin.paid(5_000);
        }
        looks();
        spin.fruitless(NANOS);
        looks();
        spin.fruitless(NANOS);
        looks();
        spin.fruitless(NANOS);
        assertThat(spin.begin()).isEqualTo(Spin.YIELDING);
    }

    @Test
    void whatIsCarriedPaysForSpinsInVain() {
        looks();
        spin.carried(10_000_000);
        spin.fruitless(NANOS);
        looks();
    }

    @Test
    void whoLosesTheCoreTwiceInAShortTimeLooksNoMore() {
        for (int i = 0; i < 5_000; i++) {
            looks();
            spin.paid(5_000);
        }
        looks();
        spin.paid(10 * NANOS); // an accident
        looks();
        spin.paid(10 * NANOS);
        blocks();
    }

    @Test
    void aGarbageCollectionIsNoLossOfTheCore() {
        looks();
        System.gc();
        spin.paid(10 * NANOS);
        looks();
        spin.paid(10 * NANOS);
        blocks();
    }

    @Test
    void aTrialYieldsFirstAndIsWonAtItsEnd() {
        failUntilItBlocks();
        at(A_TRIAL + Spin.LONGEST_PERIOD);
        assertThat(spin.begin()).isEqualTo(Spin.YIELDING);
        spin.paid(Spin.YIELDING / 2);
        now += Spin.YIELDING / 2;
        assertThat(spin.begin()).isEqualTo(Spin.YIELDING / 2);
        for (int i = 0; i < 8; i++) spin.paid(5_000); // too early: it may be by yielding
        now += Spin.YIELDING / 2;
        looks();
        spin.fruitless(NANOS);
        for (int i = 0; i < 8; i++) {
            looks();
            spin.paid(5_000);
        }
        now = A_TRIAL + Spin.LONGEST_PERIOD + Spin.TRIAL;
        for (int i = 0; i < 100; i++) {
            looks();
            spin.paid(5_000);
            now += 5_000;
        }
    }

    @Test
    void trialsThatFailGetRarer() {
        failUntilItBlocks();
        assertThat(trials(8)).isEqualTo(3); // at 2, 4 and 8 times the shortest period, the first one was at once
        assertThat(trials(8)).isEqualTo(2);
    }

    /** How many there are in so many of the shortest periods, all failing. */
    private int trials(int periods) {
        int trials = 0;
        now = Math.floorDiv(now, Spin.SHORTEST_PERIOD) * Spin.SHORTEST_PERIOD;
        for (int i = 0; i < periods; i++) {
            at(now + Spin.SHORTEST_PERIOD);
            long nanos = spin.begin();
            if (nanos == 0) continue;
            trials++;
            spin.fruitless(nanos);
            now += Spin.TRIAL;
            blocks();
            now -= Spin.TRIAL;
        }
        return trials;
    }

    @Test
    void noTrialWhereWaitsAreFarApart() {
        failUntilItBlocks();
        now = A_TRIAL + Spin.LONGEST_PERIOD;
        blocks();
        now += 3 * NANOS;
        blocks();
        now += NANOS;
        assertThat(spin.begin()).isPositive();
    }

    @Test
    void nobodyLooksWhereOthersWaitAsOften() {
        Spin other = new Spin(Duration.ofNanos(NANOS), null, 2, () -> now, null);
        for (int i = 0; i < 20; i++) {
            looks();
            spin.paid(5_000);
        }
        for (int i = 0; i < 20; i++) {
            other.woke();
            spin.begin();
        }
        blocks();
        for (int i = 0; i < 20; i++) spin.begin();
        looks(); // the other one has stopped
    }

    @Test
    void aWriterDoesNotTakeItsReaderForAnother() {
        Spin writer = new Spin(Duration.ofNanos(NANOS), spin, 2, () -> now, null);
        for (int i = 0; i < 20; i++) {
            spin.woke();
            assertThat(writer.begin()).isEqualTo(NANOS);
            writer.paid(5_000);
        }
    }

    /** Each yield of its thread lets somebody else in, or none does. */
    private static class Shared implements Spin.Processor {
        final boolean isShared;
        private long losses = 1_000;
        private int left;

        Shared(boolean isShared) {
            this.isShared = isShared;
        }

        @Override
        public long losses() {
            return losses;
        }

        @Override
        public void leave() {
            left++;
        }
    }

    private int leavesInATrial(Spin spin, Shared processor) {
        int before = processor.left;
        assertThat(spin.begin()).isEqualTo(NANOS);
        spin.fruitless(NANOS); // a trial begins
        assertThat(spin.begin()).isEqualTo(Spin.YIELDING);
        for (int i = 0; i < 10 * Spin.ENOUGH_YIELDS; i++) {
            spin.pause();
            // the peer may come later than the trial begins
            if (processor.isShared && i > 2 * Spin.ENOUGH_YIELDS) processor.losses++;
        }
        now += Spin.YIELDING;
        assertThat(spin.begin()).isEqualTo(NANOS);
        for (int i = 0; i < 10; i++) spin.paid(1); // wins it
        now += Spin.TRIAL - Spin.YIELDING;
        assertThat(spin.begin()).isEqualTo(NANOS);
        spin.fruitless(NANOS); // what it has now
        return processor.left - before;
    }

    @Test
    void aSharedProcessorIsLeftOnceInATrialAndNotSoonAgain() {
        Shared processor = new Shared(true);
        Spin spin = new Spin(Duration.ofNanos(NANOS), null, 2, () -> now, processor);
        assertThat(leavesInATrial(spin, processor)).isOne();
        assertThat(leavesInATrial(spin, processor)).as("soon after").isZero();
        now += Spin.SHORTEST_PERIOD;
        assertThat(leavesInATrial(spin, processor)).isOne();
    }

    @Test
    void whereNobodyTellsOfLossesNothingIsLeft() {
        Shared processor = new Shared(false) {
            @Override
            public long losses() {
                return -1;
            }
        };
        Spin spin = new Spin(Duration.ofNanos(NANOS), null, 2, () -> now, processor);
        assertThat(leavesInATrial(spin, processor)).isZero();
    }

    @Test
    void oneThatNobodyElseWantsIsNot() {
        Shared processor = new Shared(false);
        Spin spin = new Spin(Duration.ofNanos(NANOS), null, 2, () -> now, processor);
        assertThat(leavesInATrial(spin, processor)).isZero();
    }

    @Test
    void nothingIsLeftOutsideOfTrials() {
        Shared processor = new Shared(true);
        Spin spin = new Spin(Duration.ofNanos(NANOS), null, 2, () -> now, processor);
        assertThat(spin.begin()).isEqualTo(NANOS);
        for (int i = 0; i < 10 * Spin.ENOUGH_YIELDS; i++) {
            spin.pause();
            processor.losses++;
        }
        assertThat(processor.left).isZero();
    }
}

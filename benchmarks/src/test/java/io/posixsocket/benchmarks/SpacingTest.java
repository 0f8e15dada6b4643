package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SpacingTest {
    private static final Offset<Double> EXACTLY = within(1e-9);

    @Test
    void whatHasRoomStaysWhereItIs() {
        assertThat(Spacing.apart(new double[] {10, 30, 50}, 16, 0, 100)).containsExactly(10, 30, 50);
    }

    @Test
    void whatIsCrowdedMovesToBothSides() {
        assertThat(Spacing.apart(new double[] {50, 50, 50}, 10, 0, 100))
                .containsExactly(new double[] {40, 50, 60}, EXACTLY);
    }

    @Test
    void groupThatGrowsIntoItsNeighbourTakesItAlong() {
        double[] at = Spacing.apart(new double[] {40, 40, 46}, 10, 0, 100);

        assertThat(at[1] - at[0]).isCloseTo(10, EXACTLY);
        assertThat(at[2] - at[1]).isCloseTo(10, EXACTLY);
        assertThat((at[0] + at[1] + at[2]) / 3).isCloseTo(42, EXACTLY);
    }

    @Test
    void nothingLeavesThePicture() {
        assertThat(Spacing.apart(new double[] {0, 1, 99, 100}, 10, 0, 100))
                .containsExactly(new double[] {0, 10, 90, 100}, EXACTLY);
    }
}

package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpareArraysTest {
    private final SpareArrays spare = new SpareArrays(2);

    @Test
    void whatWasGivenIsTakenOnceAndIsNeitherShorterNorMuchLonger() {
        byte[] array = new byte[100];
        spare.give(array);
        assertThat(spare.take(101)).isNull();
        assertThat(spare.take(50)).isNull();
        assertThat(spare.take(51)).isSameAs(array);
        assertThat(spare.take(51)).isNull();
    }

    @Test
    void theLastOnesAreKept() {
        byte[] second = new byte[100];
        byte[] third = new byte[200];
        spare.give(new byte[300]);
        spare.give(second);
        spare.give(third);
        assertThat(spare.take(300)).isNull();
        assertThat(spare.take(200)).isSameAs(third);
        assertThat(spare.take(100)).isSameAs(second);
    }
}

package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpareArraysTest {
    private final SpareArrays spare = new SpareArrays(2);

    @Test
    void whatWasGivenIsTakenOnceAndNotShortened() {
        byte[] array = new byte[100];
        spare.give(array);
        assertThat(spare.take(101)).isNotSameAs(array).hasSize(101);
        assertThat(spare.take(50)).isSameAs(array);
        assertThat(spare.take(50)).isNotSameAs(array);
    }

    @Test
    void theLongestAreKept() {
        byte[] longest = new byte[300];
        byte[] longer = new byte[200];
        spare.give(new byte[100]);
        spare.give(longer);
        spare.give(longest);
        spare.give(new byte[150]);
        assertThat(spare.take(201)).isSameAs(longest);
        assertThat(spare.take(1)).isSameAs(longer);
        assertThat(spare.take(1)).hasSize(1);
    }
}

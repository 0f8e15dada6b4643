package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogAxisTest {
    @Test
    void endsAreRoundAndHaveTheValuesBetweenThem() {
        LogAxis axis = LogAxis.around(3.4, 180, 0, 100);

        assertThat(axis.first()).isEqualTo(2);
        assertThat(axis.last()).isEqualTo(200);
        assertThat(axis.marks()).containsExactly(2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0);
        assertThat(axis.at(20)).isEqualTo(50);
    }

    @Test
    void longAxisIsMarkedByTensAlone() {
        assertThat(LogAxis.around(1, 1e5, 0, 100).marks()).containsExactly(1.0, 10.0, 100.0, 1e3, 1e4, 1e5);
    }

    @Test
    void labelsAreShort() {
        assertThat(LogAxis.label(0.5)).isEqualTo("0.5");
        assertThat(LogAxis.label(20_000)).isEqualTo("20,000");
        assertThat(LogAxis.label(2e6)).isEqualTo("2 M");
    }
}

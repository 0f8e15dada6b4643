package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpinTest {
    private static final long NANOS = 100_000;

    private final Spin spin = new Spin(Duration.ofNanos(NANOS));

    @BeforeEach
    void severalProcessors() {
        assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
    }

    @Test
    void oneThatLosesItsCoreRests() {
        assertThat(spin.begin()).isEqualTo(NANOS);
        spin.paid(10 * NANOS);
        assertThat(spin.begin()).isZero();
    }

    @Test
    void aGarbageCollectionIsNoLossOfTheCore() {
        assertThat(spin.begin()).isEqualTo(NANOS);
        System.gc();
        spin.paid(10 * NANOS);
        assertThat(spin.begin()).isEqualTo(NANOS);
        spin.paid(10 * NANOS);
        assertThat(spin.begin()).isZero();
    }

    @Test
    void whatIsCarriedPaysForASpinInVain() {
        assertThat(spin.begin()).isEqualTo(NANOS);
        spin.fruitless(NANOS);
        assertThat(spin.begin()).isZero();
        spin.carried(Integer.MAX_VALUE);
        assertThat(spin.begin()).isEqualTo(NANOS);
    }
}

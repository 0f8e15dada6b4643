package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SliceTest {
    @TempDir
    Path directory;

    @Test
    void figuresAreThoseOfTheSamples() throws IOException {
        Path samples = samplesFromOneTo(1000);

        Slice slice = Slice.of(
                "DONE calls=1000 wall_nanos=500000000 cpu_nanos=2000000 allocated_bytes=24000 message_bytes=16.0",
                samples,
                ServerUse.parse("6000000 64000"),
                2000);

        assertThat(slice.percentileMicros(50)).isCloseTo(500, within(1.0)); // the histogram keeps three digits
        assertThat(slice.percentileMicros(99.9)).isCloseTo(999, within(1.0));
        assertThat(slice.meanMicros()).isCloseTo(500.5, within(1.0));
        assertThat(slice.callsPerSecond()).isEqualTo(2000);
        assertThat(slice.cpuMicros()).isEqualTo(5);
        assertThat(slice.allocatedBytes()).isEqualTo(24);
        assertThat(slice.serverAllocatedBytes()).isEqualTo(32);
        assertThat(slice.messageBytes()).isEqualTo(16);
    }

    @Test
    void samplesThatAreMissingAreNoticed() throws IOException {
        Path samples = samplesFromOneTo(999);
        assertThatThrownBy(
                        () -> Slice.of("DONE calls=1000 wall_nanos=1 cpu_nanos=1", samples, ServerUse.parse("0"), 1000))
                .hasMessageContaining("has 999.0 samples");
    }

    @Test
    void medianOfAnEvenCountIsBetweenTheTwoInTheMiddle() {
        assertThat(Spread.of(List.of(9.0, 1.0, 4.0, 2.0), value -> value)).isEqualTo(new Spread(3, 1, 9));
    }

    /** In µs, in nanoseconds as clients write them. */
    private Path samplesFromOneTo(int last) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(last * Long.BYTES).order(ByteOrder.nativeOrder());
        for (long micros = 1; micros <= last; micros++) bytes.putLong(micros * 1000);
        return Files.write(directory.resolve("samples"), bytes.array());
    }
}

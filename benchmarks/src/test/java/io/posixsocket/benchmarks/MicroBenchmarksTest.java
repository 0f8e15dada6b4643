package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Each of JMH's benchmarks for a few milliseconds, in this JVM: its figures are worth nothing, but it runs. */
class MicroBenchmarksTest {
    @Test
    void eachRuns() throws Exception {
        System.setProperty("jmh.ignoreLock", "true"); // nothing is measured, so others may do the same meanwhile

        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(5))
                        .addProfiler("gc")
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();

        assertThat(results)
                .extracting(result -> result.getParams().getBenchmark().replaceFirst(".*\\.(\\w+)\\.\\w+$", "$1"))
                .contains("NativeCalls", "EnvelopeCalls", "FrameReaderCalls", "LeaseCalls", "RoleCalls", "StubCalls");
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** A question about our own calls that no other contestant answers. */
interface Study {
    /** As on the command line. */
    String name();

    /** For the report. */
    String about();

    /** How many samples are taken if nobody says. */
    int samples();

    /** Takes so many samples. */
    Finding take(int samples) throws IOException, InterruptedException;

    /**
     * What was found: a table.
     *
     * @param columns their heads
     * @param rows as many cells each
     */
    record Finding(List<String> columns, List<List<String>> rows) {
        /** One row of delays, which are in nanoseconds. */
        static Finding delays(Histogram delays, String note) {
            return new Finding(
                    List.of("samples", "p50 ms", "p99 ms", "longest ms", ""),
                    List.of(List.of(
                            "" + delays.getTotalCount(),
                            millis(delays.getValueAtPercentile(50)),
                            millis(delays.getValueAtPercentile(99)),
                            millis(delays.getMaxValue()),
                            note)));
        }

        static String millis(long nanos) {
            return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
        }

        /** A cell with the median and, in brackets, between what it moved. */
        static String cell(String format, List<Double> values) {
            Spread spread = Spread.of(values, value -> value);
            return String.format(
                    Locale.ROOT,
                    format + " (" + format + ".." + format + ")",
                    spread.median(),
                    spread.min(),
                    spread.max());
        }
    }

    /** Those that there are. */
    static List<Study> all() {
        return List.of(
                new DeadlineStudy(),
                new KillStudy(),
                new StreamStudy(),
                new GarbageStudy(),
                new IdleStudy(),
                new StartStudy());
    }

    static Optional<Study> named(String name) {
        return all().stream().filter(study -> study.name().equals(name)).findFirst();
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** All latencies of each contestant in each setting, in nanoseconds, in the format that HdrHistogram's tools read. */
final class HistogramLog implements AutoCloseable {
    private final HistogramLogWriter out;

    /** Replaces the file. */
    HistogramLog(Path file) throws IOException {
        out = new HistogramLogWriter(file.toFile());
        out.outputLogFormatVersion();
        out.outputLegend();
    }

    /** A line for each contestant, tagged {@code setting/contestant}. */
    void setting(Setting setting, List<Result> results) {
        for (Result result : results) {
            if (!result.isMeasured()) continue;
            Histogram all = new Histogram(3);
            for (Slice slice : result.slices()) all.add(slice.latencies());
            all.setTag((setting.name() + "/" + result.name()).replace(',', ';'));
            out.outputIntervalHistogram(all);
        }
    }

    @Override
    public void close() {
        out.close();
    }
}

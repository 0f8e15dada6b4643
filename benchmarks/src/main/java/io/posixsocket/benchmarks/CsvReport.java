package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A line for each round, for programs. */
final class CsvReport implements AutoCloseable {
    private final PrintStream out;

    /** Replaces the file. */
    CsvReport(Path file) throws IOException {
        out = new PrintStream(Files.newOutputStream(file), true, StandardCharsets.UTF_8);
        out.println(
                "setting,contestant,restart,round,calls,p50_us,p90_us,p99_us,p99.9_us,max_us,mean_us,"
                        + "calls_per_second,client_cpu_us_per_call,server_cpu_us_per_call,caller_bytes_per_call,server_bytes_per_call,message_bytes");
    }

    /** All rounds of a setting. */
    void setting(Options options, Setting setting, List<Result> results) {
        for (Result result : results) {
            for (int i = 0; i < result.slices().size(); i++) {
                String rounds = (i / options.rounds() + 1) + "," + (i % options.rounds() + 1);
                out.println(setting.name() + "," + result.name() + "," + rounds + ","
                        + figures(result.slices().get(i)));
            }
        }
    }

    private static String figures(Slice slice) {
        return String.format(
                Locale.ROOT,
                "%d,%.3f,%.3f,%.3f,%.3f,%.3f,%.3f,%.0f,%.3f,%.3f,%.1f,%.1f,%.1f",
                slice.calls(),
                slice.p50Micros(),
                slice.percentileMicros(90),
                slice.p99Micros(),
                slice.p999Micros(),
                slice.percentileMicros(100),
                slice.meanMicros(),
                slice.callsPerSecond(),
                slice.clientCpuNanos() / 1e3,
                slice.serverCpuNanos() / 1e3,
                slice.allocatedBytes(),
                slice.serverAllocatedBytes(),
                slice.messageBytes());
    }

    @Override
    public void close() {
        out.close();
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What one round of one contestant gave.
 *
 * @param latencies in nanoseconds
 * @param callsPerSecond of all callers together
 * @param clientCpuNanos processor time of the client's process, per call
 * @param serverCpuNanos processor time of the server's process, per call
 * @param allocatedBytes what the calling threads allocated, per call; NaN if unknown
 * @param serverAllocatedBytes what the server's threads allocated, per call; NaN if unknown
 * @param messageBytes what one received message takes of them; NaN if unknown
 */
record Slice(
        Histogram latencies,
        double callsPerSecond,
        double clientCpuNanos,
        double serverCpuNanos,
        double allocatedBytes,
        double serverAllocatedBytes,
        double messageBytes) {

    /** From the line that a client prints after a run, and the file that it has written. */
    static Slice of(String done, Path samples, ServerUse server, int serverCalls) throws IOException {
        Histogram latencies = read(samples);
        Map<String, Double> values = values(done);
        double calls = latencies.getTotalCount();
        if (values.get("calls") != calls) throw new IOException(samples + " has " + calls + " samples: " + done);
        return new Slice(
                latencies,
                calls / values.get("wall_nanos") * 1e9,
                values.get("cpu_nanos") / calls,
                (double) server.cpuNanos() / serverCalls,
                values.getOrDefault("allocated_bytes", Double.NaN) / calls,
                server.allocatedBytes() / serverCalls,
                values.getOrDefault("message_bytes", Double.NaN));
    }

    /** How long a run took, by the line that a client prints after it. */
    static double wallNanos(String done) {
        return values(done).get("wall_nanos");
    }

    private static Map<String, Double> values(String done) {
        Map<String, Double> values = new HashMap<>();
        for (String word : done.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) values.put(word.substring(0, equals), Double.valueOf(word.substring(equals + 1)));
        }
        return values;
    }

    private static Histogram read(Path samples) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(samples)).order(ByteOrder.nativeOrder());
        Histogram latencies = new Histogram(3);
        while (bytes.hasRemaining()) latencies.recordValue(bytes.getLong());
        return latencies;
    }

    /** How many calls were measured. */
    long calls() {
        return latencies.getTotalCount();
    }

    /** So many per cent of the calls took no longer. */
    double percentileMicros(double percent) {
        return latencies.getValueAtPercentile(percent) / 1e3;
    }

    /** What half of the calls did not exceed. */
    double p50Micros() {
        return percentileMicros(50);
    }

    /** What 99 of 100 calls did not exceed. */
    double p99Micros() {
        return percentileMicros(99);
    }

    /** What 999 of 1,000 calls did not exceed. */
    double p999Micros() {
        return percentileMicros(99.9);
    }

    /** The mean time of a call. */
    double meanMicros() {
        return latencies.getMean() / 1e3;
    }

    /** Processor time of both processes, per call. */
    double cpuMicros() {
        return (clientCpuNanos + serverCpuNanos) / 1e3;
    }
}

package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class GoalsTest {
    private final Goals goals = new Goals();

    /** A round whose calls all took so long. */
    private static Result took(String contestant, double micros, double callsPerSecond) {
        Histogram latencies = new Histogram(3);
        latencies.recordValue((long) (micros * 1e3));
        Slice slice = new Slice(latencies, callsPerSecond, 1, 1, 272, 300, 240);
        Contestant named = new Contestant(
                contestant,
                "",
                (path, setting) -> List.of(),
                (path, setting) -> List.of(),
                Optional.empty(),
                Optional.empty());
        return Result.measured(named, List.of(slice));
    }

    private void measure(String setting, Result... results) {
        goals.setting(Setting.parse(List.of(setting)).get(0), List.of(results));
    }

    private String row(String begin) {
        return goals.table().stream()
                .filter(line -> line.startsWith(begin))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void metMissedAndNotMeasured() {
        measure("idle", took("rpc-spin", 10, 100_000), took("c-blocking", 30, 30_000), took("grpc-direct", 80, 9_000));

        assertThat(row("| 64 bytes, one caller")).endsWith("| 0.33 / a core each not measured |");
        assertThat(row("|  | at least 12 x")).endsWith("| **8.0** |");
        assertThat(row("|  | at least 8 x")).endsWith("| not measured |");
        assertThat(row("| garbage")).endsWith("| client not measured / server not measured |");
        assertThat(row("| an idle connection")).endsWith("| not measured |");
    }

    @Test
    void callsPerSecondMustNotFallFromEightCallersOn() {
        measure("callers=8", took("rpc-spin", 80, 80_000), took("c-blocking", 80, 60_000));
        measure("callers=32", took("rpc-spin", 400, 90_000), took("c-blocking", 400, 100_000));
        measure("callers=128", took("rpc-spin", 1600, 70_000));

        assertThat(row("| 8, 32, 128")).endsWith("| 80,000 / 90,000 / **70,000** |");
        assertThat(row("| 2, 8, 32")).endsWith("| not measured / 1.33 / **0.90** |");
    }

    @Test
    void studiesTellTheirOwn() {
        goals.study(
                new StreamStudy(),
                new Study.Finding(
                        List.of("", "messages/s"), List.of(List.of("up", "5,000,000"), List.of("down", "6,000,000"))));

        assertThat(goals.table())
                .contains(
                        "| messages of 64 bytes a second, one stream: up | at least 1 M | 5,000,000 |",
                        "| messages of 64 bytes a second, one stream: down | at least 1 M | 6,000,000 |");
    }

    @Test
    void garbageIsWhatIsNeitherTheMessageNorProtobufs() {
        goals.study(
                new GarbageStudy(),
                new Study.Finding(
                        List.of("side", "class", "objects per call", "bytes per call", "whose"),
                        List.of(
                                List.of("client", "`[B`", "1.00", "80.0", "the message received"),
                                List.of("server", "`Coder`", "1.00", "64.0", "protobuf, to read or write it"),
                                List.of("server", "`Call`", "1.00", "64.0", "neither's"),
                                List.of("server", "`Other`", "0.50", "8.0", "neither's"))));

        assertThat(row("| garbage")).endsWith("| client 0 / server **72** |");
    }

    @Test
    void ofTheArraysOneIsTheMessages() {
        goals.study(
                new GarbageStudy(),
                new Study.Finding(
                        List.of("side", "class", "objects per call", "bytes per call", "whose"),
                        GarbageStudy.rows("client", "[B", new HeapObjects.Amount(2_000, 160_000), 1_000)));

        assertThat(row("| garbage")).endsWith("| client **80** / server 0 |");
    }

    @Test
    void thePageKeepsWhatIsAroundTheTable() throws Exception {
        String page = """
                before
                <!-- goals: written by benchmarks/run --full --docs -->
                %s
                <!-- end of goals -->
                after
                """;

        assertThat(Docs.replaced(page.formatted("old"), List.of("| new |"))).isEqualTo(page.formatted("\n| new |\n"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Docs.replaced("no marks", List.of()))
                .withMessageContaining("has no '<!-- goals");
    }
}

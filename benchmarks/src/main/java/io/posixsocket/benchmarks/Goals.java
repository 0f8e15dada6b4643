package io.posixsocket.benchmarks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What a report says about each goal that the project has set itself: ratios of medians of one run. */
final class Goals {
    private static final String C = Contestants.BASELINE;
    private static final String OURS = Contestants.SPIN;
    private static final String NO_SPIN = Contestants.NO_SPIN;
    private static final String JDK25 = "rpc-jdk25";

    private final Map<String, Result> results = new HashMap<>(); // by setting and contestant
    private final Map<String, Study.Finding> findings = new HashMap<>(); // by study

    /** A figure of a goal. NaN: not measured. */
    private record Figure(String label, double value, double goal, boolean atMost, String format) {
        /** In bold if the goal is missed. */
        String cell() {
            if (Double.isNaN(value)) return label + "not measured";
            String text = String.format(Locale.ROOT, format, value);
            return label + (isMet() ? text : "**" + text + "**");
        }

        private boolean isMet() {
            return atMost ? value <= goal : value >= goal;
        }
    }

    /** Takes the figures of a setting. */
    void setting(Setting setting, List<Result> measured) {
        for (Result result : measured) if (result.isMeasured()) results.put(key(setting.name(), result.name()), result);
    }

    /** Takes what a study found. */
    void study(Study study, Study.Finding finding) {
        findings.put(study.name(), finding);
    }

    private static String key(String setting, String contestant) {
        return setting + "/" + contestant;
    }

    /** Lines of Markdown; what was not measured says so. */
    List<String> table() {
        List<String> lines = new ArrayList<>(List.of("| what | goal | measured |", "|---|---|---:|"));
        oneCaller(lines);
        sizes(lines);
        spinning(lines);
        callers(lines);
        rest(lines);
        return lines;
    }

    private void oneCaller(List<String> lines) {
        row(
                lines,
                "64 bytes, one caller, p50",
                "at most 0.45 x C blocking",
                atMost(0.45, "", ratio("idle", OURS, C, Slice::p50Micros)),
                atMost(0.45, "a core each ", ratio("apart", OURS, C, Slice::p50Micros)));
        row(
                lines,
                "",
                "at most 1.3 x C spinning",
                atMost(1.3, "", ratio("idle", OURS, "c-spinning", Slice::p50Micros)),
                atMost(1.3, "a core each ", ratio("apart", OURS, "c-spinning", Slice::p50Micros)));
        row(lines, "", "at least 12 x faster than gRPC, direct executors", faster(12, "grpc-direct"));
        row(lines, "", "at least 8 x faster than Go's ttrpc", faster(8, "go-ttrpc"));
        row(lines, "", "at least 2 x faster than npm's posix-socket, raw", faster(2, "node-posix-socket"));
        row(
                lines,
                "the same, `noSpin()`",
                "at most 1.1 x C blocking",
                atMost(1.1, "", ratio("idle", NO_SPIN, C, Slice::p50Micros)),
                atMost(1.1, "a core each ", ratio("apart", NO_SPIN, C, Slice::p50Micros)));
        row(lines, "p99", "at most 2 x C blocking's", atMost(2, "", ratio("idle", OURS, C, Slice::p99Micros)));
        row(
                lines,
                "p99 beside 1,000 idle connections",
                "at most 2 x C blocking's there, and no worse than without them",
                atMost(2, "", ratio("crowded", OURS, C, Slice::p99Micros)),
                atMost(
                        1,
                        "by our own without them ",
                        median("crowded", OURS, Slice::p99Micros) / median("idle", OURS, Slice::p99Micros)));
    }

    private Figure faster(double goal, String contestant) {
        return atLeast(goal, "", ratio("idle", contestant, OURS, Slice::p50Micros), "%.1f");
    }

    private void sizes(List<String> lines) {
        size(lines, "64 KiB, p50", "size=65536", 1.5, 1.3);
        size(lines, "1 MiB, p50", "size=1048576", 2.5, 2);
    }

    private void size(List<String> lines, String what, String setting, double goal, double goal25) {
        row(
                lines,
                what,
                String.format(Locale.ROOT, "at most %.1f x C blocking; on JDK 25 %.1f x", goal, goal25),
                atMost(goal, "", ratio(setting, OURS, C, Slice::p50Micros)),
                atMost(goal25, "JDK 25 ", ratio(setting, JDK25, C, Slice::p50Micros)));
    }

    private void spinning(List<String> lines) {
        Map<String, String> labels = Map.of(
                "idle", "nothing else runs",
                "pinned", "both pinned to one core",
                "pinned-unaware", "the same, the JVMs told of two",
                "busy", "two busy neighbours",
                "callers=32", "32 callers",
                "paced", "a call per millisecond");
        for (String setting : List.of("idle", "pinned", "pinned-unaware", "busy", "callers=32", "paced"))
            row(
                    lines,
                    "spinning, by our own `noSpin()`; p50, p99, mean: " + labels.get(setting),
                    "at most 1.3 x",
                    atMost(1.3, "", ratio(setting, OURS, NO_SPIN, Slice::p50Micros)),
                    atMost(1.3, "", ratio(setting, OURS, NO_SPIN, Slice::p99Micros)),
                    atMost(1.3, "", ratio(setting, OURS, NO_SPIN, Slice::meanMicros)));
    }

    private void callers(List<String> lines) {
        row(
                lines,
                "2, 8, 32 callers, calls/s",
                "at least C blocking's, a thread per connection",
                atLeast(1, "", rate("callers=2", C), "%.2f"),
                atLeast(1, "", rate("callers=8", C), "%.2f"),
                atLeast(1, "", rate("callers=32", C), "%.2f"));
        double eight = median("callers=8", OURS, Slice::callsPerSecond);
        row(
                lines,
                "8, 32, 128 callers, calls/s",
                "no fall",
                atLeast(0, "", eight, "%,.0f"),
                atLeast(eight, "", median("callers=32", OURS, Slice::callsPerSecond), "%,.0f"),
                atLeast(eight, "", median("callers=128", OURS, Slice::callsPerSecond), "%,.0f"));
        row(
                lines,
                "8, 32 callers, calls/s",
                "at least 20 x gRPC, direct executors",
                atLeast(20, "", rate("callers=8", "grpc-direct"), "%.1f"),
                atLeast(20, "", rate("callers=32", "grpc-direct"), "%.1f"));
        row(
                lines,
                "",
                "at least 4 x Go's ttrpc",
                atLeast(4, "", rate("callers=8", "go-ttrpc"), "%.1f"),
                atLeast(4, "", rate("callers=32", "go-ttrpc"), "%.1f"));
    }

    private void rest(List<String> lines) {
        found(lines, "messages of 64 bytes a second, one stream", "at least 1 M", "streams", 1);
        row(
                lines,
                "processor time per call, both processes",
                "at most C blocking's",
                atMost(1, "", ratio("idle", OURS, C, Slice::cpuMicros)),
                atMost(1, "`noSpin()` ", ratio("idle", NO_SPIN, C, Slice::cpuMicros)));
        row(
                lines,
                "garbage per unary call beyond the messages, bytes",
                "0 on either side, or explained",
                garbage("client"),
                garbage("server"));
        found(lines, "an idle connection, resident in the server, KiB", "at most 8", "idle-connections", 3);
        row(
                lines,
                "connect, one call, close; p50",
                "at most 1.5 x the JDK's Unix channels",
                atMost(1.5, "", ratio("connect", OURS, "jdk-blocking", Slice::p50Micros)));
        found(lines, "start of a JVM to its first reply, ms", "measured", "start", 5);
    }

    private Figure garbage(String side) {
        Study.Finding finding = findings.get("garbage");
        double bytes = finding == null ? Double.NaN : GarbageStudy.bytesOfOthers(finding, side);
        return new Figure(side + " ", bytes, 0.5, true, "%.0f");
    }

    /** A column of a study, as it is. */
    private void found(List<String> lines, String what, String goal, String study, int column) {
        Study.Finding finding = findings.get(study);
        if (finding == null) {
            line(lines, what, goal, "not measured");
            return;
        }
        for (List<String> cells : finding.rows())
            line(lines, finding.rows().size() == 1 ? what : what + ": " + cells.get(0), goal, cells.get(column));
    }

    private double rate(String setting, String base) {
        return ratio(setting, OURS, base, Slice::callsPerSecond);
    }

    private double ratio(String setting, String contestant, String base, ToDoubleFunction<Slice> figure) {
        return median(setting, contestant, figure) / median(setting, base, figure);
    }

    private double median(String setting, String contestant, ToDoubleFunction<Slice> figure) {
        Result result = results.get(key(setting, contestant));
        return result == null ? Double.NaN : result.spread(figure).median();
    }

    private static Figure atMost(double goal, String label, double value) {
        return new Figure(label, value, goal, true, "%.2f");
    }

    private static Figure atLeast(double goal, String label, double value, String format) {
        return new Figure(label, value, goal, false, format);
    }

    private static void row(List<String> lines, String what, String goal, Figure... figures) {
        line(
                lines,
                what,
                goal,
                String.join(" / ", List.of(figures).stream().map(Figure::cell).toList()));
    }

    private static void line(List<String> lines, String what, String goal, String measured) {
        lines.add("| " + what + " | " + goal + " | " + measured + " |");
    }
}

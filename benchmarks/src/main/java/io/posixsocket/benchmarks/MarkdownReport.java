package io.posixsocket.benchmarks;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Tables for people. */
final class MarkdownReport {
    private final List<PrintStream> outs;

    /** For all of {@code outs}. */
    MarkdownReport(List<PrintStream> outs) {
        this.outs = List.copyOf(outs);
    }

    /** What was run, where. */
    void head(NativeProgram pingpong) {
        line("Machine: " + Machine.description() + "; load before the run " + Machine.load() + ".");
        line("");
        line(
                "Round trips of 64 bytes, where nothing else is said, between two processes, µs. Median (lowest to highest) of"
                        + " the rounds, the contestants in turn. C: `" + pingpong.command() + "`.");
    }

    /** The figures of a setting. */
    void setting(Options options, Setting setting, List<Result> results) {
        line("");
        line("## " + setting.name() + ": " + setting.about());
        line("");
        line("Starts of all processes: " + options.restarts() + "; rounds of each: " + options.rounds()
                + "; calls per round: "
                + format("%,d", options.callsPerCaller(setting) * setting.callers())
                + (options.seconds() == 0 ? "." : format(", or as many as take %.3g s.", options.seconds())));
        line("");
        row(
                "contestant",
                "p50",
                "p99",
                "p99.9",
                "mean",
                "calls/s",
                "CPU µs/call",
                "B/call beyond the message: client, server");
        row("---", "---:", "---:", "---:", "---:", "---:", "---:", "---:");
        for (Result result : results) figures(result);
        ratios(results, Contestants.BASELINE, results);
        ratios(
                results,
                Contestants.NO_SPIN,
                named(results, Contestants.SPIN).stream().toList());
    }

    private void figures(Result result) {
        if (!result.isMeasured()) {
            String why = result.failure()
                    .map(reason -> "FAILED: " + reason)
                    .orElseGet(() -> "absent: " + result.absence().orElse("no rounds"));
            row(result.name(), why.replaceAll("\\s+", " ").replace("|", "\\|"), "", "", "", "", "", "");
            return;
        }
        row(
                result.name(),
                micros(result.spread(Slice::p50Micros)),
                micros(result.spread(Slice::p99Micros)),
                micros(result.spread(Slice::p999Micros)),
                micros(result.spread(Slice::meanMicros)),
                format("%,.0f (%,.0f..%,.0f)", result.spread(Slice::callsPerSecond)),
                format("%.1f", result.spread(Slice::cpuMicros).median()),
                garbage(result));
    }

    /** Where nobody tells what the message itself takes, all of it. */
    private static String garbage(Result result) {
        double client = result.spread(Slice::allocatedBytes).median();
        double server = result.spread(Slice::serverAllocatedBytes).median();
        double message = result.spread(Slice::messageBytes).median();
        if (Double.isNaN(client)) return "";
        if (Double.isNaN(message)) return format("%.0f, %.0f", client, server);
        return format("%.0f, %.0f (%.0f)", client - message, server - message, message);
    }

    /** What a study found. */
    void study(Study study, Study.Finding finding) {
        line("");
        line("## " + study.name() + ": " + study.about());
        line("");
        row(finding.columns().toArray(String[]::new));
        row(finding.columns().stream().map(column -> "---").toArray(String[]::new));
        for (List<String> cells : finding.rows()) row(cells.toArray(String[]::new));
    }

    /** What the project has set itself, and what came of it; a goal that was missed in bold. */
    void goals(List<String> table) {
        line("");
        line("## goals");
        line("");
        table.forEach(this::line);
    }

    /** Medians by medians of {@code base}, of the same run. */
    private void ratios(List<Result> results, String base, List<Result> of) {
        Optional<Result> divisor = named(results, base);
        List<Result> others = of.stream()
                .filter(result -> result.isMeasured() && !result.name().equals(base))
                .toList();
        if (divisor.isEmpty() || others.isEmpty()) return;
        line("");
        row("by " + base + "'s", "p50", "p99", "p99.9", "mean", "calls/s", "CPU");
        row("---", "---:", "---:", "---:", "---:", "---:", "---:");
        for (Result result : others) {
            row(
                    result.name(),
                    ratio(result, divisor.get(), Slice::p50Micros),
                    ratio(result, divisor.get(), Slice::p99Micros),
                    ratio(result, divisor.get(), Slice::p999Micros),
                    ratio(result, divisor.get(), Slice::meanMicros),
                    ratio(result, divisor.get(), Slice::callsPerSecond),
                    ratio(result, divisor.get(), Slice::cpuMicros));
        }
    }

    private static Optional<Result> named(List<Result> results, String name) {
        return results.stream()
                .filter(result -> result.isMeasured() && result.name().equals(name))
                .findFirst();
    }

    private static String ratio(Result result, Result divisor, ToDoubleFunction<Slice> figure) {
        return format(
                "%.2f", result.spread(figure).median() / divisor.spread(figure).median());
    }

    private static String micros(Spread spread) {
        return format("%.1f (%.1f..%.1f)", spread);
    }

    private static String format(String format, Spread spread) {
        return format(format, spread.median(), spread.min(), spread.max());
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private void line(String line) {
        for (PrintStream out : outs) out.println(line);
    }

    private void row(String... cells) {
        line("| " + String.join(" | ", cells) + " |");
    }
}

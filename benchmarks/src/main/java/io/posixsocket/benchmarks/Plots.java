package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;

/** Pictures of a report: the percentiles of each setting, and what several settings that differ in one number say together. */
final class Plots {
    private static final String PLAIN = "idle";
    private static final double[] PERCENTILES = {10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99};

    /** Where more are measured than a picture of lines can show: what others are judged by. */
    private static final Set<String> SHOWN = Set.of(
            "c-blocking",
            "c-spinning",
            "jdk-blocking",
            "node-posix-socket",
            Contestants.SPIN,
            Contestants.NO_SPIN,
            "go-ttrpc",
            "grpc-direct",
            "thrift");

    private static final int MOST_LINES = 10;

    private final Path directory;
    private final Map<Setting, List<Result>> results = new LinkedHashMap<>();

    Plots(Path directory) {
        this.directory = directory;
    }

    /** Draws a setting's percentiles. */
    void setting(Setting setting, List<Result> found) throws IOException {
        results.put(setting, found);
        List<LineChart.Tick> ticks = new ArrayList<>();
        for (String percent : List.of("10", "50", "90", "99", "99.9", "99.99"))
            ticks.add(new LineChart.Tick(oneIn(Double.parseDouble(percent)), percent + " %"));
        LineChart chart = new LineChart(title(setting), "percentile of the calls", "µs a call", ticks, false);
        for (Result result : shown(found)) chart.add(result.name(), percentiles(result));
        chart.write(directory.resolve(setting.name().replace('=', '-') + ".svg"));
        if (setting.name().equals(PLAIN)) everybody(setting, found);
    }

    private static String title(Setting setting) {
        return "Round trip of " + String.format(Locale.ROOT, "%,d", setting.size()) + " bytes, " + setting.about();
    }

    private void everybody(Setting setting, List<Result> found) throws IOException {
        DotChart chart = new DotChart(title(setting));
        for (Result result : found) {
            if (!result.isMeasured()) continue;
            chart.add(
                    result.name(),
                    result.spread(Slice::p50Micros).median(),
                    result.spread(Slice::p99Micros).median());
        }
        chart.write(directory.resolve("contestants.svg"));
    }

    /** Those that were measured, or, if they are too many, those of them that matter. */
    private static List<Result> shown(List<Result> found) {
        List<Result> measured = found.stream().filter(Result::isMeasured).toList();
        if (measured.size() <= MOST_LINES) return measured;
        return measured.stream().filter(result -> SHOWN.contains(result.name())).toList();
    }

    /** Medians over the rounds, as in the tables. */
    private static List<LineChart.Point> percentiles(Result result) {
        List<LineChart.Point> points = new ArrayList<>();
        for (double percent : PERCENTILES) {
            double micros =
                    result.spread(slice -> slice.percentileMicros(percent)).median();
            points.add(new LineChart.Point(oneIn(percent), micros));
        }
        return points;
    }

    /** The axis of percentiles: 90 % is 10, 99 % is 100, … */
    private static double oneIn(double percent) {
        return 100 / (100 - percent);
    }

    private static String bytes(int count) {
        if (count >= 1 << 20)
            return String.format(Locale.ROOT, "%.3g MiB", count / 1048576.0).replace(".00", "");
        return count >= 1 << 10 ? count / 1024 + " KiB" : count + " B";
    }

    /** Draws what several settings say together. */
    void finish() throws IOException {
        Setting plain = results.keySet().stream()
                .filter(setting -> setting.name().equals(PLAIN))
                .findFirst()
                .orElse(null);
        compare(
                "callers",
                plain,
                "Calls a second, of 64 bytes, by threads that call",
                Setting::callers,
                "threads that call, a connection each",
                "calls/s",
                Slice::callsPerSecond);
        compare(
                "size",
                plain,
                "Median round trip by size of the body",
                Setting::size,
                "bytes each way",
                "µs a call",
                Slice::p50Micros);
    }

    /** Settings of this name, and the plain one, which is the first of both kinds. */
    private void compare(
            String name,
            Setting plain,
            String title,
            ToIntFunction<Setting> x,
            String xLabel,
            String yLabel,
            ToDoubleFunction<Slice> figure)
            throws IOException {
        List<Setting> settings = new ArrayList<>(results.keySet().stream()
                .filter(setting -> setting.name().startsWith(name + "=") || setting.equals(plain))
                .toList());
        settings.sort((one, other) -> Integer.compare(x.applyAsInt(one), x.applyAsInt(other)));
        if (settings.size() < 2) return;
        // not those of the plain setting alone: they have no line
        Set<String> named = new HashSet<>();
        for (Setting setting : settings) {
            if (setting.equals(plain)) continue;
            for (Result result : shown(results.get(setting))) named.add(result.name());
        }
        List<LineChart.Tick> ticks = new ArrayList<>();
        Map<String, List<LineChart.Point>> lines = new LinkedHashMap<>();
        for (Setting setting : settings) {
            int at = x.applyAsInt(setting);
            ticks.add(new LineChart.Tick(at, name.equals("size") ? bytes(at) : "" + at));
            for (Result result : shown(results.get(setting))) {
                if (!named.contains(result.name())) continue;
                lines.computeIfAbsent(result.name(), none -> new ArrayList<>())
                        .add(new LineChart.Point(at, result.spread(figure).median()));
            }
        }
        LineChart chart = new LineChart(title, xLabel, yLabel, ticks, true);
        lines.forEach(chart::add);
        chart.write(directory.resolve("by-" + name + ".svg"));
    }
}

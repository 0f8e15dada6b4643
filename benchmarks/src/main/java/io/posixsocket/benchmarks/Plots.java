package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;

/** Pictures of a report: the percentiles of each setting, and what several settings that differ in one number say together. */
final class Plots {
    private static final double[] PERCENTILES = {10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99};

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
        LineChart chart =
                new LineChart(setting.name() + ": " + setting.about(), "of the calls took no longer than", "µs", ticks);
        for (Result result : found) if (result.isMeasured()) chart.add(result.name(), percentiles(result));
        chart.write(directory.resolve(setting.name().replace('=', '-') + ".svg"));
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

    /** Draws what several settings say together. */
    void finish() throws IOException {
        Setting plain = results.keySet().stream()
                .filter(setting -> setting.name().equals("idle"))
                .findFirst()
                .orElse(null);
        compare("callers", plain, Setting::callers, "threads that call", "calls/s", Slice::callsPerSecond);
        compare("size", plain, Setting::size, "bytes each way", "p50, µs", Slice::p50Micros);
    }

    /** Settings of this name, and the plain one, which is the first of both kinds. */
    private void compare(
            String name,
            Setting plain,
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
        List<LineChart.Tick> ticks = new ArrayList<>();
        Map<String, List<LineChart.Point>> lines = new LinkedHashMap<>();
        for (Setting setting : settings) {
            int at = x.applyAsInt(setting);
            ticks.add(new LineChart.Tick(at, String.format(Locale.ROOT, "%,d", at)));
            for (Result result : results.get(setting)) {
                if (!result.isMeasured()) continue;
                lines.computeIfAbsent(result.name(), none -> new ArrayList<>())
                        .add(new LineChart.Point(at, result.spread(figure).median()));
            }
        }
        LineChart chart = new LineChart(yLabel + " by " + xLabel, xLabel, yLabel, ticks);
        lines.forEach(chart::add);
        chart.write(directory.resolve("by-" + name + ".svg"));
    }
}

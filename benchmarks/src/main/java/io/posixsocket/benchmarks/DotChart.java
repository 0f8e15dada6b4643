package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** One row for each contestant, the fastest first: from the median to the 99th percentile. */
final class DotChart {
    private static final int WIDTH = 860;
    private static final int LEFT = 150;
    private static final int RIGHT = 120; // for the figures
    private static final int TOP = 62;
    private static final int BOTTOM = 52;
    private static final int ROW = 21;

    private record Row(String name, double p50, double p99) {}

    private final String title;
    private final List<Row> rows = new ArrayList<>();

    DotChart(String title) {
        this.title = title;
    }

    /** Adds a row, in microseconds. */
    void add(String name, double p50, double p99) {
        rows.add(new Row(name, p50, p99));
    }

    /** Writes the file, unless there is no row. */
    void write(Path file) throws IOException {
        if (rows.isEmpty()) return;
        rows.sort(Comparator.comparingDouble(Row::p50));
        int bottom = TOP + ROW * rows.size();
        Svg svg = new Svg(WIDTH, bottom + BOTTOM);
        svg.bold(12, 24, "start", Svg.BLACK, title);
        LogAxis x = LogAxis.around(
                rows.get(0).p50(), rows.stream().mapToDouble(Row::p99).max().orElseThrow(), LEFT, WIDTH - RIGHT);
        for (double mark : x.marks()) {
            svg.put("<path d='M%.1f %dV%d' stroke='#dddddd'/>", x.at(mark), TOP, bottom);
            svg.text(x.at(mark), bottom + 18, "middle", Svg.GREY, LogAxis.label(mark));
        }
        svg.text(
                (LEFT + WIDTH - RIGHT) / 2.0,
                bottom + 40,
                "middle",
                Svg.BLACK,
                "µs a call: the median ●, the 99th percentile |");
        svg.text(WIDTH - RIGHT + 56, TOP - 10, "end", Svg.GREY, "p50");
        svg.text(WIDTH - RIGHT + 108, TOP - 10, "end", Svg.GREY, "p99");
        for (int i = 0; i < rows.size(); i++) row(svg, rows.get(i), x, TOP + ROW * i + ROW / 2.0);
        svg.write(file);
    }

    private static void row(Svg svg, Row row, LogAxis x, double at) {
        Look look = Look.of(row.name());
        if (look.isOurs()) svg.bold(LEFT - 12, at + 4, "end", look.colour(), row.name());
        else svg.text(LEFT - 12, at + 4, "end", Svg.BLACK, row.name());
        String colour = look.isOurs() ? look.colour() : Svg.GREY;
        svg.put(
                "<path d='M%.1f %.1fH%.1f' stroke='%s' stroke-width='2'/>",
                x.at(row.p50()), at, x.at(row.p99()), colour);
        svg.put("<path d='M%.1f %.1fv10' stroke='%s' stroke-width='2'/>", x.at(row.p99()), at - 5, colour);
        svg.put("<circle cx='%.1f' cy='%.1f' r='5' fill='%s'/>", x.at(row.p50()), at, colour);
        svg.text(WIDTH - RIGHT + 56, at + 4, "end", Svg.BLACK, figure(row.p50()));
        svg.text(WIDTH - RIGHT + 108, at + 4, "end", Svg.BLACK, figure(row.p99()));
    }

    private static String figure(double micros) {
        return String.format(Locale.ROOT, micros < 100 ? "%.1f" : "%,.0f", micros);
    }
}

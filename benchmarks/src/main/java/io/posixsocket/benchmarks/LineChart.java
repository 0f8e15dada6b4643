package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Lines over two logarithmic axes, each with its name at its end. */
final class LineChart {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 480;
    private static final int LEFT = 78;
    private static final int RIGHT = 165; // for the names
    private static final int TOP = 46;
    private static final int BOTTOM = 58;
    private static final double BETWEEN_NAMES = 16;

    /** Where a line goes through. */
    record Point(double x, double y) {}

    /** A mark on an axis. */
    record Tick(double at, String label) {}

    private record Line(String name, List<Point> points) {
        Point end() {
            return points.get(points.size() - 1);
        }
    }

    private final String title;
    private final String xLabel;
    private final String yLabel;
    private final List<Tick> xTicks;
    private final boolean dots;
    private final List<Line> lines = new ArrayList<>();

    /**
     * @param xTicks has the ends of its axis, and all that is marked between
     * @param dots whether each point is drawn: there is nothing between two of them
     */
    LineChart(String title, String xLabel, String yLabel, List<Tick> xTicks, boolean dots) {
        this.title = title;
        this.xLabel = xLabel;
        this.yLabel = yLabel;
        this.xTicks = List.copyOf(xTicks);
        this.dots = dots;
    }

    /** Adds a line. All coordinates are above 0. */
    void add(String name, List<Point> points) {
        if (!points.isEmpty()) lines.add(new Line(name, List.copyOf(points)));
    }

    /** Writes the file, unless there is no line. */
    void write(Path file) throws IOException {
        if (lines.isEmpty()) return;
        Svg svg = new Svg(WIDTH, HEIGHT);
        LogAxis x =
                new LogAxis(xTicks.get(0).at(), xTicks.get(xTicks.size() - 1).at(), LEFT, WIDTH - RIGHT);
        LogAxis y = LogAxis.around(ys().min().orElseThrow(), ys().max().orElseThrow(), HEIGHT - BOTTOM, TOP);
        axes(svg, x, y);
        List<Line> byEnd = new ArrayList<>(lines);
        byEnd.sort(Comparator.comparingDouble(line -> y.at(line.end().y())));
        double[] names = Spacing.apart(
                byEnd.stream().mapToDouble(line -> y.at(line.end().y())).toArray(),
                BETWEEN_NAMES,
                TOP,
                HEIGHT - BOTTOM);
        for (Line line : lines) draw(svg, line, x, y);
        for (int i = 0; i < names.length; i++) name(svg, byEnd.get(i), x, y, names[i]);
        svg.write(file);
    }

    private DoubleStream ys() {
        return lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::y);
    }

    private void axes(Svg svg, LogAxis x, LogAxis y) {
        svg.bold(LEFT, 24, "start", Svg.BLACK, title);
        svg.text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", Svg.BLACK, xLabel);
        svg.verticalText(18, (TOP + HEIGHT - BOTTOM) / 2.0, yLabel);
        for (double mark : y.marks()) {
            svg.put("<path d='M%d %.1fH%d' stroke='#dddddd'/>", LEFT, y.at(mark), WIDTH - RIGHT);
            svg.text(LEFT - 8, y.at(mark) + 4, "end", Svg.GREY, LogAxis.label(mark));
        }
        for (Tick tick : xTicks) {
            double at = x.at(tick.at());
            svg.put("<path d='M%.1f %dV%d' stroke='#eeeeee'/>", at, TOP, HEIGHT - BOTTOM);
            svg.text(at, HEIGHT - BOTTOM + 18, "middle", Svg.GREY, tick.label());
        }
        svg.put("<path d='M%d %dV%dH%d' stroke='#888888' fill='none'/>", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
    }

    private void draw(Svg svg, Line line, LogAxis x, LogAxis y) {
        Look look = Look.of(line.name());
        StringBuilder path = new StringBuilder();
        for (Point point : line.points())
            path.append(path.length() == 0 ? "M" : "L")
                    .append(at(x.at(point.x())))
                    .append(' ')
                    .append(at(y.at(point.y())));
        svg.put(
                "<path d='%s' stroke='%s' stroke-width='%s' stroke-linejoin='round' fill='none' stroke-dasharray='%s'/>",
                path, look.colour(), look.width(), look.dashes());
        if (!dots) return;
        for (Point point : line.points())
            svg.put(
                    "<circle cx='%.1f' cy='%.1f' r='%s' fill='%s'/>",
                    x.at(point.x()), y.at(point.y()), look.isOurs() ? "4" : "3", look.colour());
    }

    private static String at(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }

    private void name(Svg svg, Line line, LogAxis x, LogAxis y, double at) {
        Look look = Look.of(line.name());
        double from = x.at(line.end().x());
        svg.put(
                "<path d='M%.1f %.1fL%d %.1f' stroke='%s' stroke-width='0.8' fill='none'/>",
                from + (dots ? 5 : 1), y.at(line.end().y()), WIDTH - RIGHT + 18, at, look.colour());
        if (look.isOurs()) svg.bold(WIDTH - RIGHT + 22, at + 4, "start", look.colour(), line.name());
        else svg.text(WIDTH - RIGHT + 22, at + 4, "start", look.colour(), line.name());
    }
}

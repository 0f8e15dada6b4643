package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Lines over two axes, as SVG. Written as text, because drawing by AWT needs fonts, which a machine without a screen may not
 * have.
 */
final class LineChart {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 460;
    private static final int LEFT = 80;
    private static final int RIGHT = 200; // for the names
    private static final int TOP = 50;
    private static final int BOTTOM = 60;
    private static final int LINE = 17;
    /** Apart also for those who see no red or no green. */
    private static final List<String> COLOURS = List.of(
            "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999933", "#882255",
            "#44aa99");

    private static final List<String> DASHES = List.of("none", "6 3", "2 3");

    /** Where a line goes through. */
    record Point(double x, double y) {}

    /** A mark on an axis. */
    record Tick(double at, String label) {}

    private record Line(String name, List<Point> points) {}

    private final String title;
    private final String xLabel;
    private final String yLabel;
    private final List<Tick> xTicks;
    private final List<Line> lines = new ArrayList<>();

    /** Both axes are logarithmic. {@code xTicks} has the ends of its axis, and all that is marked between. */
    LineChart(String title, String xLabel, String yLabel, List<Tick> xTicks) {
        this.title = title;
        this.xLabel = xLabel;
        this.yLabel = yLabel;
        this.xTicks = List.copyOf(xTicks);
    }

    /** Adds a line. All coordinates are above 0. */
    void add(String name, List<Point> points) {
        if (!points.isEmpty()) lines.add(new Line(name, List.copyOf(points)));
    }

    /** Writes the file, unless there is no line. */
    void write(Path file) throws IOException {
        if (!lines.isEmpty()) Files.writeString(file, svg());
    }

    private String svg() {
        double bottom = Math.pow(10, Math.floor(Math.log10(edge(Double.MAX_VALUE, Math::min))));
        double top = Math.pow(10, Math.ceil(Math.log10(edge(0, Math::max)) + 1e-9));
        StringBuilder svg = new StringBuilder();
        put(
                svg,
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif' font-size='13'>",
                WIDTH,
                HEIGHT);
        put(svg, "<rect width='100%%' height='100%%' fill='white'/>");
        text(svg, WIDTH / 2.0, TOP / 2.0, "middle", title);
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 15, "middle", xLabel);
        put(
                svg,
                "<text transform='translate(18 %d) rotate(-90)' text-anchor='middle'>%s</text>",
                (TOP + HEIGHT - BOTTOM) / 2,
                escape(yLabel));
        for (double y = bottom; y <= top * 1.001; y *= 10) {
            double at = y(y, bottom, top);
            put(svg, "<path d='M%d %.1fH%d' stroke='#cccccc'/>", LEFT, at, WIDTH - RIGHT);
            text(svg, LEFT - 8, at + 4, "end", number(y));
        }
        for (Tick tick : xTicks) {
            double at = x(tick.at());
            put(svg, "<path d='M%.1f %dV%d' stroke='#e5e5e5'/>", at, TOP, HEIGHT - BOTTOM);
            text(svg, at, HEIGHT - BOTTOM + 18, "middle", tick.label());
        }
        for (int i = 0; i < lines.size(); i++) line(svg, i, bottom, top);
        return svg.append("</svg>\n").toString();
    }

    private void line(StringBuilder svg, int index, double bottom, double top) {
        Line line = lines.get(index);
        String look =
                "stroke='" + COLOURS.get(index % COLOURS.size()) + "' stroke-width='2' fill='none' stroke-dasharray='"
                        + DASHES.get(index / COLOURS.size() % DASHES.size()) + "'";
        StringBuilder path = new StringBuilder();
        for (Point point : line.points())
            put(path, "%s%.1f %.1f", path.length() == 0 ? "M" : "L", x(point.x()), y(point.y(), bottom, top));
        put(svg, "<path d='%s' %s/>", path.toString().replace("\n", ""), look);
        double at = TOP + LINE * index;
        put(svg, "<path d='M%d %.1fh22' %s/>", WIDTH - RIGHT + 14, at, look);
        text(svg, WIDTH - RIGHT + 42, at + 4, "start", line.name());
    }

    private interface Fold {
        double of(double a, double b);
    }

    private double edge(double start, Fold fold) {
        double edge = start;
        for (Line line : lines) for (Point point : line.points()) edge = fold.of(edge, point.y());
        return edge;
    }

    private double x(double value) {
        double first = Math.log(xTicks.get(0).at());
        double last = Math.log(xTicks.get(xTicks.size() - 1).at());
        double part = last == first ? 0.5 : (Math.log(value) - first) / (last - first);
        return LEFT + part * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double value, double bottom, double top) {
        double part = (Math.log(value) - Math.log(bottom)) / (Math.log(top) - Math.log(bottom));
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
    }

    private static String number(double value) {
        return value < 1 ? String.format(Locale.ROOT, "%.3g", value) : String.format(Locale.ROOT, "%,.0f", value);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        put(svg, "<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>", x, y, anchor, escape(text));
    }

    private static void put(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}

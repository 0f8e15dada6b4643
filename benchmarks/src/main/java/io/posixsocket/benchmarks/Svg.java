package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A picture that is being drawn. Written as text, because drawing by AWT needs fonts, which a machine without a screen may not
 * have.
 */
final class Svg {
    /** Of text that says what the eye must not look for first. */
    static final String GREY = "#666666";

    static final String BLACK = "#222222";

    private final StringBuilder text = new StringBuilder();

    Svg(int width, int height) {
        put(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='Helvetica, Arial, sans-serif'"
                        + " font-size='13'>",
                width, height);
        put("<rect width='100%%' height='100%%' fill='white'/>");
    }

    /** An element. Coordinates with one digit after the point are fine enough. */
    void put(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    /** @param anchor start, middle or end */
    void text(double x, double y, String anchor, String colour, String what) {
        put("<text x='%.1f' y='%.1f' text-anchor='%s' fill='%s'>%s</text>", x, y, anchor, colour, escape(what));
    }

    /** The same, in bold. */
    void bold(double x, double y, String anchor, String colour, String what) {
        put(
                "<text x='%.1f' y='%.1f' text-anchor='%s' fill='%s' font-weight='bold'>%s</text>",
                x, y, anchor, colour, escape(what));
    }

    /** What the vertical axis measures. */
    void verticalText(double x, double y, String what) {
        put(
                "<text transform='translate(%.1f %.1f) rotate(-90)' text-anchor='middle' fill='%s'>%s</text>",
                x, y, BLACK, escape(what));
    }

    void write(Path file) throws IOException {
        Files.writeString(file, text + "</svg>\n");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}

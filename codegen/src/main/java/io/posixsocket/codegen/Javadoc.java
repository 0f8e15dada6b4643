package io.posixsocket.codegen;

import java.util.ArrayList;
import java.util.List;

/** Writes Javadoc from text that was not meant for it. */
final class Javadoc {
    private Javadoc() {}

    /**
     * Returns a Javadoc comment of a foreign text, escaped, and a paragraph of our own, as it is; either may be empty.
     * Ends with a line break unless both are empty.
     */
    static String of(String foreign, String own) {
        List<String> lines = new ArrayList<>();
        for (String line : foreign.split("\\R", -1)) {
            add(lines, escape(line.stripTrailing()));
        }
        if (!own.isEmpty()) {
            add(lines, "");
            own.lines().forEach(line -> add(lines, line));
        }
        while (!lines.isEmpty() && lines.get(lines.size() - 1).isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        if (lines.isEmpty()) {
            return "";
        }
        if (lines.size() == 1) {
            return "/** " + lines.get(0) + " */\n";
        }
        StringBuilder text = new StringBuilder("/**\n");
        lines.forEach(
                line -> text.append(line.isEmpty() ? " *" : " * ").append(line).append('\n'));
        return text.append(" */\n").toString();
    }

    /** Joins blank lines to one, drops leading ones, and begins a paragraph behind the others. */
    private static void add(List<String> lines, String line) {
        // protoc leaves the blank between comment mark and text; what is indented deeper stays so.
        String text = line.startsWith(" ") ? line.substring(1) : line;
        boolean first = lines.isEmpty();
        boolean afterBlank = !first && lines.get(lines.size() - 1).isEmpty();
        if (text.isBlank()) {
            if (!first && !afterBlank) {
                lines.add("");
            }
        } else {
            lines.add(afterBlank ? "<p>" + text.strip() : text);
        }
    }

    /** Makes a text mean itself in Javadoc: no markup, no tag, no end of the comment, no Unicode escape. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int c : text.codePoints().toArray()) {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                // A block tag or an inline one.
                case '@' -> escaped.append("&#64;");
                // javac translates Unicode escapes before it looks for the end of a comment.
                case '\\' -> escaped.append("&#92;");
                case '/' -> escaped.append(endsWithStar(escaped) ? "&#47;" : "/");
                case '\t' -> escaped.append("    ");
                default -> {
                    // Marks that turn the direction of writing can make code look like comment; controls are noise.
                    if (Character.getType(c) == Character.FORMAT) {
                        escaped.append("&#").append(c).append(';');
                    } else if (!Character.isISOControl(c)) {
                        escaped.appendCodePoint(c);
                    }
                }
            }
        }
        return escaped.toString();
    }

    /** Looks at what is written, not at what was read: a control character that is left out must part nothing. */
    private static boolean endsWithStar(StringBuilder text) {
        return !text.isEmpty() && text.charAt(text.length() - 1) == '*';
    }
}

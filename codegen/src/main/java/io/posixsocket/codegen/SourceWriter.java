package io.posixsocket.codegen;

/** Java source in the making: text is added in blocks of lines, each indented as deep as the writer stands. */
final class SourceWriter {
    private static final String STEP = "    ";

    private final Options options;
    private final StringBuilder source = new StringBuilder();
    private int depth;

    SourceWriter(Options options) {
        this.options = options;
    }

    /** Adds a Javadoc comment, unless the options say that there be none. */
    SourceWriter doc(String block) {
        return options.javadoc() ? add(block) : this;
    }

    /** Adds the lines of a block; the last one needs no line break. */
    SourceWriter add(String block) {
        block.lines().forEach(line -> {
            if (!line.isEmpty()) {
                source.append(STEP.repeat(depth)).append(line);
            }
            source.append('\n');
        });
        return this;
    }

    /** Adds an empty line. */
    SourceWriter space() {
        source.append('\n');
        return this;
    }

    /** Moves one step to the right. */
    SourceWriter indent() {
        depth++;
        return this;
    }

    /** Moves one step back to the left. */
    SourceWriter outdent() {
        depth--;
        return this;
    }

    @Override
    public String toString() {
        return source.toString();
    }
}

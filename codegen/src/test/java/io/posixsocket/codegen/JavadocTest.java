package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JavadocTest {
    @Test
    void textMeansItself() {
        assertThat(Javadoc.escape("*/ <b> & \\u002a {@link x} \u202e \u0000 \t| a/b"))
                .isEqualTo("*&#47; &lt;b&gt; &amp; &#92;u002a {&#64;link x} &#8238;  " + "    | a/b");
    }

    @Test
    void characterLeftOutDoesNotLetCommentEnd() {
        assertThat(Javadoc.escape("*\u0000/ **\u0007\u0007/")).isEqualTo("*&#47; **&#47;");
    }

    @Test
    void oneLineStaysOneLine() {
        assertThat(Javadoc.of(" Says hello.\n", "")).isEqualTo("/** Says hello. */\n");
    }

    @Test
    void blankLinesPartParagraphs() {
        assertThat(Javadoc.of("\n First.\n   indented\n\n \n Second.\n\n", "Ours.\n"))
                .isEqualTo("""
                    /**
                     * First.
                     *   indented
                     *
                     * <p>Second.
                     *
                     * <p>Ours.
                     */
                    """);
    }

    @Test
    void carriageReturnsAndSeparatorsEndLines() {
        assertThat(Javadoc.of(" a\r\n b\u2028 c\r d", "")).isEqualTo("/**\n * a\n * b\n * c\n * d\n */\n");
    }

    @Test
    void nothingGivesNothing() {
        assertThat(Javadoc.of("", "")).isEmpty();
        assertThat(Javadoc.of(" \n\n", "Ours.")).isEqualTo("/** Ours. */\n");
    }
}

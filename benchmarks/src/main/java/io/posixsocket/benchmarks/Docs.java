package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** What docs/PERFORMANCE.md shows of a report. */
final class Docs {
    private static final List<String> SHOWN = List.of(
            "report.md", "idle.svg", "pinned.svg", "crowded.svg", "contestants.svg", "by-callers.svg", "by-size.svg");

    private Docs() {}

    private static final String BEGIN = "<!-- goals: written by benchmarks/run --full --docs -->";
    private static final String END = "<!-- end of goals -->";

    /** Copies it, as far as it is there, and puts the goals into the page. */
    static void take(Path report, List<String> goals, Path base) throws IOException {
        Path directory = Files.createDirectories(base.resolve("docs/performance"));
        for (String name : SHOWN) {
            if (Files.exists(report.resolve(name)))
                Files.copy(report.resolve(name), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Path page = base.resolve("docs/PERFORMANCE.md");
        Files.writeString(page, replaced(Files.readString(page), goals));
    }

    /** The page with this table between its two marks. */
    static String replaced(String page, List<String> goals) throws IOException {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin)
            throw new IOException("docs/PERFORMANCE.md has no '" + BEGIN + "' with '" + END + "' after it");
        return page.substring(0, begin) + BEGIN + "\n\n" + String.join("\n", goals) + "\n\n" + page.substring(end);
    }
}

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

    /** Copies it, as far as it is there. */
    static void take(Path report, Path base) throws IOException {
        Path directory = Files.createDirectories(base.resolve("docs/performance"));
        for (String name : SHOWN) {
            if (Files.exists(report.resolve(name)))
                Files.copy(report.resolve(name), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }
}

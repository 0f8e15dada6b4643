package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command that makes a program which is not Java's. */
final class Build {
    private static final int OUTPUT_CHARS = 400;

    private Build() {}

    /** Runs it in {@code directory} to its end. Why it failed, or nothing. */
    static Optional<String> run(Path directory, Map<String, String> environment, List<String> words)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() == 0) return Optional.empty();
        String start = output.length() <= OUTPUT_CHARS ? output : output.substring(0, OUTPUT_CHARS) + "…";
        return Optional.of(words.get(0) + " failed: " + start);
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A contestant that is no Java program.
 *
 * @param binary where it is
 * @param command what made it, or what would have
 * @param absence why it is not there
 */
record NativeProgram(Path binary, String command, Optional<String> absence) {
    /** Compiles {@code pingpong.c}: its command is part of the measurement. */
    static NativeProgram compile(Path base) throws IOException, InterruptedException {
        Path source = base.resolve("benchmarks/src/main/c/pingpong.c");
        Path binary = base.resolve("benchmarks/target/pingpong");
        List<String> words =
                List.of("gcc", "-O2", "-Wall", "-Wextra", "-pthread", "-o", binary.toString(), source.toString());
        return new NativeProgram(binary, String.join(" ", words), compile(words, binary));
    }

    /** Its command line in a role. */
    List<String> words(String role, Terms terms) {
        List<String> words = new ArrayList<>(List.of(binary.toString(), role));
        words.addAll(terms.words());
        return words;
    }

    private static Optional<String> compile(List<String> words, Path binary) throws IOException, InterruptedException {
        if (Machine.find("gcc").isEmpty()) return Optional.of("gcc is not on the PATH");
        Files.createDirectories(binary.getParent());
        return Build.run(binary.getParent(), Map.of(), words);
    }
}

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
        String binary = "benchmarks/target/pingpong"; // the report names no directory of this machine
        List<String> words =
                List.of("gcc", "-O2", "-Wall", "-Wextra", "-pthread", "-o", binary, "benchmarks/src/main/c/pingpong.c");
        return new NativeProgram(base.resolve(binary), String.join(" ", words), compile(words, base));
    }

    /** Its command line in a role. */
    List<String> words(String role, Terms terms) {
        List<String> words = new ArrayList<>(List.of(binary.toString(), role));
        words.addAll(terms.words());
        return words;
    }

    private static Optional<String> compile(List<String> words, Path base) throws IOException, InterruptedException {
        if (Machine.find("gcc").isEmpty()) return Optional.of("gcc is not on the PATH");
        Files.createDirectories(base.resolve("benchmarks/target"));
        return Build.run(base, Map.of(), words);
    }
}

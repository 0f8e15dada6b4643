package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Asks the platform's C compiler: a program that prints lines of the form {@code name=value}. */
final class CProgram {
    private CProgram() {}

    static boolean hasCompiler() {
        return ChildJvm.isInstalled("gcc");
    }

    /** Compiles and runs {@code source} in {@code dir}. */
    static Map<String, String> run(Path dir, String source) throws Exception {
        compile(dir, source);
        Map<String, String> printed = new HashMap<>();
        for (String line : output(dir, dir.resolve("program").toString())) {
            int equals = line.indexOf('=');
            printed.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return printed;
    }

    /** Makes {@code program} in {@code dir}. */
    static void compile(Path dir, String source) throws Exception {
        Files.writeString(dir.resolve("program.c"), source);
        output(dir, "gcc", "-std=gnu11", "-Wall", "-Werror", "-o", "program", "program.c");
    }

    private static List<String> output(Path dir, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C"); // strerror's words
        Process process = builder.start();
        try {
            List<String> out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as("%s: %s", command[0], out).isZero();
            return out;
        } finally {
            process.destroyForcibly();
        }
    }
}

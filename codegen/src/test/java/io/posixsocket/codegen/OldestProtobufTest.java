package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The oldest protobuf that is supported: its protoc, its messages, its runtime. It knows no editions. */
class OldestProtobufTest {
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    @TempDir
    private Path scratch;

    @Test
    void everyMethodIsCalledOverSocket() throws Exception {
        Project project = GoldenCase.together(scratch, false);
        project.protoc().oldest();
        String classPath = oldestClassPath();

        Path classes = project.compile(classPath);
        List<String> command = new ArrayList<>(List.of(JAVA.toString(), "-cp", classPath, EveryMethod.class.getName()));
        command.addAll(List.of(classes.toString(), scratch.resolve("s").toString()));
        command.addAll(project.interfaces());
        Path output = scratch.resolve("output");
        Path errors = scratch.resolve("errors");
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        assertThat(Files.readString(output).strip()).isEqualTo(Integer.toString(project.rpcs()));
    }

    /** Returns our class path, with one jar exchanged for another. */
    private static String oldestClassPath() {
        String oldest = System.getProperty("posixsocket.protobuf.oldest");
        assertThat(Path.of(oldest)).exists();
        List<String> others = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> !path.contains("protobuf-java"))
                .toList();
        return others.stream().collect(Collectors.joining(File.pathSeparator)) + File.pathSeparator + oldest;
    }
}

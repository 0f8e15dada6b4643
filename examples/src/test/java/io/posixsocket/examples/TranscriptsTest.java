package io.posixsocket.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs the transcripts of this module's README, but for those that need containerd: those are interop's. */
class TranscriptsTest {
    private static final Path BASE = Path.of(System.getProperty("posixsocket.basedir"));

    @TempDir
    private Path directory;

    @TestFactory
    List<DynamicTest> everyTranscriptIsTrue() throws IOException {
        Matcher section = Pattern.compile("^## (\\w+)$.*?^```console\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(BASE.resolve("examples/README.md")));
        List<DynamicTest> tests = new ArrayList<>();
        while (section.find()) {
            String name = section.group(1);
            List<String> lines = section.group(2).lines().toList();
            if (!name.equals("shim")) tests.add(DynamicTest.dynamicTest(name, () -> run(lines)));
        }
        assertThat(tests).hasSize(4);
        return tests;
    }

    /** A line that ends with an ampersand starts a server, at the address that is its last word. */
    private void run(List<String> transcript) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "output", "");
        Path errors = Files.createTempFile(directory, "errors", "");
        List<String> expected = new ArrayList<>();
        Process server = null;
        try {
            for (String line : transcript) {
                String command = line.replaceFirst("^\\$ ", "").replace("/tmp", directory.toString());
                if (!line.startsWith("$ ")) {
                    expected.add(line);
                } else if (command.equals("wait")) {
                    assertThat(server.waitFor()).isZero();
                } else if (command.endsWith(" &")) {
                    server = start(command.substring(0, command.length() - 2), output, errors);
                    awaitListener(command.replaceAll(".*[ :](\\S+) &", "$1"), server);
                } else {
                    assertThat(start(command, output, errors).waitFor())
                            .as("%s: %s", command, Files.readString(errors))
                            .isZero();
                }
            }
        } finally {
            if (server != null) server.destroyForcibly().waitFor();
        }
        assertThat(stable(Files.readAllLines(output))).isEqualTo(stable(expected));
    }

    private static Process start(String command, Path output, Path errors) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec " + command)
                .directory(BASE.toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    /** Until the kernel's list of Unix sockets has the path with the flag that it listens; the test's time limit ends this. */
    private static void awaitListener(String path, Process server) throws IOException {
        Pattern listener = Pattern.compile(" 00010000 .* " + Pattern.quote(path) + "$", Pattern.MULTILINE);
        while (!listener.matcher(Files.readString(Path.of("/proc/net/unix"), StandardCharsets.ISO_8859_1))
                .find()) {
            assertThat(server.isAlive()).as("the server runs").isTrue();
            Thread.onSpinWait();
        }
    }

    private static List<String> stable(List<String> lines) {
        return lines.stream()
                .map(line -> line.replaceAll("\\[[\\d, ]*]", "[N]").replaceAll("\\d[\\d.,]*\\d|\\d", "N"))
                .toList();
    }
}

package io.posixsocket.interop.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A root directory that holds a Java runtime, made by jlink of the JDK that runs the test, the C libraries that it is linked
 * with, and the examples with this package's programs: all that a container needs, and nothing is downloaded.
 */
final class JvmRoot {
    private static final Path BASE = Path.of(System.getProperty("posixsocket.basedir"));
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    private final Path root;

    JvmRoot(Path root) throws IOException, InterruptedException {
        this.root = root;
        run(
                JDK.resolve("bin/jlink").toString(),
                "--add-modules",
                "java.base,java.logging,jdk.unsupported",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                root.resolve("java").toString());
        for (Path library : libraries())
            copy(library, root.resolve(library.toString().substring(1)));
        addClasses();
    }

    Path path() {
        return root;
    }

    /** The arguments that start a program in this root directory, which is at {@code prefix}. */
    static List<String> command(String prefix, Class<?> main, String... args) {
        List<String> command = new ArrayList<>();
        command.add(prefix + "/java/bin/java");
        if (Runtime.version().feature() >= 24)
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-cp", prefix + "/app/classes:" + prefix + "/app/*", main.getName()));
        command.addAll(List.of(args));
        return command;
    }

    /** What ldd names for each binary of the runtime; the loader comes without an arrow. */
    private Set<Path> libraries() throws IOException, InterruptedException {
        Set<Path> libraries = new TreeSet<>();
        try (Stream<Path> files = Files.walk(root.resolve("java"))) {
            for (Path file : files.filter(f -> f.toString().matches(".*(/bin/java|\\.so)"))
                    .toList()) {
                Matcher library = Pattern.compile("(?:=> )?(/\\S+) \\(0x").matcher(run("ldd", file.toString()));
                while (library.find()) libraries.add(Path.of(library.group(1)));
            }
        }
        libraries.removeIf(library -> library.startsWith(root));
        assertThat(libraries).anyMatch(library -> library.endsWith("libc.so.6"));
        return libraries;
    }

    private void addClasses() throws IOException {
        Path app = root.resolve("app");
        List<Path> path = new ArrayList<>();
        for (String entry :
                Files.readString(BASE.resolve("examples/target/classpath")).split(File.pathSeparator, -1))
            path.add(Path.of(entry));
        path.add(BASE.resolve("examples/target/classes"));
        path.add(BASE.resolve("interop/target/test-classes"));
        for (Path entry : path) {
            if (Files.isDirectory(entry)) copyTree(entry, app.resolve("classes"));
            else copy(entry, app.resolve(entry.getFileName()));
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file));
                if (!Files.exists(target)) copy(file, target); // package-info and META-INF are in several
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from.toRealPath(), to);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }
}

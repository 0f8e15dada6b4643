package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A JDK 25, for the contestants that are to run on it whatever runs the others. */
final class Jdk25 {
    static final String ABSENCE = "there is no JDK 25 in /usr/lib/jvm, nor does JDK25_HOME name one";

    private static final Path INSTALLED = Path.of("/usr/lib/jvm");

    private Jdk25() {}

    /** Where it is: what JDK25_HOME says, or else the JDK of this process, or else one that is installed. */
    static Optional<Path> home() {
        String named = System.getenv("JDK25_HOME");
        if (named != null) return Optional.of(Path.of(named)).filter(Jdk25::is25);
        Path own = Path.of(System.getProperty("java.home"));
        if (is25(own)) return Optional.of(own);
        if (!Files.isDirectory(INSTALLED)) return Optional.empty();
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(INSTALLED)) {
            for (Path home : homes) if (is25(home)) return Optional.of(home);
        } catch (IOException e) {
            return Optional.empty(); // who may not read the directory has nothing in it
        }
        return Optional.empty();
    }

    /** By the file that each JDK has for those who ask: to start it would take longer. */
    private static boolean is25(Path home) {
        try {
            return Files.isExecutable(home.resolve("bin/java"))
                    && Files.readString(home.resolve("release")).contains("JAVA_VERSION=\"25");
        } catch (IOException e) {
            return false;
        }
    }
}

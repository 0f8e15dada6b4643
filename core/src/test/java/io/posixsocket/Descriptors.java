package io.posixsocket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The descriptors of this process as Linux lists them. */
final class Descriptors {
    private static final Path LIST = Path.of("/proc/self/fd");
    private static final int O_CLOEXEC = 02000000;

    private Descriptors() {}

    /** Number and target of the sockets. */
    static Map<Integer, String> sockets() {
        Map<Integer, String> found = tests();
        found.values().removeIf(target -> !target.startsWith("socket:"));
        return found;
    }

    /** Number and target of what the tests open: not what the JVM does, which loads classes and libraries when it likes. */
    static Map<Integer, String> tests() {
        Map<Integer, String> found = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(LIST)) {
            for (Path entry : entries) {
                int fd = Integer.parseInt(entry.getFileName().toString());
                String target = target(fd);
                if (isOfTests(target)) found.put(fd, target);
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOfTests(String target) {
        return Stream.of("socket:", "pipe:", "anon_inode:", "/memfd:").anyMatch(target::startsWith)
                || (target.startsWith(System.getProperty("java.io.tmpdir")) && !target.contains(".so"));
    }

    /** What a number stands for, such as {@code socket:[4711]}, unique as long as it is open; empty when not open. */
    static String target(int fd) {
        try {
            return Files.readSymbolicLink(LIST.resolve("" + fd)).toString();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isOpen(int fd) {
        return !target(fd).isEmpty();
    }

    static boolean isCloseOnExec(int fd) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
                if (line.startsWith("flags:"))
                    return (Integer.parseInt(line.substring("flags:".length()).strip(), 8) & O_CLOEXEC) != 0;
            }
            throw new AssertionError("no flags in fdinfo of " + fd);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

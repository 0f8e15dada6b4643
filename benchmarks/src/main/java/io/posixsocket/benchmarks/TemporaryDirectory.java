package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory of files that goes when closed, or at an orderly exit. */
final class TemporaryDirectory implements AutoCloseable {
    private final Path path;
    private final Thread deleteAtExit = new Thread(this::deleteQuietly);

    TemporaryDirectory() throws IOException {
        path = Files.createTempDirectory("posixsocket-");
        Runtime.getRuntime().addShutdownHook(deleteAtExit);
    }

    /** Where it is. */
    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        delete();
        Hooks.remove(deleteAtExit);
    }

    private void delete() throws IOException {
        if (!Files.exists(path)) return;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) Files.deleteIfExists(file);
        }
        Files.deleteIfExists(path);
    }

    private void deleteQuietly() {
        try {
            delete();
        } catch (IOException e) {
            System.err.println(path + " is left behind: " + e);
        }
    }
}

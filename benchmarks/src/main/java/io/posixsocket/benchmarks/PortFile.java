package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells clients the TCP port that the system chose for their server: by a file where others have their socket. */
final class PortFile {
    private PortFile() {}

    /** Before the server says that it is ready. */
    static void write(Path path, int port) throws IOException {
        Files.writeString(path, "" + port);
    }

    static int read(Path path) throws IOException {
        return Integer.parseInt(Files.readString(path));
    }
}

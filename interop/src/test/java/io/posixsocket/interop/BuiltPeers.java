package io.posixsocket.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The foreign programs, which interop/peers has built. */
public final class BuiltPeers {
    /** The root of the project. */
    public static final Path BASE = Path.of(System.getProperty("posixsocket.basedir"));

    private BuiltPeers() {}

    /** The directory that they are in; where they are not built as they are now, the test is skipped and says why. */
    public static Path directory() throws IOException, InterruptedException {
        Process find = new ProcessBuilder("bash", BASE.resolve("interop/peers").toString(), "--find")
                .redirectErrorStream(true)
                .start();
        String said = new String(find.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        Assumptions.assumeTrue(find.waitFor() == 0, said);
        return Path.of(said);
    }
}

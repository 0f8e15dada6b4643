package io.posixsocket.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs jcstress on everything in this module, in JVMs of its own. Its report is {@code target/jcstress/report/index.html}. */
class StressTest {
    private static final Path DIRECTORY = Path.of(System.getProperty("jcstress.directory"));
    private static final long TIMEOUT_SECONDS = Long.getLong("jcstress.timeoutSeconds");

    @Test
    @Timeout(value = 1, unit = TimeUnit.DAYS) // The process below has the real one.
    void everyOutcomeIsAllowed() throws IOException, InterruptedException {
        Path log = Files.createDirectories(DIRECTORY).resolve("jcstress.log");
        int status = run(log);
        String output = Files.readString(log);
        // Of the tests, it names those that fail.
        String results = output.substring(Math.max(0, output.indexOf("Test configuration:")));
        assertThat(status).as(results).isZero();
        assertThat(results).containsPattern("[1-9][0-9]* passed");
        // Tests with more actors than the machine has cores.
        assertThat(output).doesNotContain("these tests would not run");
    }

    private static int run(Path log) throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                System.getProperty("jcstress.tests"),
                "-m",
                System.getProperty("jcstress.mode"),
                // One fork, no compilation per actor, no pinning: each would multiply the runs by two to four.
                "-f",
                "1",
                "-sc",
                "false",
                "-af",
                "NONE",
                "-iters",
                System.getProperty("jcstress.iterations"),
                "-time",
                "100",
                "-r",
                DIRECTORY.resolve("report").toString());
        Process jcstress = new ProcessBuilder(command)
                .directory(DIRECTORY.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread killer = new Thread(() -> kill(jcstress), "jcstress-killer");
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            // jcstress waits for a test that hangs for as long as it takes.
            if (!jcstress.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(
                        "jcstress still runs after " + TIMEOUT_SECONDS + " s, a test may hang: see " + log);
            }
            return jcstress.exitValue();
        } finally {
            kill(jcstress);
            Runtime.getRuntime().removeShutdownHook(killer);
        }
    }

    /** Ends jcstress and the JVMs that it has started, which would outlive it. */
    private static void kill(Process jcstress) {
        List<ProcessHandle> forks = jcstress.descendants().toList();
        jcstress.destroyForcibly();
        forks.forEach(ProcessHandle::destroyForcibly);
    }
}

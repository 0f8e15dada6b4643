package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Few calls, and no assertion on time: only that contestants run and answer with the right bytes. */
class CompareTest {
    private static final Path BASE = Path.of(System.getProperty("posixsocket.basedir"));

    @TempDir
    Path directory;

    @Test
    void contestantsEchoAndHaveTheirRows() throws Exception {
        Path csv = directory.resolve("rounds.csv");
        ByteArrayOutputStream report = new ByteArrayOutputStream();

        int status = Compare.run(
                Options.parse(
                        List.of(
                                "--report=" + directory,
                                "--contestants=" + String.join(",", Contestants.USUAL) + ",jnr-unixsocket",
                                "--restarts=1",
                                "--rounds=2",
                                "--calls=200",
                                "--warm-up=2000",
                                "callers=2"),
                        BASE),
                new PrintStream(report, true, StandardCharsets.UTF_8));

        String text = report.toString(StandardCharsets.UTF_8);
        assertThat(text).doesNotContain("FAILED");
        assertThat(status).isZero();
        boolean hasC = Machine.find("gcc").isPresent();
        for (String c : List.of("c-blocking", "c-spinning")) {
            if (hasC) assertMeasured(c, text, csv);
            else assertThat(text).contains("| " + c + " | absent: gcc is not on the PATH |");
        }
        for (String java : List.of("core-blocking", "jdk-blocking", "jnr-unixsocket", "rpc-spin", "rpc-nospin"))
            assertMeasured(java, text, csv);
        assertThat(directory.resolve("report.md")).hasContent(text);
        assertThat(directory.resolve("callers-2.svg"))
                .content()
                .contains(">rpc-spin</text>")
                .endsWith("</svg>\n");
        assertThat(directory.resolve("latencies.hlog")).content().contains("Tag=callers=2/rpc-spin,");
    }

    /** A client verifies every reply and fails on the first wrong one, so figures mean right bytes. */
    private static void assertMeasured(String contestant, String report, Path csv) throws Exception {
        assertThat(report).containsPattern("\\| " + contestant + " \\| \\d+\\.\\d \\(");
        assertThat(Files.readAllLines(csv))
                .filteredOn(line -> line.matches("callers=2," + contestant + ",1,[12],200,.*"))
                .hasSize(2);
    }

    @Test
    void contestantThatEndsFailsAndTheOthersGoOn() throws Exception {
        Contestant broken = new Contestant(
                "broken",
                "says why and ends",
                (path, setting) -> List.of("sh", "-c", "echo out of luck >&2; exit 3"),
                (path, setting) -> List.of("true"),
                Optional.empty(),
                Optional.empty());
        Contestant absent = new Contestant(
                        "absent",
                        "",
                        (path, setting) -> List.of(),
                        (path, setting) -> List.of(),
                        Optional.empty(),
                        Optional.empty())
                .absentFor(Optional.of("not here"));
        Contestant sound = Contestant.java("jdk-blocking", "", ChannelServer.class, ChannelClient.class);
        Options options = Options.parse(List.of("--restarts=1", "--rounds=1", "--calls=10", "--warm-up=10"), BASE);

        List<Result> results = new Race(options, options.settings().get(0), List.of(broken, absent, sound)).run();

        assertThat(results.get(0).failure()).hasValue("broken's server ended with status 3: out of luck");
        assertThat(results.get(1).absence()).hasValue("not here");
        assertThat(results.get(2).slices()).hasSize(1);
        assertThat(results.get(2).slices().get(0).calls()).isEqualTo(10);
    }

    @Test
    void studiesHaveTheirRows() throws Exception {
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        List<String> args = new ArrayList<>(List.of("--report=" + directory, "--calls=3"));
        // without the one that waits for a minute
        for (Study study : Study.all()) if (!(study instanceof IdleStudy)) args.add(study.name());

        int status = Compare.run(Options.parse(args, BASE), new PrintStream(report, true, StandardCharsets.UTF_8));

        assertThat(status).isZero();
        assertThat(report.toString(StandardCharsets.UTF_8))
                .containsPattern("## deadlines: .*\\n\\n.*\\n.*\\n\\| 3 \\| .* \\| 0 early \\|")
                .containsPattern("## kills: .*\\n\\n.*\\n.*\\n\\| 3 \\| .* MiB resident \\|")
                .containsPattern("\\| both send, an echo for each \\| [0-9,]+ ")
                .containsPattern("\\| rpc: .* \\| \\d+ ")
                .containsPattern("\\| rpc, classes archived \\| \\d+ ")
                .doesNotContain("## idle");
    }
}

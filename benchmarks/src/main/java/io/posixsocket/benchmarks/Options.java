package io.posixsocket.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of {@link Compare}.
 *
 * @param settings under which the contestants are compared
 * @param studies of our own calls; there is one or a setting at least
 * @param contestants names; empty: the usual ones
 * @param restarts how often all processes are started anew, for each setting
 * @param rounds measured rounds per start
 * @param calls measured calls per round, of all callers together, or of a study; 0: as the setting or the study says
 * @param warmUp calls of each pair after its start, of all callers together, which are not measured
 * @param base the project's directory
 * @param report the directory that gets the report, each round's figures, all latencies, and pictures
 */
record Options(
        List<Setting> settings,
        List<Study> studies,
        List<String> contestants,
        int restarts,
        int rounds,
        int calls,
        int warmUp,
        Path base,
        Path report) {

    private static final int NAMES_IN_LINE = 7;

    static final String HELP = """
            usage: benchmarks/run [--no-build] [OPTION...] [SETTING|STUDY...]

            Measures calls between two processes of this machine, contestants in turn.
            Prints a table (Markdown) per setting, and writes it to report.md, the figures of each round to rounds.csv, all
            latencies to latencies.hlog (HdrHistogram), and pictures (SVG), all in one directory.

            settings (default: idle)
              idle             unpinned, nothing else runs
              pinned           both processes on one core, and the JVMs know
              pinned-unaware   both processes on one core, the JVMs told that there are two
              apart            each process on a core of its own
              busy             a busy loop beside them on each core
              paced            one call per millisecond
              connect          each call connects, and closes its connection
              callers=N        N calling threads, each on a connection of its own
              size=N           bodies of N bytes each way instead of 64; size=max: 4 MiB less the envelope
              all              each of these but size, with callers=4 x cores, at least 8

            studies of our own calls
              deadlines        how much later than its deadline a call ends that nobody answers
              kills            how soon a caller fails whose server is killed
              streams          how many small messages a second go through one stream
              idle-connections what an idle connection costs a server; needs 10,100 descriptors (ulimit -n)
              start            from the start of a JVM to its first reply

            options
              --contestants=A,B   only these; all: each that there is (default: the first line)
            @contestants@
              --restarts=N        start all processes anew so often (default 2)
              --rounds=N          measured rounds per start (default 5)
              --calls=N           measured calls per round, of all callers together (default: 50,000; pinned and busy
                                  20,000; paced 1,000; connect 2,000; callers=N 100,000;
                                  size=N 500 to 50,000; deadlines 1,000; kills 200;
                                  streams 1,000,000; idle-connections 10,000; start 20)
              --warm-up=N         calls of each pair before its first round (default 60,000)
              --report=DIRECTORY  gets all that is written (default benchmarks/target/report)
              --no-build          take what was built last
              --help              this

            The exit status is 0 if all contestants that this machine can run were measured, 1 if one failed,
            2 if the command was wrong. A contestant that this machine cannot run is reported as absent.
            """.replace("@contestants@\n", contestantLines());

    private static String contestantLines() {
        List<String> others = new ArrayList<>(Contestants.names());
        others.removeAll(Contestants.USUAL);
        StringBuilder lines = new StringBuilder(line(Contestants.USUAL));
        for (int i = 0; i < others.size(); i += NAMES_IN_LINE)
            lines.append(line(others.subList(i, Math.min(i + NAMES_IN_LINE, others.size()))));
        return lines.toString();
    }

    private static String line(List<String> names) {
        return " ".repeat(22) + String.join(" ", names) + "\n";
    }

    /** Reads the command line. {@code base} is the project's directory. */
    static Options parse(List<String> args, Path base) {
        List<String> settings = new ArrayList<>();
        List<Study> studies = new ArrayList<>();
        List<String> contestants = List.of();
        int restarts = 2;
        int rounds = 5;
        int calls = 0;
        int warmUp = 60_000;
        Path report = base.resolve("benchmarks/target/report");
        for (String arg : args) {
            if (!arg.startsWith("--")) {
                Study.named(arg).ifPresentOrElse(studies::add, () -> settings.add(arg));
                continue;
            }
            int equals = arg.indexOf('=');
            String name = equals < 0 ? arg : arg.substring(0, equals);
            String value = equals < 0 ? "" : arg.substring(equals + 1);
            switch (name) {
                case "--contestants" -> contestants = List.of(value.split(","));
                case "--restarts" -> restarts = positive(arg, value);
                case "--rounds" -> rounds = positive(arg, value);
                case "--calls" -> calls = positive(arg, value);
                case "--warm-up" -> warmUp = positive(arg, value);
                case "--report" -> report = Path.of(value);
                default -> throw new IllegalArgumentException("there is no option '" + arg + "'");
            }
        }
        if (settings.isEmpty() && studies.isEmpty()) settings.add("idle");
        return new Options(
                Setting.parse(settings), studies, contestants, restarts, rounds, calls, warmUp, base, report);
    }

    static int positive(String arg, String value) {
        if (!value.matches("[1-9]\\d{0,8}"))
            throw new IllegalArgumentException("'" + arg + "' needs a number from 1 to 999999999");
        return Integer.parseInt(value);
    }

    /** Measured calls of each caller in one round. */
    int callsPerCaller(Setting setting) {
        return perCaller(calls > 0 ? calls : setting.calls(), setting);
    }

    /** How many samples a study takes. */
    int samples(Study study) {
        return calls > 0 ? calls : study.samples();
    }

    /** Calls of each caller that warm a pair up. */
    int warmUpPerCaller(Setting setting) {
        return perCaller(setting.warmUp(warmUp), setting);
    }

    /** Calls of each caller before the measured ones of a round: they bring the caches and the spin back. */
    int leadPerCaller(Setting setting) {
        return Math.max(1, callsPerCaller(setting) / 20);
    }

    private static int perCaller(int total, Setting setting) {
        return Math.max(1, total / setting.callers());
    }
}

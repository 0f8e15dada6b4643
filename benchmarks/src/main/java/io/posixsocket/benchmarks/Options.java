package io.posixsocket.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of {@link Compare}.
 *
 * @param preset what they are the options of; each of its parts is NONE
 * @param settings under which the contestants are compared
 * @param studies of our own calls; there is one or a setting at least
 * @param contestants names; empty: the usual ones
 * @param restarts how often all processes are started anew, for each setting; 0: nobody has said
 * @param rounds measured rounds per start; 0: nobody has said
 * @param calls measured calls per round, of all callers together, or of a study; 0: as the setting or the study says
 * @param seconds that a round takes at most, and a fifteenth of what a warm-up takes; 0: nobody has said
 * @param warmUp calls of each pair after its start, of all callers together, which are not measured
 * @param base the project's directory
 * @param report the directory that gets the report, each round's figures, all latencies, and pictures
 * @param docs whether the report and the pictures for docs/PERFORMANCE.md go there too
 */
record Options(
        Preset preset,
        List<Setting> settings,
        List<Study> studies,
        List<String> contestants,
        int restarts,
        int rounds,
        int calls,
        double seconds,
        int warmUp,
        Path base,
        Path report,
        boolean docs) {

    private static final double WARM_UP_ROUNDS = 15;
    private static final Duration NO_LIMIT = Duration.ofDays(1);

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
              crowded          beside the caller's, 1,000 idle connections to the same server
              callers=N        N calling threads, each on a connection of its own
              size=N           bodies of N bytes each way instead of 64; size=max: 4 MiB less the envelope
              all              each of these but size, with callers=4 x cores, at least 8

            studies of our own calls
              deadlines        how much later than its deadline a call ends that nobody answers
              kills            how soon a caller fails whose server is killed
              streams          how many small messages a second go through one stream
              garbage          which objects a call makes on the heap, on either side
              idle-connections what an idle connection costs a server; needs 10,100 descriptors (ulimit -n)
              start            from the start of a JVM to its first reply

            all at once
              --full              all settings and studies, idle with all contestants: half an hour or more
              --smoke             ours and C, few calls: a minute; fails only if one of ours does

            options
              --contestants=A,B   only these; all: each that there is (default: the first line)
            @contestants@
              --restarts=N        start all processes anew so often (default 2)
              --rounds=N          measured rounds per start (default 5)
              --calls=N           measured calls per round, of all callers together (default: 50,000; pinned and busy
                                  20,000; paced 1,000; connect 2,000; callers=N 100,000;
                                  size=N 500 to 50,000; deadlines 1,000; kills 200;
                                  streams 1,000,000; idle-connections 10,000; start 20)
              --seconds=S         no more calls in a round than take so long, and none in the warm-up after
                                  fifteen times that (default: no limit)
              --warm-up=N         calls of each pair before its first round (default 300,000)
              --report=DIRECTORY  gets all that is written (default benchmarks/target/report)
              --docs              with --full: puts report, goals and pictures into docs/PERFORMANCE.md
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
        Preset preset = Preset.NONE;
        int restarts = 0;
        int rounds = 0;
        int calls = 0;
        double seconds = 0;
        boolean docs = false;
        int warmUp = 300_000;
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
                case "--full" -> preset = Preset.FULL;
                case "--smoke" -> preset = Preset.SMOKE;
                case "--seconds" -> seconds = seconds(arg, value);
                case "--docs" -> docs = true;
                case "--warm-up" -> warmUp = positive(arg, value);
                case "--report" -> report = Path.of(value);
                default -> throw new IllegalArgumentException("there is no option '" + arg + "'");
            }
        }
        if (preset != Preset.NONE && !(settings.isEmpty() && studies.isEmpty()))
            throw new IllegalArgumentException("--full and --smoke have their own settings and studies");
        if (docs && preset != Preset.FULL) throw new IllegalArgumentException("'--docs' goes with --full alone");
        if (settings.isEmpty() && studies.isEmpty()) settings.add("idle");
        Options told = new Options(
                preset,
                Setting.parse(settings),
                studies,
                contestants,
                restarts,
                rounds,
                calls,
                seconds,
                warmUp,
                base,
                report,
                docs);
        return preset == Preset.NONE ? told.orElse(2, 5, 0) : told;
    }

    /** The runs that these options ask for. */
    List<Options> parts() {
        return preset.parts(this);
    }

    /** With these, as far as nobody has said anything else. */
    Options orElse(int restarts, int rounds, double seconds) {
        return new Options(
                preset,
                settings,
                studies,
                contestants,
                this.restarts > 0 ? this.restarts : restarts,
                this.rounds > 0 ? this.rounds : rounds,
                calls,
                this.seconds > 0 ? this.seconds : seconds,
                warmUp,
                base,
                report,
                docs);
    }

    /** With so many calls. */
    Options withCalls(int calls, int warmUp) {
        return new Options(
                preset, settings, studies, contestants, restarts, rounds, calls, seconds, warmUp, base, report, docs);
    }

    /** The settings of a preset for these contestants, or those of them that were named. */
    Options part(List<String> names, String... settings) {
        List<String> wanted = new ArrayList<>(Contestants.chosen(names));
        if (!contestants.isEmpty()) wanted.retainAll(Contestants.chosen(contestants));
        // none left: an empty list would mean the usual ones
        List<String> all = wanted.isEmpty() ? List.of() : List.of(settings);
        return part(Setting.parse(all), List.of(), wanted, calls);
    }

    /** A study of a preset. */
    Options study(String name, int samples) {
        return part(List.of(), List.of(Study.named(name).orElseThrow()), List.of(), samples);
    }

    private Options part(List<Setting> settings, List<Study> studies, List<String> contestants, int calls) {
        return new Options(
                Preset.NONE,
                settings,
                studies,
                contestants,
                restarts,
                rounds,
                calls,
                seconds,
                warmUp,
                base,
                report,
                docs);
    }

    private static double seconds(String arg, String value) {
        if (!value.matches("\\d{1,3}(\\.\\d+)?") || Double.parseDouble(value) <= 0)
            throw new IllegalArgumentException("'" + arg + "' needs a number of seconds above 0, as in 0.5");
        return Double.parseDouble(value);
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

    /** Calls of a caller before so many measured ones of a round: they bring the caches and the spin back. */
    static int lead(int calls) {
        return Math.max(1, calls / 20);
    }

    /** How long a round may take. */
    Duration roundLimit() {
        return seconds == 0 ? NO_LIMIT : Duration.ofNanos((long) (seconds * 1e9));
    }

    /** How long a warm-up may take. */
    Duration warmUpLimit() {
        return seconds == 0 ? NO_LIMIT : Duration.ofNanos((long) (WARM_UP_ROUNDS * seconds * 1e9));
    }

    private static int perCaller(int total, Setting setting) {
        return Math.max(1, total / setting.callers());
    }
}

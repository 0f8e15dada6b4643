package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Measures all contestants and prints how they compare. {@link Options#HELP} says how to call it. */
public final class Compare {
    private Compare() {}

    /** Exits with 0, with 1 if a contestant failed, with 2 if the arguments are wrong. */
    public static void main(String[] args) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (List.of(args).contains("--help")) {
            out.print(Options.HELP);
            return;
        }
        int status;
        try {
            status = run(Options.parse(List.of(args), Path.of(System.getProperty("posixsocket.basedir", "."))), out);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "; --help says what there is");
            status = 2;
        }
        System.exit(status);
    }

    static int run(Options options, PrintStream out) throws IOException, InterruptedException {
        List<Options> parts = options.parts();
        NativeProgram pingpong = NativeProgram.compile(options.base());
        List<Contestant> contestants = contestants(parts, pingpong);
        Files.createDirectories(options.report());
        boolean allRan = true;
        try (PrintStream file =
                        new PrintStream(options.report().resolve("report.md").toFile(), StandardCharsets.UTF_8);
                CsvReport csv = new CsvReport(options.report().resolve("rounds.csv"));
                HistogramLog log = new HistogramLog(options.report().resolve("latencies.hlog"))) {
            MarkdownReport report = new MarkdownReport(List.of(out, file));
            Plots plots = new Plots(options.report());
            Goals goals = new Goals();
            report.head(pingpong);
            for (Options part : parts) {
                List<String> names = Contestants.chosen(part.contestants());
                List<Contestant> wanted = contestants.stream()
                        .filter(contestant -> names.contains(contestant.name()))
                        .toList();
                for (Setting setting : part.settings()) {
                    List<Result> results = new Race(part, setting, wanted).run();
                    report.setting(part, setting, results);
                    csv.setting(part, setting, results);
                    log.setting(setting, results);
                    plots.setting(setting, results);
                    goals.setting(setting, results);
                    allRan &= results.stream()
                            .noneMatch(result -> result.failure().isPresent()
                                    && options.preset().minds(result.name()));
                }
                for (Study study : part.studies()) {
                    Study.Finding finding = study.take(part.samples(study));
                    report.study(study, finding);
                    goals.study(study, finding);
                }
            }
            plots.finish();
            if (options.preset() == Preset.FULL) report.goals(goals.table());
            if (options.docs()) Docs.take(options.report(), goals.table(), options.base());
        }
        return allRan ? 0 : 1;
    }

    /** Each that a part wants, made once: some take long. */
    private static List<Contestant> contestants(List<Options> parts, NativeProgram pingpong)
            throws IOException, InterruptedException {
        Set<String> names = new LinkedHashSet<>();
        for (Options part : parts) if (!part.settings().isEmpty()) names.addAll(Contestants.chosen(part.contestants()));
        return names.isEmpty() ? List.of() : Contestants.named(List.copyOf(names), pingpong);
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
        NativeProgram pingpong = NativeProgram.compile(options.base());
        List<Contestant> contestants = Contestants.named(options.contestants(), pingpong);
        Files.createDirectories(options.report());
        boolean allRan = true;
        try (PrintStream file =
                        new PrintStream(options.report().resolve("report.md").toFile(), StandardCharsets.UTF_8);
                CsvReport csv = new CsvReport(options.report().resolve("rounds.csv"));
                HistogramLog log = new HistogramLog(options.report().resolve("latencies.hlog"))) {
            MarkdownReport report = new MarkdownReport(List.of(out, file));
            Plots plots = new Plots(options.report());
            report.head(options, pingpong);
            for (Setting setting : options.settings()) {
                List<Result> results = new Race(options, setting, contestants).run();
                report.setting(options, setting, results);
                csv.setting(options, setting, results);
                log.setting(setting, results);
                plots.setting(setting, results);
                allRan &= results.stream().allMatch(result -> result.failure().isEmpty());
            }
            plots.finish();
            for (Study study : options.studies()) report.study(study, study.take(options.samples(study)));
        }
        return allRan ? 0 : 1;
    }
}

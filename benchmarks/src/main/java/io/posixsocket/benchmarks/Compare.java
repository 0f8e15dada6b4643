package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
        MarkdownReport report = new MarkdownReport(out);
        report.head(options, pingpong);
        boolean allRan = true;
        try (CsvReport csv = new CsvReport(options.csv())) {
            for (Setting setting : options.settings()) {
                List<Result> results = new Race(options, setting, contestants).run();
                report.setting(options, setting, results);
                csv.setting(options, setting, results);
                allRan &= results.stream().allMatch(result -> result.failure().isEmpty());
            }
        }
        for (Study study : options.studies()) report.study(study, study.take(options.samples(study)));
        return allRan ? 0 : 1;
    }
}

package io.posixsocket.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What both processes of a contestant are told on their command lines: {@code PATH CALLERS SIZE kept|fresh [OPTION...]}.
 *
 * @param path where the server listens
 * @param callers how many threads call at once
 * @param size of each body, in bytes
 * @param fresh whether each call is made on a connection of its own, which is opened and closed in its time
 * @param options of the contestant
 */
record Terms(Path path, int callers, int size, boolean fresh, List<String> options) {
    private static final String FRESH = "fresh";
    private static final int FIXED = 4;

    Terms(Path path, Setting setting, List<String> options) {
        this(path, setting.callers(), setting.size(), setting.fresh(), options);
    }

    /** Reads the arguments of a process. */
    static Terms of(String... args) {
        return new Terms(
                Path.of(args[0]),
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                args[3].equals(FRESH),
                List.of(args).subList(FIXED, args.length));
    }

    /** The arguments of a process. */
    List<String> words() {
        List<String> words = new ArrayList<>(List.of(path.toString(), "" + callers, "" + size, fresh ? FRESH : "kept"));
        words.addAll(options);
        return words;
    }

    /** Whether the contestant has this option. */
    boolean has(String option) {
        return options.contains(option);
    }
}

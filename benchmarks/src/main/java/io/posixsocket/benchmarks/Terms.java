package io.posixsocket.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What both processes of a contestant are told on their command lines: {@code PATH CALLERS SIZE kept|fresh|crowded [OPTION...]}.
 *
 * @param path where the server listens
 * @param callers how many threads call at once
 * @param size of each body, in bytes
 * @param connections how long they live, and how many there are
 * @param options of the contestant
 */
record Terms(Path path, int callers, int size, Setting.Connections connections, List<String> options) {
    private static final int FIXED = 4;

    Terms(Path path, Setting setting, List<String> options) {
        this(path, setting.callers(), setting.size(), setting.connections(), options);
    }

    /** Reads the arguments of a process. */
    static Terms of(String... args) {
        return new Terms(
                Path.of(args[0]),
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                Setting.Connections.valueOf(args[3].toUpperCase(Locale.ROOT)),
                List.of(args).subList(FIXED, args.length));
    }

    /** The arguments of a process. */
    List<String> words() {
        List<String> words = new ArrayList<>(List.of(
                path.toString(), "" + callers, "" + size, connections.name().toLowerCase(Locale.ROOT)));
        words.addAll(options);
        return words;
    }

    /** Whether each call is made on a connection of its own, which is opened and closed in its time. */
    boolean fresh() {
        return connections == Setting.Connections.FRESH;
    }

    /** How many idle connections there are beside those of the callers. */
    int idle() {
        return connections == Setting.Connections.CROWDED ? Setting.CROWD : 0;
    }

    /** Whether the contestant has this option. */
    boolean has(String option) {
        return options.contains(option);
    }
}

package io.posixsocket.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A pair of programs to be measured.
 *
 * @param name short, for tables
 * @param about for the report
 * @param server the server's command
 * @param client the client's command
 * @param absence why this machine cannot run it
 */
record Contestant(String name, String about, Command server, Command client, Optional<String> absence) {
    /** The command of one process. */
    @FunctionalInterface
    interface Command {
        /** The words, for a socket at {@code path}. */
        List<String> words(Path path, Setting setting);
    }

    /** A pair of main classes of this module; {@code options} follow the path (and the number of callers). */
    static Contestant java(String name, String about, Class<?> server, Class<?> client, String... options) {
        return new Contestant(
                name,
                about,
                (path, setting) -> javaCommand(setting, server, List.of(path.toString()), options),
                (path, setting) ->
                        javaCommand(setting, client, List.of(path.toString(), "" + setting.callers()), options),
                Optional.empty());
    }

    /** The C program, which was compiled or is absent. */
    static Contestant c(String name, String about, CProgram program, int spinMicros) {
        String binary = program.binary().toString();
        return new Contestant(
                name,
                about,
                (path, setting) -> List.of(binary, "server", path.toString(), "" + spinMicros),
                (path, setting) -> List.of(binary, "client", path.toString(), "" + setting.callers(), "" + spinMicros),
                program.absence());
    }

    private static List<String> javaCommand(Setting setting, Class<?> main, List<String> args, String... options) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(setting.javaOptions());
        if (Runtime.version().feature() >= 24) words.add("--enable-native-access=ALL-UNNAMED");
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.add(main.getName());
        words.addAll(args);
        words.addAll(List.of(options));
        return words;
    }
}

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
 * @param loneliness why it cannot have a crowd of idle connections
 */
record Contestant(
        String name,
        String about,
        Command server,
        Command client,
        Optional<String> absence,
        Optional<String> loneliness) {
    /**
     * A page of the heap costs much when it is used for the first time, up to 90 µs on a virtual machine, and never again. The
     * young generation is larger than what is allocated in all rounds, so each page would be new to each of them. And a heap that
     * grew in the middle, all at once, would stop its JVM for seconds. The regions are as large as those of an
     * unbounded heap on a machine of 24 GiB: in smaller ones a message of 1 MiB would be a humongous object.
     */
    private static final List<String> HEAP =
            List.of("-XX:+AlwaysPreTouch", "-Xms384m", "-Xmx384m", "-XX:G1HeapRegionSize=4m");

    /** The command of one process. */
    @FunctionalInterface
    interface Command {
        /** The words, for a socket at {@code path}. */
        List<String> words(Path path, Setting setting);
    }

    /** A pair of main classes of this module. Their arguments are {@link Terms}. */
    static Contestant java(String name, String about, Class<?> server, Class<?> client, String... options) {
        return java(java(), name, about, server, client, options);
    }

    /** The same on JDK 25, if there is one. */
    static Contestant java25(String name, String about, Class<?> server, Class<?> client, String... options) {
        Optional<List<String>> java = java25();
        return java(java.orElse(List.of()), name, about, server, client, options)
                .absentFor(java.isPresent() ? Optional.empty() : Optional.of(Jdk25.ABSENCE));
    }

    private static Contestant java(
            List<String> java, String name, String about, Class<?> server, Class<?> client, String... options) {
        return new Contestant(
                name,
                about,
                (path, setting) -> javaCommand(java, setting, server, new Terms(path, setting, List.of(options))),
                (path, setting) -> javaCommand(java, setting, client, new Terms(path, setting, List.of(options))),
                Optional.empty(),
                Optional.empty());
    }

    /** A program that is both, by its first argument, and was built or is absent. */
    static Contestant program(String name, String about, NativeProgram program, String... options) {
        return new Contestant(
                name,
                about,
                (path, setting) -> program.words("server", new Terms(path, setting, List.of(options))),
                (path, setting) -> program.words("client", new Terms(path, setting, List.of(options))),
                program.absence(),
                Optional.empty());
    }

    /** The same, which this machine cannot run if there is a reason. */
    Contestant absentFor(Optional<String> reason) {
        return new Contestant(name, about, server, client, reason, loneliness);
    }

    /** The same, which cannot have a crowd of idle connections. */
    Contestant lonelyFor(String reason) {
        return new Contestant(name, about, server, client, absence, Optional.of(reason));
    }

    /** Why it does not run in this setting, on this machine. */
    Optional<String> absence(Setting setting) {
        if (setting.absence().isPresent()) return setting.absence();
        if (absence.isPresent() || setting.connections() != Setting.Connections.CROWDED) return absence;
        return loneliness;
    }

    private static List<String> javaCommand(List<String> java, Setting setting, Class<?> main, Terms terms) {
        List<String> words = new ArrayList<>(java);
        words.addAll(HEAP);
        words.addAll(setting.javaOptions());
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.add(main.getName());
        words.addAll(terms.words());
        return words;
    }

    /** The command of a JVM like this one, as far as it is the same for all. */
    static List<String> java() {
        return java(Path.of(System.getProperty("java.home")), Runtime.version().feature());
    }

    /** The command of a JVM of JDK 25, if there is one. */
    static Optional<List<String>> java25() {
        return Jdk25.home().map(home -> java(home, 25));
    }

    private static List<String> java(Path home, int feature) {
        String java = home.resolve("bin/java").toString();
        return feature >= 24 ? List.of(java, "--enable-native-access=ALL-UNNAMED") : List.of(java);
    }
}

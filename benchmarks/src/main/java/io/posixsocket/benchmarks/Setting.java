package io.posixsocket.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Under which circumstances the contestants run.
 *
 * @param name as on the command line
 * @param about for the report
 * @param placement which cores the processes may use
 * @param busy whether a busy loop competes on each core
 * @param callers how many threads call at once
 * @param intervalNanos from call to call; 0: no pause
 * @param size of each body, in bytes
 * @param connections how long they live, and how many there are
 * @param calls measured calls per round, of all callers together
 */
record Setting(
        String name,
        String about,
        Placement placement,
        boolean busy,
        int callers,
        long intervalNanos,
        int size,
        Connections connections,
        int calls) {

    /** What can be called after a warm-up of any length: the others' calls take too long. */
    private static final int SMALL = 4096;
    /** Calls with large bodies after which a JVM has compiled what they need. */
    private static final int WARM_UP_LARGE = 4_000;

    private static final int DEFAULT_SIZE = 64;
    /** A message of 4 MiB is the largest that ttRPC allows, its envelope included. */
    private static final int MAX_SIZE = 4 * 1024 * 1024 - 256;

    private static Setting of(String name, String about, Placement placement, int calls) {
        return new Setting(name, about, placement, false, 1, 0, DEFAULT_SIZE, Connections.KEPT, calls);
    }

    /** The connections of the callers. */
    enum Connections {
        /** One for each. */
        KEPT,
        /** One for each call, opened and closed in its time. */
        FRESH,
        /** One for each, and {@link #CROWD} idle ones of the same client to the same server. */
        CROWDED
    }

    /** How many idle connections make a crowd. The C program knows it too. */
    static final int CROWD = 1000;

    /** Where the server and the client run. */
    enum Placement {
        /** Wherever the scheduler puts them. */
        FREE,
        /** Both on one core, which is all that they see. */
        PINNED,
        /** Both on one core, while the JVMs take the machine to have two. */
        PINNED_UNAWARE,
        /** One core each, while the JVMs take the machine to have two. */
        APART
    }

    private static final String CALLERS = "callers=";
    private static final String SIZE = "size=";

    private static final List<Setting> FIXED = List.of(
            of("idle", "unpinned, nothing else runs", Placement.FREE, 50_000),
            of("pinned", "both processes on one core", Placement.PINNED, 20_000),
            of(
                    "pinned-unaware",
                    "both processes on one core, the JVMs told that there are two",
                    Placement.PINNED_UNAWARE,
                    20_000),
            of("apart", "each process on a core of its own, pinned there", Placement.APART, 50_000),
            new Setting(
                    "busy",
                    "unpinned, a busy loop on each core",
                    Placement.FREE,
                    true,
                    1,
                    0,
                    DEFAULT_SIZE,
                    Connections.KEPT,
                    20_000),
            new Setting(
                    "paced",
                    "unpinned, one call per millisecond",
                    Placement.FREE,
                    false,
                    1,
                    TimeUnit.MILLISECONDS.toNanos(1),
                    DEFAULT_SIZE,
                    Connections.KEPT,
                    1_000),
            new Setting(
                    "connect",
                    "connect, one call, close",
                    Placement.FREE,
                    false,
                    1,
                    0,
                    DEFAULT_SIZE,
                    Connections.FRESH,
                    2_000),
            new Setting(
                    "crowded",
                    "unpinned, 1,000 idle connections between the two processes",
                    Placement.FREE,
                    false,
                    1,
                    0,
                    DEFAULT_SIZE,
                    Connections.CROWDED,
                    50_000));

    /** The settings named, {@code all} standing for each fixed one, and one of more callers than cores. */
    static List<Setting> parse(List<String> names) {
        List<Setting> settings = new ArrayList<>();
        for (String name : names) {
            if (name.equals("all")) {
                settings.addAll(FIXED);
                settings.add(callers(Math.max(8, 4 * Machine.cores().size())));
            } else if (name.startsWith(CALLERS)) {
                settings.add(callers(Options.positive(name, name.substring(CALLERS.length()))));
            } else if (name.startsWith(SIZE)) {
                settings.add(size(name, name.substring(SIZE.length())));
            } else {
                settings.add(FIXED.stream()
                        .filter(setting -> setting.name.equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("no setting is called '" + name
                                + "'; there are idle, pinned, pinned-unaware, apart, busy, paced, connect, crowded,"
                                + " callers=N, size=N, size=max, all")));
            }
        }
        return settings;
    }

    private static Setting callers(int count) {
        return new Setting(
                CALLERS + count,
                count + " callers in one client process, a connection each",
                Placement.FREE,
                false,
                count,
                0,
                DEFAULT_SIZE,
                Connections.KEPT,
                100_000);
    }

    private static Setting size(String arg, String value) {
        int size = value.equals("max") ? MAX_SIZE : Options.positive(arg, value);
        if (size > MAX_SIZE)
            throw new IllegalArgumentException("'" + arg + "' is more than a message may have, " + MAX_SIZE);
        int calls = Math.max(500, Math.min(50_000, 500_000_000 / size));
        return new Setting(
                arg,
                String.format(Locale.ROOT, "bodies of %,d bytes each way", size),
                Placement.FREE,
                false,
                1,
                0,
                size,
                Connections.KEPT,
                calls);
    }

    /** Whether each call connects anew. */
    boolean fresh() {
        return connections == Connections.FRESH;
    }

    /** How many calls may warm it up, of all callers together. */
    int warmUp(int atMost) {
        if (fresh()) return Math.min(atMost, 2 * calls);
        return size > SMALL ? Math.min(atMost, Math.max(2 * calls, WARM_UP_LARGE)) : atMost;
    }

    /** Why this machine cannot have this setting. */
    Optional<String> absence() {
        if (placement == Placement.FREE) return Optional.empty();
        if (Machine.find("taskset").isEmpty()) return Optional.of("taskset (util-linux) is not on the PATH");
        if (placement == Placement.APART && Machine.cores().size() < 2) return Optional.of("there is only one core");
        return Optional.empty();
    }

    /** Precedes the server's command. */
    List<String> serverPrefix() {
        return placement == Placement.FREE ? List.of() : Machine.pin(0);
    }

    /** Precedes the client's command. */
    List<String> clientPrefix() {
        return switch (placement) {
            case FREE -> List.of();
            case APART -> Machine.pin(1);
            case PINNED, PINNED_UNAWARE -> Machine.pin(0);
        };
    }

    /** Options of the JVMs. */
    List<String> javaOptions() {
        return switch (placement) {
            case FREE, PINNED -> List.of();
            case PINNED_UNAWARE, APART -> List.of("-XX:ActiveProcessorCount=2");
        };
    }
}

package io.posixsocket.benchmarks;

import java.util.ArrayList;
import java.util.List;
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
 * @param calls measured calls per round, of all callers together
 */
record Setting(
        String name, String about, Placement placement, boolean busy, int callers, long intervalNanos, int calls) {

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

    private static final List<Setting> FIXED = List.of(
            new Setting("idle", "unpinned, nothing else runs", Placement.FREE, false, 1, 0, 50_000),
            new Setting("pinned", "both processes on one core", Placement.PINNED, false, 1, 0, 20_000),
            new Setting(
                    "pinned-unaware",
                    "both processes on one core, the JVMs told that there are two",
                    Placement.PINNED_UNAWARE,
                    false,
                    1,
                    0,
                    20_000),
            new Setting(
                    "apart", "each process on a core of its own, pinned there", Placement.APART, false, 1, 0, 50_000),
            new Setting("busy", "unpinned, a busy loop on each core", Placement.FREE, true, 1, 0, 20_000),
            new Setting(
                    "paced",
                    "unpinned, one call per millisecond",
                    Placement.FREE,
                    false,
                    1,
                    TimeUnit.MILLISECONDS.toNanos(1),
                    1_000));

    /** The settings named, {@code all} standing for each once. */
    static List<Setting> parse(List<String> names) {
        List<Setting> settings = new ArrayList<>();
        for (String name : names) {
            if (name.equals("all")) {
                settings.addAll(FIXED);
                settings.add(callers(Math.max(8, 4 * Machine.cores().size())));
            } else if (name.startsWith(CALLERS)) {
                settings.add(callers(Options.positive(name, name.substring(CALLERS.length()))));
            } else {
                settings.add(FIXED.stream()
                        .filter(setting -> setting.name.equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("no setting is called '" + name
                                + "'; there are idle, pinned, pinned-unaware, apart, busy, paced, callers=N, all")));
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
                100_000);
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

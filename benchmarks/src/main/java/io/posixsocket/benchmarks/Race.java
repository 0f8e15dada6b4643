package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All contestants in one setting. All pairs are started and warmed up, then measured in turn, round after round, each round
 * beginning with another contestant; what waits for its turn is blocked in the kernel. Then everything is started anew,
 * because what a JVM's compiler and the kernel's scheduler once decided stays decided for the life of a process.
 */
final class Race {
    private final Options options;
    private final Setting setting;
    private final List<Contestant> contestants;

    private final Map<Contestant, List<Slice>> slices = new LinkedHashMap<>();
    private final Map<Contestant, String> failures = new LinkedHashMap<>();
    private final Map<Contestant, Pair> pairs = new LinkedHashMap<>(); // those that run

    /** A step with a running pair. */
    @FunctionalInterface
    private interface Step {
        void take(Pair pair) throws IOException, InterruptedException;
    }

    Race(Options options, Setting setting, List<Contestant> contestants) {
        this.options = options;
        this.setting = setting;
        this.contestants = contestants;
    }

    /** Runs the race. A contestant that fails leaves it; the others go on. */
    List<Result> run() throws IOException, InterruptedException {
        if (setting.absence().isEmpty()) {
            for (int i = 0; i < options.restarts(); i++) runFromStart();
        }
        return contestants.stream().map(this::result).toList();
    }

    private void runFromStart() throws IOException, InterruptedException {
        try (TemporaryDirectory directory = new TemporaryDirectory()) {
            try {
                for (Contestant contestant : contestants) start(contestant, directory.path());
                for (Contestant contestant : running()) warmUp(contestant);
                runRounds();
            } finally {
                for (Pair pair : pairs.values()) pair.close();
                pairs.clear();
            }
        }
    }

    private void start(Contestant contestant, Path directory) throws InterruptedException {
        if (contestant.absence(setting).isPresent() || failures.containsKey(contestant)) return;
        try {
            pairs.put(contestant, Pair.start(contestant, setting, directory));
        } catch (IOException e) {
            failures.put(contestant, e.getMessage());
        }
    }

    private void warmUp(Contestant contestant) throws IOException, InterruptedException {
        attempt(contestant, pair -> pair.warmUp(options.warmUpPerCaller(setting), options.warmUpLimit()));
    }

    private void runRounds() throws IOException, InterruptedException {
        try (BusyNeighbours neighbours = BusyNeighbours.start(setting.busy())) {
            for (int round = 0; round < options.rounds(); round++) runRound(round);
            neighbours.checkAlive();
        }
    }

    private void runRound(int round) throws IOException, InterruptedException {
        List<Contestant> order = running();
        for (int i = 0; i < order.size(); i++) {
            Contestant contestant = order.get((round + i) % order.size());
            attempt(contestant, pair -> {
                int calls = pair.callsWithin(options.roundLimit(), options.callsPerCaller(setting));
                Slice slice = pair.measure(Options.lead(calls), calls);
                slices.computeIfAbsent(contestant, none -> new ArrayList<>()).add(slice);
            });
        }
    }

    private List<Contestant> running() {
        return List.copyOf(pairs.keySet());
    }

    private void attempt(Contestant contestant, Step step) throws IOException, InterruptedException {
        try {
            step.take(pairs.get(contestant));
        } catch (IOException e) {
            failures.put(contestant, e.getMessage());
            pairs.remove(contestant).close();
        }
    }

    private Result result(Contestant contestant) {
        Optional<String> absence = contestant.absence(setting);
        if (absence.isPresent()) return Result.absent(contestant, absence.get());
        if (failures.containsKey(contestant)) return Result.failed(contestant, failures.get(contestant));
        return Result.measured(contestant, slices.get(contestant));
    }
}

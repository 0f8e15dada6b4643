package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A server and a client of one contestant, running. */
final class Pair implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final Duration RUN_LIMIT = Duration.ofMinutes(5); // beside the pauses

    private static final int WARM_UP_PARTS = 20;
    private static final int FEWEST = 100; // calls of a round, however long they take

    private final Child server;
    private final Child client;
    private final Setting setting;
    private final Path samples;
    private double nanosPerCall; // of one caller, in the last run: a JVM gets faster for long

    private Pair(Child server, Child client, Setting setting, Path samples) {
        this.server = server;
        this.client = client;
        this.setting = setting;
        this.samples = samples;
    }

    /** Starts both processes. Sockets and files go to {@code directory}. */
    static Pair start(Contestant contestant, Setting setting, Path directory) throws IOException, InterruptedException {
        String name = contestant.name();
        Path socket = directory.resolve(name + ".sock");
        List<String> serverCommand = new ArrayList<>(setting.serverPrefix());
        serverCommand.addAll(contestant.server().words(socket, setting));
        List<String> clientCommand = new ArrayList<>(setting.clientPrefix());
        clientCommand.addAll(contestant.client().words(socket, setting));
        Child server = Child.start(name + "'s server", serverCommand, directory);
        try {
            Child client = Child.start(name + "'s client", clientCommand, directory);
            return new Pair(server, client, setting, directory.resolve(name + ".samples"));
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Makes calls without a pause and forgets them: so many, or as many as {@code limit} gives time for. */
    void warmUp(int callsPerCaller, Duration limit) throws IOException, InterruptedException {
        int part = Math.max(1, callsPerCaller / WARM_UP_PARTS);
        long begin = System.nanoTime();
        for (int left = callsPerCaller; left > 0; left -= part) {
            int calls = Math.min(left, part);
            run(new RunCommand(0, calls, 0, samples));
            if (System.nanoTime() - begin >= limit.toNanos()) break;
        }
    }

    /** As many calls of each caller as take that long, judging by the last run, but at least a few and at most so many. */
    int callsWithin(Duration limit, int atMost) {
        double nanos = Math.max(nanosPerCall, (double) setting.intervalNanos());
        int fit = (int) Math.min(atMost, limit.toNanos() / nanos);
        return Math.max(fit, Math.min(atMost, Math.max(1, FEWEST / setting.callers())));
    }

    /** Measures a round. */
    Slice measure(int leadPerCaller, int callsPerCaller) throws IOException, InterruptedException {
        ServerUse before = serverUse();
        String done = run(new RunCommand(leadPerCaller, callsPerCaller, setting.intervalNanos(), samples));
        ServerUse use = serverUse().since(before);
        int allCalls = (leadPerCaller + callsPerCaller) * setting.callers();
        Slice slice = Slice.of(done, samples, use, allCalls);
        if (slice.calls() != (long) callsPerCaller * setting.callers())
            throw new IOException(
                    "asked for " + callsPerCaller + " calls of " + setting.callers() + " callers, got: " + done);
        return slice;
    }

    private String run(RunCommand command) throws IOException, InterruptedException {
        Duration pauses = Duration.ofNanos(command.intervalNanos()).multipliedBy(command.lead() + command.calls());
        String answer = client.ask(command.toString(), RUN_LIMIT.plus(pauses));
        if (!answer.startsWith(ClientConsole.DONE)) throw new IOException(answer);
        nanosPerCall = Slice.wallNanos(answer) / command.calls();
        return answer;
    }

    private ServerUse serverUse() throws IOException, InterruptedException {
        return ServerUse.parse(server.ask(ServerConsole.CPU, ANSWER_LIMIT));
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
        Files.deleteIfExists(samples);
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** From the start of a JVM to its first reply, in steps. */
final class StartStudy implements Study {
    static final int SIZE = 1; // of bodies, as ServerProcess says

    private static final List<String> STEPS = List.of("JVM to main", "main to connected", "first call", "to its end");

    private record Kind(String name, String about, Class<?> server) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("jdk", "the JDK's channels", ChannelServer.class),
            new Kind("core", "OwnedFd", CoreServer.class),
            new Kind("rpc", "client and generated stub, which connects with its first call", RpcServer.class));

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String about() {
        return "a JVM that makes one call and ends, ms";
    }

    @Override
    public int samples() {
        return 20;
    }

    @Override
    public Finding take(int samples) throws IOException, InterruptedException {
        List<List<String>> rows = new ArrayList<>();
        for (Kind kind : KINDS) {
            try (ServerProcess server = ServerProcess.start(kind.server())) {
                List<long[]> starts = new ArrayList<>();
                for (int i = 0; i < samples; i++) starts.add(start(kind, server));
                List<String> cells = new ArrayList<>(List.of(kind.name() + ": " + kind.about()));
                for (int step = 0; step < STEPS.size(); step++) {
                    int index = step;
                    cells.add(cell(starts, time -> time[index + 1] - time[index]));
                }
                cells.add(cell(starts, time -> time[STEPS.size() - 1] - time[0]));
                rows.add(cells);
            }
        }
        List<String> columns = new ArrayList<>(List.of(""));
        columns.addAll(STEPS);
        columns.add("start to reply");
        return new Finding(columns, rows);
    }

    private interface Step {
        long of(long[] times);
    }

    private static String cell(List<long[]> starts, Step step) {
        return Finding.cell(
                "%.0f", starts.stream().map(time -> step.of(time) / 1e6).toList());
    }

    /** The times between its steps. */
    private static long[] start(Kind kind, ServerProcess server) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(Contestant.java());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), FirstReply.class.getName()));
        words.addAll(List.of(kind.name(), server.path().toString()));
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) throw new IOException(kind.name() + " ended with status " + process.exitValue());
        long end = System.nanoTime();
        String[] times = said.split(" ", -1);
        return new long[] {begin, Long.parseLong(times[0]), Long.parseLong(times[1]), Long.parseLong(times[2]), end};
    }
}

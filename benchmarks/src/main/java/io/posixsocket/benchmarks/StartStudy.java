package io.posixsocket.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * From the start of a JVM to its first reply, in steps; and what an archive of the classes that such a start loads saves, made as
 * docs/PERFORMANCE.md advises.
 */
final class StartStudy implements Study {
    static final int SIZE = 1; // of bodies, as ServerProcess says

    private static final List<String> STEPS = List.of("JVM to main", "main to connected", "first call", "to its end");

    /** How a JVM makes an archive at its end, and how another one uses it: the options in front of its file. */
    private enum Archive {
        NONE("", ""),
        /** From JDK 13 on. */
        CDS("-XX:ArchiveClassesAtExit=", "-XX:SharedArchiveFile="),
        /** From JDK 25 on. */
        AOT("-XX:AOTCacheOutput=", "-XX:AOTCache=");

        private final String make;
        private final String use;

        Archive(String make, String use) {
            this.make = make;
            this.use = use;
        }
    }

    /** @param mode which call {@link FirstReply} makes */
    private record Kind(String mode, String about, Class<?> server, List<String> java, Archive archive) {}

    private static List<Kind> kinds() {
        List<String> java = Contestant.java();
        List<Kind> kinds = new ArrayList<>(List.of(
                new Kind("jdk", "jdk: the JDK's channels", ChannelServer.class, java, Archive.NONE),
                new Kind("jdk", "jdk, classes archived", ChannelServer.class, java, Archive.CDS),
                new Kind("core", "core: OwnedFd", CoreServer.class, java, Archive.NONE),
                new Kind(
                        "rpc",
                        "rpc: client and generated stub, which connects with its first call",
                        RpcServer.class,
                        java,
                        Archive.NONE),
                new Kind("rpc", "rpc, classes archived", RpcServer.class, java, Archive.CDS)));
        Contestant.java25().ifPresent(java25 -> {
            kinds.add(new Kind("rpc", "rpc on JDK 25", RpcServer.class, java25, Archive.NONE));
            kinds.add(new Kind("rpc", "rpc on JDK 25, ahead-of-time cache", RpcServer.class, java25, Archive.AOT));
        });
        return kinds;
    }

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
        try (TemporaryDirectory directory = new TemporaryDirectory()) {
            String classPath = jars(directory.path());
            for (Kind kind : kinds())
                rows.add(row(kind, classPath, directory.path().resolve("archive"), samples));
        }
        List<String> columns = new ArrayList<>(List.of(""));
        columns.addAll(STEPS);
        columns.add("start to reply");
        return new Finding(columns, rows);
    }

    /** Our class path, with jars instead of directories: an archive has no classes from those. */
    private static String jars(Path directory) throws IOException {
        ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow(() -> new IOException("this JDK has no jar tool"));
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!Files.isDirectory(Path.of(entry))) {
                entries.add(entry);
                continue;
            }
            Path made = directory.resolve(entries.size() + ".jar");
            if (jar.run(System.out, System.err, "cf", made.toString(), "-C", entry, ".") != 0)
                throw new IOException("no jar was made of " + entry);
            entries.add(made.toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static List<String> row(Kind kind, String classPath, Path archive, int samples)
            throws IOException, InterruptedException {
        try (ServerProcess server = ServerProcess.start(kind.server())) {
            List<String> java = new ArrayList<>(kind.java());
            if (kind.archive() != Archive.NONE) {
                java.add(kind.archive().make + archive);
                start(kind, java, classPath, server);
                if (!Files.exists(archive)) throw new IOException(kind.about() + ": no archive was made");
                java.set(java.size() - 1, kind.archive().use + archive);
            }
            List<long[]> starts = new ArrayList<>();
            for (int i = 0; i < samples; i++) starts.add(start(kind, java, classPath, server));
            List<String> cells = new ArrayList<>(List.of(kind.about()));
            for (int step = 0; step < STEPS.size(); step++) {
                int index = step;
                cells.add(cell(starts, time -> time[index + 1] - time[index]));
            }
            cells.add(cell(starts, time -> time[STEPS.size() - 1] - time[0]));
            return cells;
        } finally {
            Files.deleteIfExists(archive);
        }
    }

    private interface Step {
        long of(long[] times);
    }

    private static String cell(List<long[]> starts, Step step) {
        return Finding.cell(
                "%.0f", starts.stream().map(time -> step.of(time) / 1e6).toList());
    }

    /** The times between its steps. */
    private static long[] start(Kind kind, List<String> java, String classPath, ServerProcess server)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(java);
        words.addAll(List.of("-cp", classPath, FirstReply.class.getName()));
        words.addAll(List.of(kind.mode(), server.path().toString()));
        Path said = Files.createTempFile(server.directory().path(), "start", ".txt");
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(words).redirectError(said.toFile()).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0)
            throw new IOException(
                    kind.about() + " ended with status " + process.exitValue() + ": " + Files.readString(said));
        long end = System.nanoTime();
        // the JVM may say something of its archive on standard output, before or after
        String[] times = output.lines()
                .filter(line -> line.matches("\\d+ \\d+ \\d+"))
                .findFirst()
                .orElseThrow(() -> new IOException(kind.about() + " said: " + output))
                .split(" ", -1);
        return new long[] {begin, Long.parseLong(times[0]), Long.parseLong(times[1]), Long.parseLong(times[2]), end};
    }
}

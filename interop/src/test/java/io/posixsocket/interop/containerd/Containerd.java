package io.posixsocket.interop.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.PosixSocket;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A containerd of the test's own: its root, state and sockets are in one directory, its containers in a namespace of their own,
 * and it finds {@code examples/bin} in its PATH. Closing it ends whatever it started and fails if anything is left.
 */
final class Containerd {
    static final String NEEDS = "needs root and the Debian packages containerd, runc and busybox-static";
    static final Path BASE = Path.of(System.getProperty("posixsocket.basedir"));

    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final long LIMIT_SECONDS = 100;

    private final Path directory;
    private final String namespace = "posixsocket-" + ProcessHandle.current().pid();
    private final Set<Path> socketsBefore;
    private Process process;

    Containerd(Path directory) throws IOException {
        this.directory = directory;
        this.socketsBefore = shimSockets();
        Files.writeString(
                directory.resolve("config.toml"),
                String.join(
                        "\n",
                        "version = 2",
                        "root = \"" + directory.resolve("root") + "\"",
                        "state = \"" + directory.resolve("state") + "\"",
                        "disabled_plugins = [\"io.containerd.grpc.v1.cri\"]",
                        "[grpc]",
                        "address = \"" + socket() + "\"",
                        "[timeouts]", // a JVM on a busy machine takes its time
                        "\"io.containerd.timeout.shim.cleanup\" = \"60s\"",
                        "\"io.containerd.timeout.shim.load\" = \"60s\"",
                        "\"io.containerd.timeout.shim.shutdown\" = \"60s\"",
                        "\"io.containerd.timeout.task.state\" = \"60s\""));
        Path bin = Files.createDirectories(rootfs().resolve("bin"));
        Files.copy(BUSYBOX, bin.resolve("busybox"));
        for (String name : List.of("sh", "sleep", "cat"))
            Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
        start();
        ctr("namespaces", "create", namespace);
    }

    /** A condition, not an assumption: the skipped are counted. */
    static boolean isInstalled() {
        return PosixSocket.geteuid() == 0
                && Files.isExecutable(BUSYBOX)
                && Stream.of("containerd", "ctr", "runc")
                        .allMatch(program -> Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                                .anyMatch(path -> Files.isExecutable(Path.of(path, program))));
    }

    /** Starts it, again after {@link #stop}. */
    void start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "containerd", "-c", directory.resolve("config.toml").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().merge("PATH", BASE.resolve("examples/bin").toString(), (path, bin) -> bin + ":" + path);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        process = builder.start();
        await("containerd serves", () -> process.isAlive() && run("version").exitCode() == 0);
    }

    /** Ends it alone: its shims and their containers live on. */
    void stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    Path rootfs() {
        return directory.resolve("rootfs");
    }

    String namespace() {
        return namespace;
    }

    private Path socket() {
        return directory.resolve("c.sock");
    }

    /** Where it takes events. */
    String ttrpcAddress() {
        return "unix:" + socket() + ".ttrpc";
    }

    private Path log() {
        return directory.resolve("log");
    }

    private Path bundles() {
        return directory.resolve("state/io.containerd.runtime.v2.task").resolve(namespace);
    }

    /** Where the shim of a container serves {@code containerd.task.v2.Task}. */
    String shimAddress(String id) throws IOException {
        return Files.readString(bundles().resolve(id).resolve("address")).replaceFirst("^unix://", "unix:");
    }

    record Result(int exitCode, List<String> output) {}

    /** A {@code ctr} of this containerd, both outputs in one. */
    ProcessBuilder command(String... args) {
        List<String> command =
                new ArrayList<>(List.of("ctr", "--address", socket().toString(), "--namespace", namespace));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    Result run(String... args) {
        try {
            Path output = Files.createTempFile(directory, "ctr", ".out");
            Process ctr = command(args).redirectOutput(output.toFile()).start();
            try {
                assertThat(ctr.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                        .as("ctr %s ends", List.of(args))
                        .isTrue();
            } finally {
                ctr.destroyForcibly();
            }
            return new Result(ctr.exitValue(), Files.readAllLines(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What a {@code ctr} that must succeed prints. */
    List<String> ctr(String... args) {
        Result result = run(args);
        assertThat(result.exitCode())
                .as("ctr %s: %s%n%s", List.of(args), result.output(), tail(log()))
                .isZero();
        return result.output();
    }

    /** Starts a container in the background. */
    void runDetached(String runtime, String id, String... program) {
        List<String> args = new ArrayList<>(List.of("run", "-d", "--rootfs", "--runtime", runtime));
        args.addAll(List.of("--fifo-dir", directory.toString())); // ctr leaves them if a shim is killed
        args.addAll(List.of(rootfs().toString(), id));
        args.addAll(List.of(program));
        ctr(args.toArray(String[]::new));
    }

    /** Empty if there is no such task. */
    String status(String id) {
        for (String line : ctr("task", "ls")) {
            Matcher row = Pattern.compile("(\\S+)\\s+\\d+\\s+(\\S+)\\s*").matcher(line);
            if (row.matches() && row.group(1).equals(id)) return row.group(2);
        }
        return "";
    }

    void awaitStatus(String id, String status) {
        await(id + " is " + status, () -> status(id).equals(status));
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static List<String> tail(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.subList(Math.max(0, lines.size() - 20), lines.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it with its shims and containers. */
    void close() throws IOException, InterruptedException {
        try {
            if (!process.isAlive()) start();
            for (String id : ctr("task", "ls", "-q")) ctr("task", "rm", "--force", id);
            for (String id : ctr("container", "ls", "-q")) ctr("container", "rm", id);
            await("the shims have ended", () -> processes().size() == 1);
        } finally {
            stop();
        }
        removeEmpty(Path.of("/run/containerd/runc", namespace)); // runc's state, containerd leaves it
        try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (Path hierarchy : hierarchies.toList()) removeEmpty(hierarchy.resolve(namespace));
        }
        removeEmpty(Path.of("/sys/fs/cgroup", namespace));
        assertThat(processes()).as("processes").isEmpty();
        assertThat(shimSockets()).isEqualTo(socketsBefore);
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(directory.toString());
        if (Files.exists(bundles())) assertThat(bundles()).isEmptyDirectory();
    }

    /** Shims have their sockets there, whatever containerd's own directories are. */
    private static Set<Path> shimSockets() throws IOException {
        Path sockets = Path.of("/run/containerd/s");
        if (!Files.exists(sockets)) return Set.of();
        try (Stream<Path> files = Files.list(sockets)) {
            return files.collect(Collectors.toSet());
        }
    }

    /** Fails if the directory is not empty, which is a leak. */
    private static void removeEmpty(Path directory) throws IOException {
        Files.deleteIfExists(directory);
    }

    /** Roots and command lines of containerd, its shims, and processes in the root file system of the containers. */
    private List<String> processes() {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.map(each -> root(each.pid()) + " " + commandLine(each.pid()))
                    .filter(line -> line.startsWith(directory.toString())
                            || line.matches(
                                    "(?s).*(containerd|JavaShim).*" + Pattern.quote(directory.toString()) + ".*"))
                    .toList();
        }
    }

    /** Empty for a process that has ended. */
    private static String root(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", String.valueOf(pid), "root"))
                    .toString();
        } catch (IOException e) {
            return "";
        }
    }

    /** Whether it has not ended; one that nobody reaps has. */
    static boolean lives(ProcessHandle process) {
        return !commandLine(process.pid()).isEmpty();
    }

    /** Empty for one that has ended, reaped or not. */
    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }
}

package io.posixsocket.examples.shim;

import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * A container that is a plain process: in its root directory, as its user, with its environment, but without namespaces or
 * cgroups of its own. Created, it is a bundle; started, a process; stopped, an exit status.
 */
final class Container {
    /** How it ended. {@code status} is the process's, or 128 and the signal that ended it, as a shell has it. */
    record Exit(int pid, int status, Instant at) {}

    /** Where the standard streams of the process go: paths of FIFOs, or empty. */
    record Streams(String stdin, String stdout, String stderr) {}

    /** The file of the bundle that tells a later shim what was started. */
    private static final String STARTED = "started";

    private final String id;
    private final Path bundle;
    private final Streams streams;
    private final OciConfig config;
    private final TaskEvents events;
    private final List<Closeable> output = new ArrayList<>();
    private final CompletableFuture<Process> started = new CompletableFuture<>();
    private final CompletableFuture<Exit> exit =
            started.thenCompose(Process::onExit).thenApply(this::ended);

    Container(String id, Path bundle, Streams streams, TaskEvents events) throws IOException {
        this.id = id;
        this.bundle = bundle;
        this.streams = streams;
        this.config = OciConfig.of(bundle);
        this.events = events;
    }

    Path bundle() {
        return bundle;
    }

    Streams streams() {
        return streams;
    }

    boolean isStarted() {
        return started.isDone();
    }

    /** 0 until it is started. */
    int pid() {
        return isStarted() ? (int) started.join().pid() : 0;
    }

    /** Empty until it has stopped. */
    Optional<Exit> exit() {
        return Optional.ofNullable(exit.getNow(null));
    }

    /** Blocks until it has stopped, though it may not have been started yet. */
    Exit awaitExit() throws InterruptedException {
        try {
            return exit.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    synchronized void start() throws IOException {
        if (isStarted()) throw new StatusException(Status.FAILED_PRECONDITION, id + " was started");
        // A FIFO that is held open for reading and writing makes nobody who opens it wait for the other end, and nobody
        // who writes to it die of SIGPIPE when its reader goes away. From who reads it, it would hide the end.
        output.add(open(streams.stdout()));
        output.add(open(streams.stderr()));
        Closeable input = open(streams.stdin());
        Process process;
        try {
            process = builder().start();
        } finally {
            input.close();
        }
        Files.writeString(bundle.resolve(STARTED), identity(process.toHandle()));
        events.started(id, (int) process.pid());
        started.complete(process);
    }

    private ProcessBuilder builder() {
        OciConfig.Program program = config.process();
        List<String> command = new ArrayList<>(List.of(
                "unshare", // nothing; but its options are chroot, chdir and setuid in one, and it becomes the program
                "--root=" + bundle.resolve(config.root().path()),
                "--wd=" + program.cwd(),
                "--setgid=" + program.user().gid(),
                "--setuid=" + program.user().uid(),
                "--"));
        command.addAll(program.args());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(file(streams.stdin()))
                .redirectOutput(file(streams.stdout()))
                .redirectError(file(streams.stderr()));
        builder.environment().clear();
        for (String variable : program.env()) {
            String name = variable.substring(0, variable.indexOf('='));
            builder.environment().put(name, variable.substring(name.length() + 1));
        }
        return builder;
    }

    private static File file(String stream) {
        return new File(stream.isEmpty() ? "/dev/null" : stream);
    }

    private static Closeable open(String stream) throws IOException {
        return new RandomAccessFile(file(stream), "rw");
    }

    /** The event goes before anybody who waits knows, and may delete the container. */
    private Exit ended(Process process) {
        Exit end = new Exit((int) process.pid(), process.exitValue(), Instant.now());
        try {
            for (Closeable stream : output) stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        events.exited(id, end);
        return end;
    }

    /** The process first, then what descends from it; empty unless it runs. */
    Stream<ProcessHandle> processes() {
        return isStarted() && started.join().isAlive()
                ? Stream.concat(
                        Stream.of(started.join().toHandle()), started.join().descendants())
                : Stream.empty();
    }

    /**
     * Sends a signal.
     *
     * @param all whether what descends from the process gets it too
     */
    void kill(int signal, boolean all) throws IOException, InterruptedException {
        List<String> pids = processes()
                .limit(all ? Long.MAX_VALUE : 1)
                .map(process -> String.valueOf(process.pid()))
                .toList();
        if (pids.isEmpty()) throw new StatusException(Status.NOT_FOUND, id + " does not run");
        String command = "kill -" + signal + " " + String.join(" ", pids);
        int failed = new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor();
        if (failed != 0 && started.join().isAlive()) throw new IOException(command + " failed");
    }

    /** Kills what a shim that is no more started in this bundle. Returns its pid, 0 if nothing was started. */
    static int killLeft(Path bundle) throws IOException {
        Path file = bundle.resolve(STARTED);
        if (!Files.exists(file)) return 0;
        String identity = Files.readString(file);
        int pid = Integer.parseInt(identity.substring(0, identity.indexOf(' ')));
        ProcessHandle.of(pid)
                .filter(process -> identity(process).equals(identity)) // no later one of the same number
                .ifPresent(process -> {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                });
        return pid;
    }

    private static String identity(ProcessHandle process) {
        return process.pid() + " " + process.info().startInstant().orElse(Instant.EPOCH);
    }
}

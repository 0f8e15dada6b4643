package io.posixsocket.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that says READY, answers a line with a line, and ends when its input does. It ends with this one, however this
 * one ends: by {@link #close}, by the hook of an orderly exit, or, if that too is missing, by the end of its input.
 */
final class Child implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofSeconds(3);
    private static final int STDERR_TAIL_CHARS = 1_000;

    private final String name;
    private final Process process;
    private final Path stderr;
    private final BufferedWriter in;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(); // of standard output; END after the last
    private final Thread endWithUs;

    private static final String END = new String("end of output");

    private Child(String name, Process process, Path stderr) {
        this.name = name;
        this.process = process;
        this.stderr = stderr;
        this.in = process.outputWriter(StandardCharsets.UTF_8);
        this.endWithUs = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(endWithUs);
        Daemons.start("output of " + name, this::readLines);
    }

    /** Starts a process and waits until it is ready. What it writes to standard error is kept in {@code directory}. */
    static Child start(String name, List<String> command, Path directory) throws IOException, InterruptedException {
        Path stderr = Files.createTempFile(directory, "stderr", ".txt");
        Process process =
                new ProcessBuilder(command).redirectError(stderr.toFile()).start();
        Child child = new Child(name, process, stderr);
        try {
            String line = child.await(START_LIMIT);
            if (!line.equals(ServerConsole.READY)) throw child.failure("said '" + line + "' instead of READY");
        } catch (IOException | InterruptedException | RuntimeException e) {
            child.close();
            throw e;
        }
        return child;
    }

    private void readLines() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) lines.add(line);
        } catch (IOException e) {
            lines.add(e.toString());
        }
        lines.add(END);
    }

    /** Sends a line and returns the answer. Fails when none has come within {@code limit}. */
    String ask(String line, Duration limit) throws IOException, InterruptedException {
        try {
            in.write(line);
            in.newLine();
            in.flush();
        } catch (IOException e) {
            throw failure("does not listen: " + e.getMessage());
        }
        return await(limit);
    }

    /** Waits for the next line that it prints. */
    @SuppressWarnings("ReferenceEquality") // END is no line that could come
    String await(Duration limit) throws IOException, InterruptedException {
        String line = lines.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null) throw failure("did not answer within " + limit.toSeconds() + " s");
        if (line != END) return line;
        process.waitFor();
        throw failure("ended with status " + process.exitValue());
    }

    private IOException failure(String what) throws IOException {
        String tail = Files.readString(stderr).strip();
        if (tail.length() > STDERR_TAIL_CHARS) tail = "…" + tail.substring(tail.length() - STDERR_TAIL_CHARS);
        return new IOException(name + " " + what + (tail.isEmpty() ? "" : ": " + tail));
    }

    long pid() {
        return process.pid();
    }

    /** Ends it by SIGKILL, without waiting. */
    void kill() {
        process.destroyForcibly();
    }

    /** Ends the process: by the end of its input, and by force if that has not helped within 3 s. */
    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // it has ended already
        }
        try {
            if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        forget();
    }

    private void forget() {
        Hooks.remove(endWithUs);
        try {
            Files.deleteIfExists(stderr);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

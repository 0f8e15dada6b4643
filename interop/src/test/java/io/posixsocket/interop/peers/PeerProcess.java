package io.posixsocket.interop.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server or a client in a process of its own, driven by lines of words with a bar between:
 *
 * <pre>
 * to a client  ID|unary|SERVICE|METHOD|MILLISECONDS|TEXT|NUMBER|LENGTH|KEY=VALUE…   makes a call; 0 ms is no deadline
 *              ID|stream|METHOD|MILLISECONDS|STEP…   send=TEXT:NUMBER, receive, close (its sending side), leave (the call)
 * from it      ID|ok|TEXT|NUMBER|LENGTH|LIST
 *              ID|ok|TEXT:NUMBER…|end   what a stream's receive steps got; a failure may end it
 *              ID|failed|CODE|MESSAGE|TYPE=HEX,…   a status with its details
 *              ID|broken|MESSAGE   an error without a status
 * from both    ready;  from a server  holding|TEXT, cancelled|TEXT
 * </pre>
 *
 * A client has one connection, if it can, and makes all calls at the same time. Each process ends when its input does.
 */
final class PeerProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final PrintStream commands;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<String>> events = new ConcurrentHashMap<>();
    private final List<String> log = new ArrayList<>(); // guarded by itself
    private final String name;

    private PeerProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "reads " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a server that listens at {@code path} when this returns. */
    static PeerProcess server(Peer peer, Path built, Path path) throws IOException {
        return start(peer, built, "serve", path);
    }

    /** Starts a client of the server at {@code path}. */
    static PeerProcess client(Peer peer, Path built, Path path) throws IOException {
        return start(peer, built, "call", path);
    }

    private static PeerProcess start(Peer peer, Path built, String mode, Path path) throws IOException {
        List<String> command = new ArrayList<>(peer.command(built));
        command.addAll(List.of(mode, path.toString()));
        PeerProcess started = new PeerProcess(
                peer + " " + mode,
                new ProcessBuilder(command).redirectErrorStream(true).start());
        boolean ready = false;
        try {
            started.awaitEvent("ready");
            ready = true;
            return started;
        } finally {
            if (!ready) started.kill();
        }
    }

    private void read() {
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                synchronized (log) {
                    log.add(line);
                }
                int bar = line.indexOf('|');
                CompletableFuture<String> answer = bar < 0 ? null : answers.get(line.substring(0, bar));
                if (answer != null) answer.complete(line.substring(bar + 1));
                else event(line).complete(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CompletableFuture<String> event(String event) {
        return events.computeIfAbsent(event, e -> new CompletableFuture<>());
    }

    /** Says a line of words and does not wait. */
    CompletableFuture<String> start(String... words) {
        String id = Integer.toString(lastId.incrementAndGet());
        CompletableFuture<String> answer = new CompletableFuture<>();
        answers.put(id, answer);
        synchronized (commands) {
            commands.println(id + "|" + String.join("|", words));
        }
        return answer;
    }

    /** Says a line of words; the answer. */
    String ask(String... words) {
        return await(start(words), String.join("|", words));
    }

    /** Waits until it has said this; it says it once. */
    void awaitEvent(String event) {
        await(event(event), event);
    }

    String await(CompletableFuture<String> said, String what) {
        try {
            return said.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            synchronized (log) {
                throw new AssertionError(name + " did not answer to, or say, " + what + "; it said " + log, e);
            }
        }
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Ends it in good order, which also is an assertion. */
    @Override
    public void close() {
        commands.close();
        try {
            if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
        throw new AssertionError(name + " did not end with its input");
    }
}

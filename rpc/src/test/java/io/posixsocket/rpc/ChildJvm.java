package io.posixsocket.rpc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A main class of the tests in a process of its own, which is told things line by line, says things, and can be killed. */
final class ChildJvm implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;
    private final PrintStream told;

    private ChildJvm(Process process) {
        this.process = process;
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.told = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /** Its standard input ends with this process: it should then end too. */
    static ChildJvm start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        if (Runtime.version().feature() >= 24) // what it says is read: no warnings of jnr-ffi and protobuf between
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        if (System.getProperty(Poller.PROPERTY) != null)
            command.add("-D" + Poller.PROPERTY + "=" + System.getProperty(Poller.PROPERTY));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ChildJvm(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** Whether a program is there to be started. */
    static boolean isInstalled(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** The next line that it says; null if it has ended. Blocks. */
    String line() {
        try {
            return said.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it has said something that was not taken. */
    boolean hasSaid() throws IOException {
        return said.ready();
    }

    void tell(String line) {
        told.println(line);
    }

    long pid() {
        return process.pid();
    }

    /** Sends STOP, CONT or whatever else kill(1) knows. After STOP no thread of it runs any more. */
    void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, "" + pid())
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) throw new AssertionError("kill -" + name + " " + pid() + ": status " + status);
        if (name.equals("STOP")) Eventually.get(this::runs, running -> !running); // kill(1) does not wait for that
    }

    /** Whether any thread is not stopped. */
    private boolean runs() {
        try (Stream<Path> threads = Files.list(Path.of("/proc", "" + pid(), "task"))) {
            for (Path thread : threads.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') return true;
            }
            return false;
        } catch (IOException e) {
            return true; // a thread has ended meanwhile
        }
    }

    /** SIGKILL: nothing is cleaned up. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() throws IOException {
        kill();
        told.close();
        said.close();
    }
}

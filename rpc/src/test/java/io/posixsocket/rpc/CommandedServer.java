package io.posixsocket.rpc;

import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixIo;
import io.posixsocket.SockaddrUn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, with limits and faults of its own, that answers commands on its standard input. */
final class CommandedServer implements AutoCloseable {
    static final int MAX_WORKERS = 16;

    private static final String ANSWER = "> ";

    private final Process process;
    private final BufferedReader said;
    private final PrintStream commands;
    private final List<String> log = new ArrayList<>();

    private CommandedServer(Process process) {
        this.process = process;
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /**
     * Returns when it listens.
     *
     * @param before what runs the JVM: a shell, strace, a launcher
     * @param arguments the path, or "activated"; then the most connections, if they are not the default
     */
    static CommandedServer start(List<String> before, List<String> jvmArguments, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(before);
        command.add(ProcessHandle.current().info().command().orElse("java"));
        if (Runtime.version().feature() >= 24)
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(jvmArguments);
        if (System.getProperty(Poller.PROPERTY) != null)
            command.add("-D" + Poller.PROPERTY + "=" + System.getProperty(Poller.PROPERTY));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), CommandedServer.class.getName()));
        command.addAll(List.of(arguments));
        CommandedServer server = new CommandedServer(
                new ProcessBuilder(command).redirectErrorStream(true).start());
        boolean ready = false;
        try {
            server.answer();
            ready = true;
            return server;
        } finally {
            if (!ready) server.close();
        }
    }

    /** {@code stats}, {@code exhaust}, {@code release}, {@code memory} or {@code close}; the answer. */
    String ask(String command) {
        commands.println(command);
        return answer();
    }

    private String answer() {
        try {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                if (line.startsWith(ANSWER)) return line.substring(ANSWER.length());
                log.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("it has ended: " + log);
    }

    /** One of the server's statistics. */
    long stat(String name) {
        String stats = ask("stats");
        String tail = stats.substring(stats.indexOf(name + "=") + name.length() + 1);
        return Long.parseLong(tail.substring(0, tail.indexOf(tail.contains(",") ? ',' : ']')));
    }

    /** What it printed besides answers, until the last one. */
    List<String> log() {
        return List.copyOf(log);
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        commands.close(); // it closes its server and ends
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) throw new AssertionError("it does not end: " + log);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    public static void main(String[] args) throws IOException {
        Server.Builder builder = Server.builder()
                .maxWorkers(MAX_WORKERS)
                .overloadAfter(Duration.ofMinutes(5))
                .frameTimeout(Duration.ofHours(1))
                .service(Hello.service());
        if (args[0].equals("activated")) builder.listenActivated();
        else builder.listen(SockaddrUn.path(args[0]));
        if (args.length > 1) {
            int connections = Integer.parseInt(args[1]);
            builder.maxConnections(connections).maxConnectionsPerUser(connections);
        }
        List<OwnedFd> taken = new ArrayList<>();
        try (Server server = builder.start();
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println(ANSWER + server.addresses());
            for (String command = in.readLine(); command != null; command = in.readLine())
                System.out.println(ANSWER + obey(command, server, taken));
        }
    }

    private static String obey(String command, Server server, List<OwnedFd> taken) throws IOException {
        switch (command) {
            case "stats" -> {
                return server.stats().toString();
            }
            case "exhaust" -> {
                loadClasses(server);
                try {
                    for (; ; ) taken.add(OwnedFd.adopt(PosixIo.dup(0)));
                } catch (ErrnoException e) {
                    return e.errno() == Errno.EMFILE ? "" + taken.size() : e.toString();
                }
            }
            case "release" -> {
                taken.forEach(OwnedFd::close);
                return "";
            }
            case "memory" -> {
                return memory();
            }
            default -> throw new IllegalArgumentException(command);
        }
    }

    /** Those that are needed without descriptors: the tests load them from directories, which takes one for each. */
    private static void loadClasses(Server server) {
        new LogLimit(System.getLogger(Server.class.getName()))
                .warn(() -> server.stats() + " " + AcceptFailure.of(Errno.EMFILE));
        try {
            PosixIo.dup(-1);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EBADF) throw new IllegalStateException(e);
        }
    }

    /** Bytes of the heap that are in use, and what else is resident; the heap itself is to be resident as a whole. */
    private static String memory() throws IOException {
        System.gc();
        long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        long resident = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/status")))
            if (line.startsWith("VmRSS:")) resident = 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        return used + " " + resident;
    }
}

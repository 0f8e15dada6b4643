package io.posixsocket.examples.greeter;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs {@link GreeterServer} and {@link GreeterClient} as two JVMs and prints what they say. Exits with 1 if either fails;
 * leaves nothing behind.
 */
public final class Demo {
    private static final long LIMIT_SECONDS = 120;

    // Standard output may have another charset than the transcript's µ needs; the terminals of today take UTF-8.
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Demo() {}

    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory("posixsocket-demo-"); // 0700
        boolean succeeded;
        try {
            succeeded = run("unix:" + directory.resolve("greeter.sock"));
            succeeded &= isEmpty(directory);
        } finally {
            delete(directory);
        }
        System.exit(succeeded ? 0 : 1);
    }

    private static boolean run(String address) throws IOException, InterruptedException {
        Process server = start(GreeterServer.class, address);
        Process client = null;
        try {
            BufferedReader fromServer = reader(server);
            String listening = fromServer.readLine(); // null if it could not start: its standard error says why
            if (listening == null) return false;
            say("server", listening);
            client = start(GreeterClient.class, address);
            Thread limit = killAfterLimit(server, client);
            copy("client", reader(client));
            boolean succeeded = client.waitFor() == 0;
            server.getOutputStream().close();
            copy("server", fromServer);
            succeeded &= server.waitFor() == 0;
            limit.interrupt();
            return succeeded;
        } finally {
            if (client != null) client.destroyForcibly();
            server.destroyForcibly();
        }
    }

    private static Process start(Class<?> main, String address) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature()
                >= 24) { // it warns of jnr-ffi without the one and of protobuf without the other
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of("-Dstdout.encoding=UTF-8", "-Dfile.encoding=UTF-8"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), address));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Thread killAfterLimit(Process server, Process client) {
        Thread limit = new Thread(() -> {
            try {
                TimeUnit.SECONDS.sleep(LIMIT_SECONDS);
                say("demo", "ended after " + LIMIT_SECONDS + " s");
                client.destroyForcibly();
                server.destroyForcibly();
            } catch (InterruptedException e) {
                // both have ended: the end of this thread is what is wanted
            }
        });
        limit.setDaemon(true);
        limit.start();
        return limit;
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void copy(String who, BufferedReader from) throws IOException {
        for (String line = from.readLine(); line != null; line = from.readLine()) say(who, line);
    }

    private static void say(String who, String line) {
        OUT.println(who + "  " + line);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> left = Files.list(directory)) {
            List<Path> files = left.toList();
            if (!files.isEmpty()) say("demo", "left behind: " + files);
            return files.isEmpty();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(Demo::delete);
        }
    }

    private static void delete(File file) {
        if (!file.delete()) throw new UncheckedIOException(new IOException("cannot delete " + file));
    }
}

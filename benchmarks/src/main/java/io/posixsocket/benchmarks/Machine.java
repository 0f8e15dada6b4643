package io.posixsocket.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is known about the machine. */
final class Machine {
    private static final List<Integer> CORES = readCores();

    private Machine() {}

    /** The numbers of the cores that this process may use. */
    static List<Integer> cores() {
        return CORES;
    }

    /** What to put before a command so that it runs on one core, the {@code index}-th of those that there are. */
    static List<String> pin(int index) {
        return List.of("taskset", "-c", CORES.get(index).toString());
    }

    /** A program on the PATH. */
    static Optional<Path> find(String program) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            Path candidate = Path.of(directory, program);
            if (Files.isExecutable(candidate)) return Optional.of(candidate);
        }
        return Optional.empty();
    }

    /** Processor, kernel, Java. */
    static String description() {
        return lineAfterColon("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")) + ", "
                + CORES.size() + " cores, " + System.getProperty("os.name") + " " + System.getProperty("os.version")
                + ", Java " + Runtime.version();
    }

    /** How many processes wanted to run, over 1, 5 and 15 minutes: more than a few tenths, and others were at work. */
    static String load() {
        try {
            String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
            return words[0] + " " + words[1] + " " + words[2];
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** How much memory a process has. */
    static long residentKiB(long pid) throws IOException {
        return lineAfterColon("/proc/" + pid + "/status", "VmRSS")
                .map(words -> Long.parseLong(words.split(" ", -1)[0]))
                .orElseThrow(() -> new IOException("/proc does not tell how much memory process " + pid + " has"));
    }

    /** How many threads a process has. */
    static int threads(long pid) throws IOException {
        return lineAfterColon("/proc/" + pid + "/status", "Threads")
                .map(Integer::parseInt)
                .orElseThrow(() -> new IOException("/proc does not tell how many threads process " + pid + " has"));
    }

    private static List<Integer> readCores() {
        Optional<String> ranges = lineAfterColon("/proc/self/status", "Cpus_allowed_list");
        int count = Runtime.getRuntime().availableProcessors();
        List<Integer> cores = new ArrayList<>();
        for (String range : ranges.orElse("0-" + (count - 1)).split(",", -1)) {
            String[] ends = range.split("-", -1);
            for (int core = Integer.parseInt(ends[0]); core <= Integer.parseInt(ends[ends.length - 1]); core++)
                cores.add(core);
        }
        return cores;
    }

    private static Optional<String> lineAfterColon(String file, String key) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty(); // no /proc
        }
    }
}

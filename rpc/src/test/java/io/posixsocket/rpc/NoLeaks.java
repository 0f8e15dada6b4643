package io.posixsocket.rpc;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves descriptors or a server's threads behind, and a class of tests that leaves objects of connections and
 * calls in memory. Counts sockets, epoll sets and lock files alone: the JVM opens its jars when it likes.
 */
final class NoLeaks implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {
    /** What a connection or a call costs memory hangs on one of these. */
    private static final Set<Class<?>> OBJECTS = Set.of(
            Server.class,
            ServerConnection.class,
            ServerCall.class,
            ServerStream.class,
            Client.class,
            ClientConnection.class,
            ClientStream.class);

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private int before;
    private Map<String, Long> objectsBefore;

    @Override
    public void beforeAll(ExtensionContext context) throws JMException {
        objectsBefore = objects();
    }

    /** A thread's stack may still have what it used last: it gets some time, too. */
    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        Map<String, Long> left = more();
        while (!left.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(50);
            left = more();
        }
        if (!left.isEmpty()) throw new AssertionError("objects stay in memory, beyond those before: " + left);
    }

    private Map<String, Long> more() throws JMException {
        Map<String, Long> more = new TreeMap<>();
        objects().forEach((name, count) -> {
            long added = count - objectsBefore.getOrDefault(name, 0L);
            if (added > 0) more.put(name, added);
        });
        return more;
    }

    /** Those that a collection leaves, by class: the JVM's own histogram, which begins with one. */
    private static Map<String, Long> objects() throws JMException {
        Object histogram = ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Set<String> names = OBJECTS.stream().map(Class::getName).collect(Collectors.toSet());
        Map<String, Long> counts = new TreeMap<>();
        for (String line : histogram.toString().split("\n", -1)) { // 12:  3  120  io.posixsocket.rpc.Server
            String[] words = line.strip().split("\\s+", -1);
            if (words.length >= 4 && names.contains(words[3])) counts.put(words[3], Long.parseLong(words[1]));
        }
        return counts;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        FileChannel.open(Path.of("/proc/self/stat"))
                .close(); // the JDK makes a socket pair for itself when it first opens one
        before = descriptors().size();
    }

    /** Who closes a descriptor is the last one inside, who may be about to leave: that gets some time. */
    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        List<String> open = descriptors();
        while ((open.size() > before || !threads().isEmpty()) && System.nanoTime() < end) {
            Thread.sleep(2);
            open = descriptors();
        }
        if (open.size() > before) throw new AssertionError("descriptors leaked, " + before + " before: " + open);
        if (!threads().isEmpty()) throw new AssertionError("threads go on: " + threads());
    }

    /** What the open ones lead to. */
    static List<String> descriptors() throws IOException {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            for (Path one : all.toList()) {
                try {
                    String target = Files.readSymbolicLink(one).toString();
                    if (target.startsWith("socket:") || target.contains("[eventpoll]") || target.contains(".lock"))
                        targets.add(one.getFileName() + " " + target);
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        }
        return targets;
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("posixsocket-server-"))
                .toList();
    }
}

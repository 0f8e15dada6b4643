package io.posixsocket.rpc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves descriptors or a server's threads behind. Counts sockets, epoll sets and lock files alone: the JVM
 * opens its jars when it likes.
 */
final class NoLeaks implements BeforeEachCallback, AfterEachCallback {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private int before;

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

package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Fails a test that leaves a socket, a pipe, an eventfd, an epoll set, a memory file or a temporary file open. */
final class NoLeaks implements BeforeEachCallback, AfterEachCallback {
    private static final Namespace SPACE = Namespace.create(NoLeaks.class);

    static {
        // the JDK's channels keep a socket of their own, which they open with the first of them
        try {
            SocketChannel.open().close();
            FileChannel.open(Path.of("/proc/self/stat")).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(SPACE).put("before", open());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        @SuppressWarnings("unchecked") // put there by beforeEach
        Map<String, Integer> before = context.getStore(SPACE).get("before", Map.class);
        // the last thread to leave a call closes, which may be a moment after the test's own last line
        Eventually.holds(
                "no descriptor is left open",
                () -> more(before).isEmpty(),
                () -> assertThat(more(before)).as("left open").isEmpty());
    }

    /** How many descriptors there are for each target: all eventfds have the same. */
    private static Map<String, Integer> open() {
        Map<String, Integer> counts = new TreeMap<>();
        Descriptors.tests().values().forEach(target -> counts.merge(target, 1, Integer::sum));
        return counts;
    }

    private static Map<String, Integer> more(Map<String, Integer> before) {
        Map<String, Integer> now = open();
        now.entrySet().removeIf(entry -> entry.getValue() <= before.getOrDefault(entry.getKey(), 0));
        return now;
    }
}

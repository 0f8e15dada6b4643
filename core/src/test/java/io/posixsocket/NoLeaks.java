package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Fails a test that leaves more sockets open than it found. */
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
        context.getStore(SPACE).put("before", Set.copyOf(Descriptors.sockets().values()));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Set<?> before = context.getStore(SPACE).get("before", Set.class);
        // the last thread to leave a call closes, which may be a moment after the test's own last line
        Eventually.holds(
                "no socket is left open",
                () -> before.containsAll(Descriptors.sockets().values()),
                () -> assertThat(Descriptors.sockets().values()).isSubsetOf(before.toArray(String[]::new)));
    }
}

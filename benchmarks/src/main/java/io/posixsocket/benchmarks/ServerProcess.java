package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server of ours in a process of its own, for a study. */
record ServerProcess(Path path, Child child, TemporaryDirectory directory) implements AutoCloseable {
    static ServerProcess start(Class<?> main) throws IOException, InterruptedException {
        return start(main, List.of(), List.of());
    }

    /** Starts a main class whose arguments are {@link Terms}. */
    static ServerProcess start(Class<?> main, List<String> jvmOptions, List<String> options)
            throws IOException, InterruptedException {
        TemporaryDirectory directory = new TemporaryDirectory();
        Path path = directory.path().resolve("s");
        List<String> words = new ArrayList<>(Contestant.java());
        words.addAll(jvmOptions);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        words.addAll(new Terms(path, 1, 1, Setting.Connections.KEPT, options).words());
        return new ServerProcess(path, Child.start("the server", words, directory.path()), directory);
    }

    String address() {
        return "unix:" + path;
    }

    @Override
    public void close() throws IOException {
        child.close();
        directory.close();
    }
}

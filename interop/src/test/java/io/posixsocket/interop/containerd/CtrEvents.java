package io.posixsocket.interop.containerd;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A {@code ctr events} in the background. It shows what happens after it has subscribed, of which it says nothing. */
final class CtrEvents implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Process ctr;

    CtrEvents(Containerd containerd) throws IOException {
        ctr = containerd.command("events").start();
        BufferedReader output = ctr.inputReader();
        new Thread(() -> output.lines().forEach(lines::add), "ctr events").start();
    }

    /** One that has subscribed: it has shown an event. */
    static CtrEvents subscribed(Containerd containerd) throws IOException {
        CtrEvents events = new CtrEvents(containerd);
        Containerd.await("ctr events has subscribed", () -> {
            containerd.ctr("namespaces", "label", containerd.namespace(), "asked=" + System.nanoTime());
            return !events.lines.isEmpty();
        });
        return events;
    }

    /** The lines so far that have this text. */
    List<String> of(String text) {
        return lines.stream().filter(line -> line.contains(text)).toList();
    }

    @Override
    public void close() {
        ctr.destroyForcibly();
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Processes that do nothing but burn, one for each core, until closed or until this process has ended in any way. */
final class BusyNeighbours implements AutoCloseable {
    // A killed parent cannot end them, so they look after it.
    private static final String LOOP =
            "while kill -0 $PPID 2>/dev/null; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; done";

    private final List<Process> processes = new ArrayList<>();
    private final Thread endWithUs = new Thread(this::destroy);

    private BusyNeighbours() {
        Runtime.getRuntime().addShutdownHook(endWithUs);
    }

    /** Starts as many as there are cores, each pinned to its own where taskset is there to do it; or none. */
    static BusyNeighbours start(boolean wanted) throws IOException {
        BusyNeighbours neighbours = new BusyNeighbours();
        try {
            for (int core = 0; wanted && core < Machine.cores().size(); core++) neighbours.startOn(core);
        } catch (IOException e) {
            neighbours.close();
            throw e;
        }
        return neighbours;
    }

    private void startOn(int core) throws IOException {
        List<String> command = new ArrayList<>();
        if (Machine.find("taskset").isPresent()) command.addAll(Machine.pin(core));
        command.addAll(List.of("sh", "-c", LOOP));
        processes.add(new ProcessBuilder(command).inheritIO().start());
    }

    /** Throws if one has ended by itself: the measurement would not be what it says. */
    void checkAlive() {
        if (!processes.stream().allMatch(Process::isAlive))
            throw new IllegalStateException("a busy loop has ended by itself");
    }

    private void destroy() {
        processes.forEach(Process::destroyForcibly);
    }

    @Override
    public void close() {
        destroy();
        Hooks.remove(endWithUs);
    }
}

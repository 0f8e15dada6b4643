package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BusyNeighboursTest {
    @Test
    void oneForEachCoreUntilClosed() throws Exception {
        List<ProcessHandle> before = ProcessHandle.current().children().toList();
        List<ProcessHandle> loops;
        try (BusyNeighbours neighbours = BusyNeighbours.start(true)) {
            loops = ProcessHandle.current()
                    .children()
                    .filter(child -> !before.contains(child))
                    .toList();
            neighbours.checkAlive();
        }
        assertThat(loops).hasSize(Machine.cores().size());
        for (ProcessHandle loop : loops) loop.onExit().get(10, TimeUnit.SECONDS);
    }

    @Test
    void oneThatEndsByItselfIsNoticed() throws Exception {
        List<ProcessHandle> before = ProcessHandle.current().children().toList();
        try (BusyNeighbours neighbours = BusyNeighbours.start(true)) {
            ProcessHandle loop = ProcessHandle.current()
                    .children()
                    .filter(child -> !before.contains(child))
                    .findFirst()
                    .orElseThrow();
            loop.destroyForcibly();
            loop.onExit().get(10, TimeUnit.SECONDS);
            assertThatThrownBy(neighbours::checkAlive).hasMessageContaining("ended by itself");
        }
    }
}

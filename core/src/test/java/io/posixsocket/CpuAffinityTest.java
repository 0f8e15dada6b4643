package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class CpuAffinityTest {
    private static final int MASK_BYTES = 256;

    /** On a thread of its own: each may change its mask. */
    private static <T> T onAThread(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        new Thread(future).start();
        return future.get();
    }

    /** As the kernel tells it: {@code 0-3,8}. */
    private static String allowed() throws IOException {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .findFirst()
                .orElseThrow();
    }

    private static void pinHere() {
        NativeBuffer mask = NativeBuffer.allocate(MASK_BYTES);
        int cpu = LibC.schedGetcpu();
        mask.bytes().put(cpu / 8, (byte) (1 << cpu % 8));
        assertThat(LibC.schedSetaffinity(mask, MASK_BYTES)).isZero();
    }

    @Test
    void movesAwayAndLeavesTheMaskAsItWas() throws Exception {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "there is one processor");
        int elsewhere = onAThread(() -> {
            String before = allowed();
            int count = 0;
            for (int i = 0; i < 100; i++) {
                int cpu = LibC.schedGetcpu();
                assertThat(CpuAffinity.moveAway()).isTrue();
                if (LibC.schedGetcpu() != cpu) count++;
                assertThat(allowed()).isEqualTo(before);
            }
            return count;
        });
        assertThat(elsewhere).isGreaterThan(50); // the scheduler may have moved it meanwhile
    }

    @Test
    void staysWhereThereIsNoOther() throws Exception {
        onAThread(() -> {
            pinHere();
            String before = allowed();
            assertThat(CpuAffinity.moveAway()).isFalse();
            assertThat(allowed()).isEqualTo(before);
            return null;
        });
    }

    @Test
    @SuppressWarnings("ThreadPriorityCheck") // yields are what is counted
    void aYieldThatLetsAnotherThreadInIsALoss() throws Exception {
        onAThread(() -> {
            pinHere();
            AtomicBoolean over = new AtomicBoolean();
            Thread other = new Thread(
                    () -> { // of the same mask, as a child is
                        while (!over.get()) Thread.yield();
                    });
            other.start();
            long before = CpuAffinity.involuntarySwitches();
            assertThat(before).isNotNegative();
            for (int i = 0; i < 100_000 && CpuAffinity.involuntarySwitches() < before + 100; i++) Thread.yield();
            over.set(true);
            other.join();
            assertThat(CpuAffinity.involuntarySwitches()).isGreaterThanOrEqualTo(before + 100);
            return null;
        });
    }
}

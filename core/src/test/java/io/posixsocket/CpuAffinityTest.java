package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.BitSet;
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

    private static BitSet allowed() {
        NativeBuffer mask = NativeBuffer.allocate(MASK_BYTES);
        assertThat(LibC.schedGetaffinity(mask, MASK_BYTES)).isZero();
        byte[] bytes = new byte[MASK_BYTES];
        mask.bytes().get(0, bytes);
        return BitSet.valueOf(bytes);
    }

    private static void allow(BitSet processors) {
        NativeBuffer mask = NativeBuffer.allocate(MASK_BYTES);
        mask.bytes().put(0, processors.toByteArray());
        assertThat(LibC.schedSetaffinity(mask, MASK_BYTES)).isZero();
    }

    private static void pinHere() {
        BitSet here = new BitSet();
        here.set(LibC.schedGetcpu());
        allow(here);
    }

    @Test
    void movesAwayAndLeavesTheMaskAsItWas() throws Exception {
        assumeTrue(onAThread(() -> allowed().cardinality()) > 1, "there is one processor");
        int elsewhere = onAThread(() -> {
            BitSet some = new BitSet(); // two of them, so narrower than what may be on most machines
            int first = allowed().nextSetBit(0);
            some.set(first);
            some.set(allowed().nextSetBit(first + 1));
            allow(some);
            BitSet before = allowed();
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
            BitSet before = allowed();
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
            other.setDaemon(true);
            other.start();
            try {
                long before = CpuAffinity.involuntarySwitches();
                assertThat(before).isNotNegative();
                for (int i = 0; i < 100_000 && CpuAffinity.involuntarySwitches() < before + 100; i++) Thread.yield();
                assertThat(CpuAffinity.involuntarySwitches()).isGreaterThanOrEqualTo(before + 100);
            } finally {
                over.set(true);
            }
            return null;
        });
    }
}

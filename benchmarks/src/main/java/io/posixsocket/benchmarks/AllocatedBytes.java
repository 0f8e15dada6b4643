package io.posixsocket.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What threads have allocated on the heap since they began. */
final class AllocatedBytes {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AllocatedBytes() {}

    /** Of the calling thread. */
    static long ofThisThread() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /** What one run of {@code task} takes on this thread: the mean of the second half of {@code runs}. */
    static double of(int runs, Runnable task) {
        int half = runs / 2;
        for (int i = 0; i < half; i++) task.run();
        long before = ofThisThread();
        for (int i = 0; i < half; i++) task.run();
        return (double) (ofThisThread() - before) / half;
    }

    /** Of all threads that live, except the calling one. */
    static long ofOtherThreads() {
        long sum = -ofThisThread();
        for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) sum += Math.max(0, bytes);
        return sum;
    }
}

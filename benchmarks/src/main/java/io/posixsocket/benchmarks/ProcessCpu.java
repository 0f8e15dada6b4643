package io.posixsocket.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The processor time of this process. */
final class ProcessCpu {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private ProcessCpu() {}

    /** Of all threads, the collector's and the compiler's too. The JVM counts in steps of 10 ms. */
    static long nanos() {
        return SYSTEM.getProcessCpuTime();
    }
}

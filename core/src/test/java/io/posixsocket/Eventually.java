package io.posixsocket;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A condition that another thread or the kernel brings about, asked for until a generous deadline. */
final class Eventually {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(10);

    private Eventually() {}

    static void holds(String what, BooleanSupplier condition) {
        holds(what, condition, () -> {});
    }

    /** {@code otherwise} may throw something that says more. */
    static void holds(String what, BooleanSupplier condition, Runnable otherwise) {
        long end = System.nanoTime() + LIMIT;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                otherwise.run();
                throw new AssertionError("not within 10 s: " + what);
            }
            LockSupport.parkNanos(500_000);
        }
    }
}

package io.posixsocket.benchmarks;

import java.util.concurrent.Phaser;
import java.util.concurrent.locks.LockSupport;

/** Makes the calls of one caller in one run and takes the time of each. Its results may be read after {@link #join}. */
final class CallerThread extends Thread {
    private final Caller caller;
    private final RunCommand command;
    private final Phaser start;
    private final long[] nanos; // of each call; the lead writes here too, so that it runs the same code

    private long end;
    private long allocatedBytes;
    private Throwable failure;

    CallerThread(Caller caller, RunCommand command, Phaser start) {
        super("caller");
        this.caller = caller;
        this.command = command;
        this.start = start;
        this.nanos = new long[Math.max(command.lead(), command.calls())];
    }

    @Override
    public void run() {
        try {
            makeCalls(command.lead());
            start.arriveAndAwaitAdvance();
            long allocated = AllocatedBytes.ofThisThread();
            makeCalls(command.calls());
            end = System.nanoTime();
            allocatedBytes = AllocatedBytes.ofThisThread() - allocated;
        } catch (Throwable e) {
            failure = e;
            start.forceTermination(); // nobody waits for this one
        }
    }

    private void makeCalls(int calls) throws Exception {
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            if (command.intervalNanos() > 0) awaitTurn(begin + i * command.intervalNanos());
            long before = System.nanoTime();
            caller.call(i);
            nanos[i] = System.nanoTime() - before;
            caller.verify(i);
        }
    }

    private static void awaitTurn(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) LockSupport.parkNanos(left);
    }

    /** The nanoseconds of call {@code number}. */
    long nanos(int number) {
        return nanos[number];
    }

    /** When the last call had ended, by {@link System#nanoTime}. */
    long end() {
        return end;
    }

    /** What this thread allocated during the measured calls. */
    long allocatedBytes() {
        return allocatedBytes;
    }

    /** Why the calls ended early, or null. */
    Throwable failure() {
        return failure;
    }
}

package io.posixsocket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One call on a thread of its own. Knows when that thread sleeps inside a system call. */
final class Caller<T> {
    private final FutureTask<T> task;
    private final Thread thread;
    private volatile Path status;
    private volatile boolean flagAfterwards;

    private Caller(Callable<T> call) {
        task = new FutureTask<>(() -> {
            status = Path.of("/proc")
                    .resolve(Files.readSymbolicLink(Path.of("/proc/thread-self")))
                    .resolve("stat");
            try {
                return call.call();
            } finally {
                flagAfterwards = Thread.currentThread().isInterrupted();
            }
        });
        thread = new Thread(task, "caller");
        thread.setDaemon(true);
    }

    static <T> Caller<T> start(Callable<T> call) {
        Caller<T> caller = new Caller<>(call);
        caller.thread.start();
        return caller;
    }

    /** Returns when the thread sleeps in the named function of {@link LibC}. */
    Caller<T> awaitBlockedIn(String function) {
        Eventually.holds("a thread blocks in " + function, () -> isIn(function) && sleeps() && isIn(function), () -> {
            if (task.isDone()) throw new AssertionError("the call ended at once: " + outcome());
        });
        return this;
    }

    private boolean isIn(String function) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals(LibC.class.getName())
                    && frame.getMethodName().equals(function)) return true;
        }
        return false;
    }

    private boolean sleeps() {
        if (status == null) return false;
        try {
            String line = Files.readString(status);
            return line.startsWith(") S", line.lastIndexOf(')'));
        } catch (IOException e) {
            if (!thread.isAlive()) return false;
            throw new UncheckedIOException(e);
        }
    }

    void interrupt() {
        thread.interrupt();
    }

    /** The interrupt flag of the thread right after the call. */
    boolean wasInterrupted() {
        return flagAfterwards;
    }

    /** What the call returned, within a bounded time. */
    T result() throws Exception {
        return task.get(30, TimeUnit.SECONDS);
    }

    /** What the call threw, within a bounded time; null if it threw nothing. */
    Throwable failure() throws InterruptedException, TimeoutException {
        return failure(Duration.ofSeconds(30));
    }

    /** What the call threw, within {@code limit}; null if it threw nothing. */
    Throwable failure(Duration limit) throws InterruptedException, TimeoutException {
        try {
            task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private String outcome() {
        try {
            return String.valueOf(task.get());
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "?";
        }
    }
}

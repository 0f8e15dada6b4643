package io.posixsocket.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Phaser;

/** A client process's side of the talk with the orchestrator. */
final class ClientConsole {
    static final String DONE = "DONE";
    static final String FAILED = "FAILED";

    private final List<? extends Caller> callers;

    ClientConsole(List<? extends Caller> callers) {
        this.callers = List.copyOf(callers);
    }

    /** As {@link #attend(Terms, Callable, Callable)}, where each caller has a connection of its own anyway. */
    static void attend(Terms terms, Callable<Caller> connect) throws Exception {
        attend(terms, connect, connect);
    }

    /**
     * Connects the callers, and those that stay idle after one call, says so, and obeys each {@code run} until input ends or a call fails, which ends the
     * process with status 1.
     *
     * @param connectAlone a caller that shares its connection with nobody
     */
    static void attend(Terms terms, Callable<Caller> connect, Callable<Caller> connectAlone) throws Exception {
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < terms.callers(); i++)
            callers.add(terms.fresh() ? new FreshCaller(connectAlone) : connect.call());
        List<Caller> crowd = crowd(terms, connectAlone);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        if (!new ClientConsole(callers).attend(in, System.out)) System.exit(1);
        for (Caller idle : crowd) idle.close();
    }

    private static List<Caller> crowd(Terms terms, Callable<Caller> connectAlone) throws Exception {
        List<Caller> crowd = new ArrayList<>();
        for (int i = 0; i < terms.idle(); i++) {
            Caller idle = connectAlone.call();
            idle.call(i); // the server knows it, and all that a call brings is there
            idle.verify(i);
            crowd.add(idle);
        }
        return crowd;
    }

    /** Whether all went well. */
    boolean attend(BufferedReader in, PrintStream out) throws IOException, InterruptedException {
        out.println(ServerConsole.READY);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String outcome = run(RunCommand.parse(line));
            out.println(outcome);
            if (outcome.startsWith(FAILED)) return false;
        }
        return true;
    }

    private String run(RunCommand command) throws IOException, InterruptedException {
        Start start = new Start(callers.size());
        List<CallerThread> threads = new ArrayList<>();
        for (Caller caller : callers) threads.add(new CallerThread(caller, command, start));
        for (CallerThread thread : threads) thread.start();
        for (CallerThread thread : threads) thread.join();
        long cpuNanos = ProcessCpu.nanos() - start.cpuNanos;

        for (CallerThread thread : threads) {
            if (thread.failure() == null) continue;
            thread.failure().printStackTrace();
            return FAILED + " " + thread.failure();
        }
        writeSamples(threads, command);
        long end = start.begin;
        long allocatedBytes = 0;
        for (CallerThread thread : threads) {
            end = Math.max(end, thread.end());
            allocatedBytes += thread.allocatedBytes();
        }
        long calls = (long) command.calls() * callers.size();
        // measured by many messages, so not for each part of a warm-up, which has no lead
        double messageBytes = command.lead() > 0 ? callers.get(0).messageBytes() : Double.NaN;
        return DONE + " calls=" + calls + " wall_nanos=" + (end - start.begin) + " cpu_nanos=" + cpuNanos
                + " allocated_bytes=" + allocatedBytes + " message_bytes="
                + messageBytes;
    }

    /** Where the callers meet between the lead and the measured calls. */
    private static final class Start extends Phaser {
        private long begin;
        private long cpuNanos;

        Start(int callers) {
            super(callers);
        }

        /** Runs in the last caller to come, before any goes on. */
        @Override
        protected boolean onAdvance(int phase, int registeredParties) {
            cpuNanos = ProcessCpu.nanos();
            begin = System.nanoTime();
            return true;
        }
    }

    /** One caller after the other, as native 64-bit integers. */
    private static void writeSamples(List<CallerThread> threads, RunCommand command) throws IOException {
        Path file = command.samples();
        ByteBuffer samples = ByteBuffer.allocate(threads.size() * command.calls() * Long.BYTES)
                .order(ByteOrder.nativeOrder());
        for (CallerThread thread : threads) {
            for (int i = 0; i < command.calls(); i++) samples.putLong(thread.nanos(i));
        }
        Files.write(file, samples.array());
    }
}

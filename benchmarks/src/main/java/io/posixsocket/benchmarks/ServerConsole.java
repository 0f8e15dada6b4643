package io.posixsocket.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A server process's side of the talk with the orchestrator. */
final class ServerConsole {
    static final String READY = "READY";
    static final String CPU = "cpu";
    static final String COLLECT = "collect";
    static final String OBJECTS = "objects";

    private ServerConsole() {}

    /**
     * Says that the server listens, and obeys until standard input ends: answers {@link #CPU} with the nanoseconds of processor
     * time and the bytes that its threads have allocated, {@link #COLLECT} after a garbage collection, and {@link #OBJECTS} with what
     * {@link HeapObjects#parse} takes.
     */
    static void attend() throws IOException {
        System.out.println(READY);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            switch (line) {
                case CPU -> System.out.println(ProcessCpu.nanos() + " " + AllocatedBytes.ofOtherThreads());
                case OBJECTS -> System.out.println(HeapObjects.here().line());
                case COLLECT -> {
                    System.gc();
                    System.out.println(line);
                }
                default -> throw new IllegalArgumentException("unknown command '" + line + "'");
            }
        }
    }
}

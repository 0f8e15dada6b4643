package io.posixsocket.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A server process's side of the talk with the orchestrator. */
final class ServerConsole {
    static final String READY = "READY";
    static final String CPU = "cpu";

    private ServerConsole() {}

    /**
     * Says that the server listens, and answers each {@code cpu}, with the nanoseconds of processor time and the bytes that its
     * threads have allocated, until standard input ends.
     */
    static void attend() throws IOException {
        System.out.println(READY);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (!line.equals(CPU)) throw new IllegalArgumentException("unknown command '" + line + "'");
            System.out.println(ProcessCpu.nanos() + " " + AllocatedBytes.ofOtherThreads());
        }
    }
}

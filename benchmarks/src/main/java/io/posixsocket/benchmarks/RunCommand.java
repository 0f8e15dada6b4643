package io.posixsocket.benchmarks;

import java.nio.file.Path;

/**
 * What the orchestrator asks of a client: {@code run LEAD CALLS INTERVAL FILE}.
 *
 * @param lead calls of each caller that are not measured, before those that are
 * @param calls measured calls of each caller
 * @param intervalNanos from the start of a call to the start of the next; 0: no pause
 * @param samples the file that gets the nanoseconds of each call
 */
record RunCommand(int lead, int calls, long intervalNanos, Path samples) {
    static RunCommand parse(String line) {
        String[] words = line.split(" ", 5);
        if (words.length != 5 || !words[0].equals("run"))
            throw new IllegalArgumentException("'" + line + "' is not: run LEAD CALLS INTERVAL FILE");
        return new RunCommand(
                Integer.parseInt(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3]), Path.of(words[4]));
    }

    @Override
    public String toString() {
        return "run " + lead + " " + calls + " " + intervalNanos + " " + samples;
    }
}

package io.posixsocket.benchmarks;

/**
 * What a server's process has used so far.
 *
 * @param cpuNanos processor time
 * @param allocatedBytes on the heap; NaN if it has none
 */
record ServerUse(long cpuNanos, double allocatedBytes) {
    /** The answer to {@code cpu}: one number or two. */
    static ServerUse parse(String line) {
        String[] words = line.split(" ", -1);
        return new ServerUse(Long.parseLong(words[0]), words.length > 1 ? Double.parseDouble(words[1]) : Double.NaN);
    }

    ServerUse since(ServerUse before) {
        return new ServerUse(cpuNanos - before.cpuNanos, allocatedBytes - before.allocatedBytes);
    }
}

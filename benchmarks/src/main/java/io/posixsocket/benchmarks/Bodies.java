package io.posixsocket.benchmarks;

import java.util.Random;

/** What is sent: a few different bodies in turn, so that a late or lost reply does not look right. */
final class Bodies {
    static final int COUNT = 16;

    private Bodies() {}

    /** The bodies, the same in every process. Body {@code i % COUNT} belongs to call {@code i}. */
    static byte[][] of(int size) {
        Random random = new Random(64);
        byte[][] bodies = new byte[COUNT][size];
        for (byte[] body : bodies) random.nextBytes(body);
        return bodies;
    }
}

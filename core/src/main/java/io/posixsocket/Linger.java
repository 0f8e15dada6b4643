package io.posixsocket;

import java.nio.ByteBuffer;

/**
 * A {@code struct linger}: what {@code close} does with bytes that the peer has not yet taken.
 *
 * @param on whether close waits for them at all
 * @param seconds how long it waits; 0 throws them away and resets the connection
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/V2_chap02.html#tag_16_10_16">POSIX SO_LINGER</a>
 */
public record Linger(boolean on, int seconds) {
    /** The default: close returns at once, the system sends what is left. */
    public static final Linger OFF = new Linger(false, 0);

    static final int SIZE = 8;

    /** @throws IllegalArgumentException if {@code seconds} is negative */
    public Linger {
        if (seconds < 0) throw new IllegalArgumentException("seconds is " + seconds + ", must be at least 0");
    }

    byte[] encode() {
        return StructLayout.allocate(SIZE).putInt(on ? 1 : 0).putInt(seconds).array();
    }

    static Linger decode(ByteBuffer bytes) {
        return new Linger(bytes.getInt(0) != 0, bytes.getInt(4));
    }
}

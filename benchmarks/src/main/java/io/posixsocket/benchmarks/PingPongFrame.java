package io.posixsocket.benchmarks;

import java.nio.ByteBuffer;

/**
 * The frame of the raw contestants: four bytes of length, in the byte order of the buffer, and a body of 64, as in
 * {@code pingpong.c}.
 */
final class PingPongFrame {
    static final int HEADER = 4;
    static final int SIZE = HEADER + Bodies.SIZE;

    private static final byte[][] BODIES = Bodies.all();

    private PingPongFrame() {}

    /** Fills {@code frame} with the request of call {@code number}, ready to be sent. */
    static void putRequest(ByteBuffer frame, int number) {
        frame.clear();
        frame.putInt(Bodies.SIZE).put(BODIES[number % Bodies.COUNT]).flip();
    }

    /** Throws unless {@code frame} begins with the reply to call {@code number}. */
    static void verifyReply(ByteBuffer frame, int number) {
        frame.clear();
        checkLength(frame);
        byte[] body = BODIES[number % Bodies.COUNT];
        for (int i = 0; i < body.length; i++) {
            if (frame.get(HEADER + i) != body[i]) throw WrongReplyException.to(number);
        }
    }

    /** Throws unless the frame announces a body of 64 bytes. */
    static void checkLength(ByteBuffer frame) {
        int length = frame.getInt(0);
        if (length != Bodies.SIZE)
            throw new WrongReplyException("a frame of " + length + " bytes instead of " + Bodies.SIZE);
    }
}

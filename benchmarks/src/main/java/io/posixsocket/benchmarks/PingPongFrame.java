package io.posixsocket.benchmarks;

import java.nio.ByteBuffer;

/**
 * The frames of the raw contestants: four bytes of length, in the byte order of the buffer, and a body whose size both sides
 * know, as in {@code pingpong.c}.
 */
final class PingPongFrame {
    private static final int HEADER = 4;

    private final int bodySize;
    private final byte[][] bodies;

    PingPongFrame(int bodySize) {
        this.bodySize = bodySize;
        this.bodies = Bodies.of(bodySize);
    }

    /** Of a whole frame. */
    int size() {
        return size(bodySize);
    }

    static int size(int bodySize) {
        return HEADER + bodySize;
    }

    /** Fills {@code frame} with the request of call {@code number}, ready to be sent. */
    void putRequest(ByteBuffer frame, int number) {
        frame.clear();
        frame.putInt(bodySize).put(bodies[number % Bodies.COUNT]).flip();
    }

    /** Throws unless {@code frame} begins with the reply to call {@code number}. */
    void verifyReply(ByteBuffer frame, int number) {
        checkLength(frame);
        if (!frame.slice(HEADER, bodySize).equals(ByteBuffer.wrap(bodies[number % Bodies.COUNT])))
            throw WrongReplyException.to(number);
    }

    /** Throws unless the frame announces a body of the size that was agreed. */
    void checkLength(ByteBuffer frame) {
        int length = frame.getInt(0);
        if (length != bodySize) throw new WrongReplyException("a frame of " + length + " bytes instead of " + bodySize);
    }
}

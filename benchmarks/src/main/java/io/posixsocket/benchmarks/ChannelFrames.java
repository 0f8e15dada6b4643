package io.posixsocket.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** Whole frames over a channel: small ones normally take one call each. */
final class ChannelFrames {
    private ChannelFrames() {}

    /** Blocks until the frame, which fills its buffer, has come. False at the end of the stream. */
    static boolean receive(ByteChannel channel, ByteBuffer frame) throws IOException {
        frame.clear();
        while (frame.hasRemaining()) {
            int n = channel.read(frame);
            if (n < 0 && frame.position() == 0) return false;
            if (n < 0) throw new EOFException("the stream ended after " + frame.position() + " bytes of a frame");
        }
        return true;
    }

    /** Blocks until the frame is sent. */
    static void send(ByteChannel channel, ByteBuffer frame) throws IOException {
        frame.clear();
        while (frame.hasRemaining()) channel.write(frame);
    }
}

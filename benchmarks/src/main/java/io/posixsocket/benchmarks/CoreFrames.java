package io.posixsocket.benchmarks;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import java.io.EOFException;
import java.io.IOException;

/** Whole frames over an {@link OwnedFd}: normally one call each. */
final class CoreFrames {
    private CoreFrames() {}

    /** Blocks until the frame has come. False at the end of the stream. */
    static boolean receive(OwnedFd socket, NativeBuffer frame) throws IOException {
        int got = 0;
        while (got < PingPongFrame.SIZE) {
            int n = socket.awaitRecv(frame, got, PingPongFrame.SIZE - got);
            if (n == 0 && got == 0) return false;
            if (n == 0) throw new EOFException("the stream ended after " + got + " bytes of a frame");
            got += n;
        }
        PingPongFrame.checkLength(frame.bytes());
        return true;
    }

    /** Blocks until the frame is sent. */
    static void send(OwnedFd socket, NativeBuffer frame) throws IOException {
        frame.bytes().clear();
        while (frame.bytes().hasRemaining()) socket.send(frame.bytes(), 0);
    }
}

package io.posixsocket.benchmarks;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import java.io.EOFException;
import java.io.IOException;

/** Whole frames over an {@link OwnedFd}: small ones normally take one call each. */
final class CoreFrames {
    private CoreFrames() {}

    /** Blocks until the frame, which fills its buffer, has come. False at the end of the stream. */
    static boolean receive(OwnedFd socket, NativeBuffer frame) throws IOException {
        int got = 0;
        while (got < frame.bytes().capacity()) {
            int n = socket.awaitRecv(frame, got, frame.bytes().capacity() - got);
            if (n == 0 && got == 0) return false;
            if (n == 0) throw new EOFException("the stream ended after " + got + " bytes of a frame");
            got += n;
        }
        return true;
    }

    /** Blocks until the frame is sent. */
    static void send(OwnedFd socket, NativeBuffer frame) throws IOException {
        frame.bytes().clear();
        while (frame.bytes().hasRemaining()) socket.send(frame.bytes(), 0);
    }
}

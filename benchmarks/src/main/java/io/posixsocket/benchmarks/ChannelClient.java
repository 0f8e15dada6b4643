package io.posixsocket.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** Sends frames over blocking channels, of whom its option says. */
final class ChannelClient implements Caller {
    private final ByteChannel channel;
    private final PingPongFrame frame;
    private final ByteBuffer request;
    private final ByteBuffer reply;

    private ChannelClient(Terms terms, PingPongFrame frame) throws IOException {
        this.frame = frame;
        this.request = ByteBuffer.allocateDirect(frame.size());
        this.reply = ByteBuffer.allocateDirect(frame.size());
        this.channel = Channels.of(terms).connect(terms.path());
    }

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        PingPongFrame frame = new PingPongFrame(terms.size());
        ClientConsole.attend(terms, () -> new ChannelClient(terms, frame));
    }

    @Override
    public void call(int number) throws IOException {
        frame.putRequest(request, number);
        ChannelFrames.send(channel, request);
        if (!ChannelFrames.receive(channel, reply)) throw new EOFException("the server ended the stream");
    }

    @Override
    public void verify(int number) {
        frame.verifyReply(reply.clear(), number);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

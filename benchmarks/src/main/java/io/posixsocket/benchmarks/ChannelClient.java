package io.posixsocket.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Sends frames over the JDK's own channels. Arguments: the path, the number of callers. */
final class ChannelClient implements Caller {
    private final SocketChannel channel;
    private final ByteBuffer request = ByteBuffer.allocateDirect(PingPongFrame.SIZE);
    private final ByteBuffer reply = ByteBuffer.allocateDirect(PingPongFrame.SIZE);

    private ChannelClient(String path) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        List<Caller> callers = new ArrayList<>();
        for (int i = Integer.parseInt(args[1]); i > 0; i--) callers.add(new ChannelClient(args[0]));
        ClientConsole.attend(callers);
    }

    @Override
    public void call(int number) throws IOException {
        PingPongFrame.putRequest(request, number);
        ChannelFrames.send(channel, request);
        if (!ChannelFrames.receive(channel, reply)) throw new EOFException("the server ended the stream");
    }

    @Override
    public void verify(int number) {
        PingPongFrame.verifyReply(reply, number);
    }
}

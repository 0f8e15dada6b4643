package io.posixsocket.benchmarks;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import io.posixsocket.SocketConstants;
import io.posixsocket.rpc.Client;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A process that makes one call and tells when it got to what, in nanoseconds of {@link System#nanoTime} that all processes of a
 * machine share: {@code MAIN CONNECTED REPLIED}. Arguments: {@code rpc}, {@code core} or {@code jdk}, and the path.
 */
final class FirstReply {
    private FirstReply() {}

    public static void main(String[] args) throws Exception {
        long main = System.nanoTime();
        Path path = Path.of(args[1]);
        long connected = switch (args[0]) {
            case "rpc" -> rpc(path);
            case "core" -> core(path);
            case "jdk" -> jdk(path);
            default -> throw new IllegalArgumentException(args[0]);
        };
        System.out.println(main + " " + connected + " " + System.nanoTime());
    }

    private static long rpc(Path path) throws Exception {
        try (Client client = Client.connect("unix:".concat(path.toString()))) {
            long connected = System.nanoTime(); // it connects with its first call
            Echo.stub(client).echo(Payload.getDefaultInstance());
            return connected;
        }
    }

    private static long core(Path path) throws Exception {
        PingPongFrame frame = new PingPongFrame(StartStudy.SIZE);
        NativeBuffer buffer = NativeBuffer.allocate(frame.size());
        try (OwnedFd socket =
                OwnedFd.adopt(PosixSocket.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM, 0))) {
            socket.connect(SockaddrUn.path(path.toString()));
            long connected = System.nanoTime();
            frame.putRequest(buffer.bytes(), 0);
            CoreFrames.send(socket, buffer);
            CoreFrames.receive(socket, buffer);
            return connected;
        }
    }

    private static long jdk(Path path) throws Exception {
        PingPongFrame frame = new PingPongFrame(StartStudy.SIZE);
        ByteBuffer buffer = ByteBuffer.allocateDirect(frame.size());
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            long connected = System.nanoTime();
            frame.putRequest(buffer, 0);
            ChannelFrames.send(channel, buffer);
            ChannelFrames.receive(channel, buffer);
            return connected;
        }
    }
}

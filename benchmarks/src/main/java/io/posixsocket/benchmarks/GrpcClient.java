package io.posixsocket.benchmarks;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/** Makes gRPC's blocking calls of {@link Echo}, each calling thread on a channel of its own. Options: {@code direct}, {@code tcp}. */
final class GrpcClient implements Caller {
    private final ManagedChannel channel;
    private final Payloads payloads;
    private Payload reply;

    private GrpcClient(ManagedChannel channel, Payloads payloads) {
        this.channel = channel;
        this.payloads = payloads;
    }

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        Payloads payloads = new Payloads(terms.size());
        if (terms.has(GrpcEcho.TCP)) {
            int port = PortFile.read(terms.path());
            ClientConsole.attend(
                    terms, () -> client(NettyChannelBuilder.forAddress("127.0.0.1", port), terms, payloads));
        } else {
            EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
            ClientConsole.attend(terms, () -> client(onUnix(terms, loops), terms, payloads));
        }
        System.exit(0); // its threads would stay
    }

    private static NettyChannelBuilder onUnix(Terms terms, EventLoopGroup loops) {
        return NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(terms.path().toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(loops)
                .overrideAuthority("localhost");
    }

    private static GrpcClient client(NettyChannelBuilder builder, Terms terms, Payloads payloads) {
        builder.usePlaintext().maxInboundMessageSize(GrpcEcho.MAX_MESSAGE);
        if (terms.has(GrpcEcho.DIRECT)) builder.directExecutor();
        return new GrpcClient(builder.build(), payloads);
    }

    @Override
    public void call(int number) {
        reply = ClientCalls.blockingUnaryCall(channel, GrpcEcho.ECHO, CallOptions.DEFAULT, payloads.request(number));
    }

    @Override
    public void verify(int number) {
        payloads.verifyReply(reply, number);
    }

    @Override
    public double messageBytes() {
        return payloads.messageBytes();
    }

    /** Waits until the connection is closed. */
    @Override
    public void close() throws IOException {
        try {
            if (!channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS))
                throw new IOException("the channel is not closed after 10 s");
        } catch (InterruptedException e) {
            throw new InterruptedIOException("while a channel was being closed");
        }
    }
}

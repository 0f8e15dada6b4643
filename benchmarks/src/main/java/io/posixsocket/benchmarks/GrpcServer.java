package io.posixsocket.benchmarks;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Answers gRPC's calls of {@link Echo}. Options: {@code direct}, {@code tcp}. */
final class GrpcServer {
    private GrpcServer() {}

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        NettyServerBuilder builder = terms.has(GrpcEcho.TCP) ? onTcp() : onUnix(terms);
        builder.maxInboundMessageSize(GrpcEcho.MAX_MESSAGE);
        if (terms.has(GrpcEcho.DIRECT)) builder.directExecutor();
        builder.addService(ServerServiceDefinition.builder(GrpcEcho.SERVICE)
                .addMethod(GrpcEcho.ECHO, ServerCalls.asyncUnaryCall(GrpcServer::echo))
                .build());
        Server server = builder.build().start();
        if (terms.has(GrpcEcho.TCP)) PortFile.write(terms.path(), server.getPort());
        ServerConsole.attend();
        System.exit(0); // its threads would stay
    }

    private static NettyServerBuilder onTcp() {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static NettyServerBuilder onUnix(Terms terms) {
        return NettyServerBuilder.forAddress(
                        new DomainSocketAddress(terms.path().toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
                .workerEventLoopGroup(new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory()));
    }

    private static void echo(Payload request, StreamObserver<Payload> reply) {
        reply.onNext(request);
        reply.onCompleted();
    }
}

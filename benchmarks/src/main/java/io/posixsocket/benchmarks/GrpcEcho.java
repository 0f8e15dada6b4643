package io.posixsocket.benchmarks;

import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;

/** {@link Echo} for gRPC: what its generator would write of one unary method, and what both sides agree on. */
final class GrpcEcho {
    static final String SERVICE = "posixsocket.benchmarks.Echo";
    static final MethodDescriptor<Payload, Payload> ECHO = MethodDescriptor.<Payload, Payload>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Echo"))
            .setRequestMarshaller(ProtoUtils.marshaller(Payload.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(Payload.getDefaultInstance()))
            .setSampledToLocalTracing(true)
            .build();

    /** In bytes: gRPC's own limit is 4 MiB, so that any larger body needs another. */
    static final int MAX_MESSAGE = 8 * 1024 * 1024;

    /** The option by which all goes over TCP, as gRPC chooses by itself. */
    static final String TCP = "tcp";
    /** The option by which both sides run their code on the threads of the transport. */
    static final String DIRECT = "direct";

    private GrpcEcho() {}
}

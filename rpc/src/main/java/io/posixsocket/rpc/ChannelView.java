package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.time.Duration;

/** A client's channel with options. */
record ChannelView(Client client, CallOptions options) implements Channel {
    @Override
    public <Q extends MessageLite, R extends MessageLite> R call(MethodDescriptor<Q, R> method, Q request) {
        return client.call(options, method, request);
    }

    @Override
    public Channel withTimeout(Duration timeout) {
        return new ChannelView(client, options.withTimeout(timeout));
    }

    @Override
    public Channel withDeadline(Deadline deadline) {
        return new ChannelView(client, options.withDeadline(deadline));
    }

    @Override
    public Channel withoutInheritedDeadline() {
        return new ChannelView(client, options.withoutInheritedDeadline());
    }

    @Override
    public Channel withMetadata(Metadata metadata) {
        return new ChannelView(client, options.withMetadata(metadata));
    }

    @Override
    public Channel withInterceptor(Interceptor interceptor) {
        return new ChannelView(client, options.withInterceptor(interceptor));
    }

    @Override
    public String toString() {
        return client.toString();
    }
}

package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/** A client's channel with options. */
record ChannelView(Client client, CallOptions options) implements Channel {
    @Override
    public <Q extends MessageLite, R extends MessageLite> R call(MethodDescriptor<Q, R> method, Q request) {
        method.require(MethodType.UNARY);
        Objects.requireNonNull(request, "request");
        Deadline deadline = options.deadline();
        // a call without interceptors makes no object more than this
        if (options.interceptors().isEmpty())
            return client.unary(options, method, request, deadline, options.metadata());
        return intercepted(method, deadline, metadata -> client.unary(options, method, request, deadline, metadata));
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> void callServerStreaming(
            MethodDescriptor<Q, R> method, Q request, Consumer<? super R> responses) {
        method.require(MethodType.SERVER_STREAMING);
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(responses, "responses");
        Deadline deadline = options.deadline();
        intercepted(method, deadline, metadata -> {
            try (ClientStream<Q, R> stream = client.open(options, method, request, deadline, metadata)) {
                receiveAll(stream, responses);
            }
            return null;
        });
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> R callClientStreaming(
            MethodDescriptor<Q, R> method, Iterable<? extends Q> requests) {
        method.require(MethodType.CLIENT_STREAMING);
        Objects.requireNonNull(requests, "requests");
        Deadline deadline = options.deadline();
        return intercepted(method, deadline, metadata -> {
            try (ClientStream<Q, R> stream = client.open(options, method, null, deadline, metadata)) {
                for (Q request : requests) if (!stream.offer(request)) break; // the server has answered already
                stream.closeSend();
                return stream.receive();
            }
        });
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> void callBidiStreaming(
            MethodDescriptor<Q, R> method, Iterable<? extends Q> requests, Consumer<? super R> responses) {
        method.require(MethodType.BIDI_STREAMING);
        Objects.requireNonNull(requests, "requests");
        Objects.requireNonNull(responses, "responses");
        Deadline deadline = options.deadline();
        intercepted(method, deadline, metadata -> {
            converse(client.open(options, method, null, deadline, metadata), requests, responses);
            return null;
        });
    }

    private static <Q extends MessageLite, R extends MessageLite> void converse(
            ClientStream<Q, R> stream, Iterable<? extends Q> requests, Consumer<? super R> responses) {
        RequestWalker<Q> walker = new RequestWalker<>(stream, requests);
        try (stream) {
            walker.start();
            receiveAll(stream, responses);
        } catch (StatusException e) {
            walker.end();
            throwAsIs(walker.failure()); // it is why the call ended
            throw e;
        } finally {
            walker.end();
        }
    }

    /** What comes out of the requests is unchecked, or was thrown behind the compiler's back. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void throwAsIs(Throwable failure) throws E {
        if (failure != null) throw (E) failure;
    }

    private static <R extends MessageLite> void receiveAll(ClientStream<?, R> stream, Consumer<? super R> responses) {
        for (R response = stream.receive(); response != null; response = stream.receive()) responses.accept(response);
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> Call<Q, R> start(MethodDescriptor<Q, R> method) {
        Deadline deadline = options.deadline();
        return method.type().requestsStream()
                ? open(method, null, deadline)
                : new OneRequestCall<>(method, request -> open(method, request, deadline));
    }

    /** Opens a conversation, which is what interceptors see of it. */
    private <Q extends MessageLite, R extends MessageLite> Call<Q, R> open(
            MethodDescriptor<Q, R> method, Q request, Deadline deadline) {
        Result<Call<Q, R>> opened = new Result<>();
        boolean complete = false;
        try {
            Call<Q, R> call = intercepted(
                    method,
                    deadline,
                    metadata -> opened.value = client.open(options, method, request, deadline, metadata));
            complete = true;
            return call;
        } finally { // an interceptor may throw whatever it likes after it has proceeded: that is how the call ends
            if (!complete && opened.value != null) opened.value.close();
        }
    }

    private <T> T intercepted(MethodDescriptor<?, ?> method, Deadline deadline, Function<Metadata, T> core) {
        if (options.interceptors().isEmpty()) return core.apply(options.metadata());
        ClientCall call = new ClientCall(method, deadline, options.metadata());
        Result<T> result = new Result<>();
        InterceptorChain.run(options.interceptors(), call, () -> result.value = core.apply(call.proceed()));
        return result.value;
    }

    private static final class Result<T> {
        T value;
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
    public Channel withWaitForReady() {
        return new ChannelView(client, options.withWaitForReady());
    }

    @Override
    public Channel withRetry(Retry retry) {
        return new ChannelView(client, options.withRetry(retry));
    }

    @Override
    public String toString() {
        return client.toString();
    }
}

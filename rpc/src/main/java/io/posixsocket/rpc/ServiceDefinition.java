package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** A service as a server runs it: its methods and the code behind each. Immutable. */
public final class ServiceDefinition {
    /** What runs a call: which of its parameters are null, and what it returns, is the method's type's. */
    @FunctionalInterface
    interface Code<Q, R> {
        R run(Q request, Iterable<Q> requests, Consumer<R> responses);
    }

    /** A method and its code, which may be called by many threads at once. */
    record Handler<Q extends MessageLite, R extends MessageLite>(MethodDescriptor<Q, R> method, Code<Q, R> code) {}

    private final String name;
    private final Map<String, Handler<?, ?>> handlers;

    private ServiceDefinition(String name, Map<String, Handler<?, ?>> handlers) {
        this.name = name;
        this.handlers = handlers;
    }

    /** Starts a definition of the service with this full protobuf name. */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** The full protobuf name: {@code demo.v1.Greeter}. */
    public String name() {
        return name;
    }

    Iterable<Handler<?, ?>> handlers() {
        return handlers.values();
    }

    /** {@code demo.v1.Greeter[SayHello, SayGoodbye]}. */
    @Override
    public String toString() {
        return name + handlers.keySet();
    }

    /** Collects the methods of a service. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final Map<String, Handler<?, ?>> handlers = new LinkedHashMap<>();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * Adds a unary method.
         *
         * @param handler called for each request by the thread that read it, by many threads at once. Its exceptions reach
         *     the caller: a {@link StatusException} as it is, another one as UNKNOWN with its message
         * @throws IllegalArgumentException if the method is of another type or service, or was added before
         */
        public <Q extends MessageLite, R extends MessageLite> Builder unary(
                MethodDescriptor<Q, R> method, Function<? super Q, ? extends R> handler) {
            Objects.requireNonNull(handler, "handler");
            return add(method, MethodType.UNARY, (request, requests, responses) -> handler.apply(request));
        }

        /**
         * Adds a method that streams requests; otherwise as {@link #unary}.
         *
         * @param handler its Iterable is walked once, on the handler's thread, and blocks until the caller sends; one that is
         *     not walked to its end loses the rest
         */
        public <Q extends MessageLite, R extends MessageLite> Builder clientStreaming(
                MethodDescriptor<Q, R> method, Function<? super Iterable<Q>, ? extends R> handler) {
            Objects.requireNonNull(handler, "handler");
            return add(method, MethodType.CLIENT_STREAMING, (request, requests, responses) -> handler.apply(requests));
        }

        /**
         * Adds a method that streams replies; otherwise as {@link #unary}.
         *
         * @param handler its Consumer takes messages from any thread until the handler has returned, and throws
         *     IllegalStateException then. It blocks while the caller does not take them, and throws a {@link StatusException} when
         *     nobody waits for them any more
         */
        public <Q extends MessageLite, R extends MessageLite> Builder serverStreaming(
                MethodDescriptor<Q, R> method, BiConsumer<? super Q, ? super Consumer<R>> handler) {
            Objects.requireNonNull(handler, "handler");
            return add(method, MethodType.SERVER_STREAMING, (request, requests, responses) -> {
                handler.accept(request, responses);
                return null;
            });
        }

        /** Adds a method that streams both ways, as {@link #clientStreaming} and {@link #serverStreaming} do each. */
        public <Q extends MessageLite, R extends MessageLite> Builder bidiStreaming(
                MethodDescriptor<Q, R> method, BiConsumer<? super Iterable<Q>, ? super Consumer<R>> handler) {
            Objects.requireNonNull(handler, "handler");
            return add(method, MethodType.BIDI_STREAMING, (request, requests, responses) -> {
                handler.accept(requests, responses);
                return null;
            });
        }

        private <Q extends MessageLite, R extends MessageLite> Builder add(
                MethodDescriptor<Q, R> method, MethodType type, Code<Q, R> code) {
            method.require(type);
            if (!method.service().equals(name))
                throw new IllegalArgumentException("method " + method + " is not of service " + name);
            if (handlers.putIfAbsent(method.method(), new Handler<>(method, code)) != null)
                throw new IllegalArgumentException("method " + method + " was added before");
            return this;
        }

        /** The definition. */
        public ServiceDefinition build() {
            return new ServiceDefinition(name, new LinkedHashMap<>(handlers));
        }
    }
}

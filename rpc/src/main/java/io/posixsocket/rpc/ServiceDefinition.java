package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** A service as a server runs it: its methods and the code behind each. Immutable. */
public final class ServiceDefinition {
    /** A method and its handler, which may be called by many threads at once. */
    record Handler<Q extends MessageLite, R extends MessageLite>(
            MethodDescriptor<Q, R> method, Function<? super Q, ? extends R> function) {}

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
         * @throws IllegalArgumentException if the method belongs to another service or was added before
         */
        public <Q extends MessageLite, R extends MessageLite> Builder unary(
                MethodDescriptor<Q, R> method, Function<? super Q, ? extends R> handler) {
            Objects.requireNonNull(handler, "handler");
            if (!method.service().equals(name))
                throw new IllegalArgumentException("method " + method + " is not of service " + name);
            if (handlers.putIfAbsent(method.method(), new Handler<>(method, handler)) != null)
                throw new IllegalArgumentException("method " + method + " was added before");
            return this;
        }

        /** The definition. */
        public ServiceDefinition build() {
            return new ServiceDefinition(name, new LinkedHashMap<>(handlers));
        }
    }
}

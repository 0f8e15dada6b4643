package io.posixsocket.codegen;

import com.google.protobuf.Descriptors.MethodDescriptor;

/** On which side a method streams, and what that makes of it in Java. */
enum Shape {
    UNARY("unary", "call", "%1$s request", "%2$s", "request"),
    CLIENT_STREAMING("clientStreaming", "callClientStreaming", "java.lang.Iterable<%1$s> requests", "%2$s", "requests"),
    SERVER_STREAMING(
            "serverStreaming",
            "callServerStreaming",
            "%1$s request, java.util.function.Consumer<%2$s> responses",
            "void",
            "request, responses"),
    BIDI_STREAMING(
            "bidiStreaming",
            "callBidiStreaming",
            "java.lang.Iterable<%1$s> requests, java.util.function.Consumer<%2$s> responses",
            "void",
            "requests, responses");

    private final String factory;
    private final String call;
    private final String parameters;
    private final String result;
    private final String arguments;

    Shape(String factory, String call, String parameters, String result, String arguments) {
        this.factory = factory;
        this.call = call;
        this.parameters = parameters;
        this.result = result;
        this.arguments = arguments;
    }

    static Shape of(MethodDescriptor method) {
        if (method.isClientStreaming()) {
            return method.isServerStreaming() ? BIDI_STREAMING : CLIENT_STREAMING;
        }
        return method.isServerStreaming() ? SERVER_STREAMING : UNARY;
    }

    /** The method of {@code MethodDescriptor} and of {@code ServiceDefinition.Builder} that makes one of these. */
    String factory() {
        return factory;
    }

    /** The method of {@code Channel} that calls one of these. */
    String call() {
        return call;
    }

    /** The method as it is declared: {@code R name(Q request)}. */
    String signature(String name, String request, String reply) {
        return (result + " %3$s(" + parameters + ")").formatted(request, reply, name);
    }

    /** What a caller passes on: the names in {@link #signature}. */
    String arguments() {
        return arguments;
    }

    boolean hasResult() {
        return !result.equals("void");
    }
}

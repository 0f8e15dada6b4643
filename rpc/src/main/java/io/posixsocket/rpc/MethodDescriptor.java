package io.posixsocket.rpc;

import static com.google.protobuf.CodedOutputStream.computeStringSize;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * A method of a service: its names on the wire and how its messages are read. Generated code holds one constant for each.
 *
 * @param <Q> the request, or each of them
 * @param <R> the reply, or each of them
 */
public final class MethodDescriptor<Q extends MessageLite, R extends MessageLite> {
    /** Names longer than this in sum are nobody's; the server refuses them unread. */
    static final int MAX_NAMES = 1024;

    private final String service;
    private final String method;
    private final MethodType type;
    private final Idempotency idempotency;
    private final Parser<Q> requestParser;
    private final Parser<R> replyParser;
    private final byte[] names;
    private final String text;

    private MethodDescriptor(
            String service,
            String method,
            MethodType type,
            Idempotency idempotency,
            Parser<Q> requestParser,
            Parser<R> replyParser) {
        this.service = requireName("service", service);
        this.method = requireName("method", method);
        this.type = type;
        this.idempotency = Objects.requireNonNull(idempotency, "idempotency");
        this.requestParser = Objects.requireNonNull(requestParser, "requestParser");
        this.replyParser = Objects.requireNonNull(replyParser, "replyParser");
        this.names = encodeNames();
        this.text = service + "/" + method;
        if (names.length > MAX_NAMES)
            throw new IllegalArgumentException("names of " + this + " are " + names.length
                    + " bytes on the wire, at most " + MAX_NAMES + " are allowed");
    }

    /**
     * A method with one request and one reply.
     *
     * @param service the full protobuf name, {@code demo.v1.Greeter}
     * @param method the bare name, {@code SayHello}
     */
    public static <Q extends MessageLite, R extends MessageLite> MethodDescriptor<Q, R> unary(
            String service, String method, Parser<Q> requestParser, Parser<R> replyParser) {
        return of(service, method, MethodType.UNARY, requestParser, replyParser);
    }

    /** A method with a stream of requests and one reply; otherwise as {@link #unary}. */
    public static <Q extends MessageLite, R extends MessageLite> MethodDescriptor<Q, R> clientStreaming(
            String service, String method, Parser<Q> requestParser, Parser<R> replyParser) {
        return of(service, method, MethodType.CLIENT_STREAMING, requestParser, replyParser);
    }

    /** A method with one request and a stream of replies; otherwise as {@link #unary}. */
    public static <Q extends MessageLite, R extends MessageLite> MethodDescriptor<Q, R> serverStreaming(
            String service, String method, Parser<Q> requestParser, Parser<R> replyParser) {
        return of(service, method, MethodType.SERVER_STREAMING, requestParser, replyParser);
    }

    /** A method with a stream of requests and a stream of replies; otherwise as {@link #unary}. */
    public static <Q extends MessageLite, R extends MessageLite> MethodDescriptor<Q, R> bidiStreaming(
            String service, String method, Parser<Q> requestParser, Parser<R> replyParser) {
        return of(service, method, MethodType.BIDI_STREAMING, requestParser, replyParser);
    }

    private static <Q extends MessageLite, R extends MessageLite> MethodDescriptor<Q, R> of(
            String service, String method, MethodType type, Parser<Q> requestParser, Parser<R> replyParser) {
        return new MethodDescriptor<>(service, method, type, Idempotency.UNKNOWN, requestParser, replyParser);
    }

    /** The same method with what its author says of calling it twice: {@code idempotency_level} in the .proto. */
    public MethodDescriptor<Q, R> withIdempotency(Idempotency idempotency) {
        return new MethodDescriptor<>(service, method, type, idempotency, requestParser, replyParser);
    }

    private static String requireName(String what, String name) {
        if (name.isEmpty()) throw new IllegalArgumentException(what + " name is empty");
        return name;
    }

    /** The service's full protobuf name: {@code demo.v1.Greeter}. */
    public String service() {
        return service;
    }

    /** The method's bare name: {@code SayHello}. */
    public String method() {
        return method;
    }

    /** On which side it streams. */
    public MethodType type() {
        return type;
    }

    /** Whether a call may be made twice. */
    public Idempotency idempotency() {
        return idempotency;
    }

    /** Reads a request. */
    public Parser<Q> requestParser() {
        return requestParser;
    }

    /** Reads a reply. */
    public Parser<R> replyParser() {
        return replyParser;
    }

    /** What a server answers when it does not have this method. For generated code. */
    public StatusException unimplemented() {
        return new StatusException(Status.UNIMPLEMENTED, "method " + method);
    }

    /** @throws IllegalArgumentException if it is of another type than the call */
    void require(MethodType expected) {
        if (type != expected)
            throw new IllegalArgumentException("method " + this + " is " + type + ", called as " + expected);
    }

    /** Fields 1 and 2 of a Request, as they are on the wire: a caller copies them, a server compares them. */
    byte[] names() {
        return names;
    }

    private byte[] encodeNames() {
        byte[] bytes = new byte[computeStringSize(Wire.SERVICE, service) + computeStringSize(Wire.METHOD, method)];
        try {
            CodedOutputStream to = CodedOutputStream.newInstance(bytes);
            to.writeString(Wire.SERVICE, service);
            to.writeString(Wire.METHOD, method);
        } catch (IOException e) {
            throw new UncheckedIOException("the array has the computed size", e);
        }
        return bytes;
    }

    /** {@code demo.v1.Greeter/SayHello}. */
    @Override
    public String toString() {
        return text;
    }
}

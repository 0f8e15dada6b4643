package io.posixsocket.codegen;

import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;

/**
 * The interface of a service. In an expression a variable hides a package of the same name, and a package of messages
 * may have any name. So no expression names a message's class where a parameter is in scope, only the initializers of
 * constants do; that no constant hides a package is checked by {@link JavaService}.
 */
final class InterfaceSource {
    private static final String ABOUT = """
        This is {@code %s} for both sides:
        a server implements this interface and offers it through {@link #service},
        a client calls it on what {@link #stub} returns.
        A call ends when its method returns or throws a {@link io.posixsocket.rpc.StatusException}.
        """;
    private static final String ABOUT_STREAMS = """
        An Iterable of requests is walked once; a Consumer takes responses until the method returns.
        """;
    private static final String ABOUT_DEFAULTS = """
        Methods that a server does not override fail with UNIMPLEMENTED.
        """;

    private InterfaceSource() {}

    static String of(JavaService service, Options options) {
        SourceWriter out = new SourceWriter(options)
                .add(FileHead.of(service.file()))
                .doc(Javadoc.of(service.comment(), about(service, options)))
                .add(Annotations.ofEveryType(service.file(), options))
                .add(Annotations.of(service))
                .add("public interface %s {".formatted(service.interfaceName()))
                .indent()
                .doc("/** The full name of the service, as it is sent with each call. */")
                .add("""
                    java.lang.String SERVICE_NAME = "%s";

                    """.formatted(service.fullName()));
        service.methods().forEach(method -> addConstant(out, method));
        service.methods().forEach(method -> addMethod(out, method, options));
        addStubFactory(out, service);
        addServiceFactory(out, service);
        addFileDescriptor(out, service);
        return out.outdent().add("}").toString();
    }

    private static String about(JavaService service, Options options) {
        return ABOUT.formatted(service.fullName())
                + (service.streams() ? ABOUT_STREAMS : "")
                + (options.strict() ? "" : ABOUT_DEFAULTS);
    }

    private static void addConstant(SourceWriter out, JavaMethod method) {
        String request = method.request().className();
        String reply = method.reply().className();
        out.doc("/** Describes {@link #%s}. */".formatted(method.name()))
                .add(Annotations.of(method))
                .add("""
                    io.posixsocket.rpc.MethodDescriptor<%s, %s> %s =
                            io.posixsocket.rpc.MethodDescriptor.%s(
                                    SERVICE_NAME,
                                    "%s",
                                    %s.parser(),
                                    %s.parser())%s;

                    """.formatted(
                                request,
                                reply,
                                method.constant(),
                                method.shape().factory(),
                                method.rpc(),
                                request,
                                reply,
                                idempotency(method)));
    }

    private static String idempotency(JavaMethod method) {
        return method.idempotency() == IdempotencyLevel.IDEMPOTENCY_UNKNOWN
                ? ""
                : "\n                .withIdempotency(io.posixsocket.rpc.Idempotency.%s)"
                        .formatted(method.idempotency());
    }

    private static void addMethod(SourceWriter out, JavaMethod method, Options options) {
        out.doc(Javadoc.of(method.comment(), "")).add(Annotations.of(method));
        if (options.strict()) {
            out.add(method.signature() + ";");
        } else {
            out.add("""
                default %s {
                    throw %s.unimplemented();
                }
                """.formatted(method.signature(), method.constant()));
        }
        out.space();
    }

    private static void addStubFactory(SourceWriter out, JavaService service) {
        out.doc("""
                /**
                 * Returns the client's side: each method is a call through the channel.
                 *
                 * @param channel where calls start; the stub does not close it
                 * @return a stub that is as safe for use by many threads as the channel
                 */
                """).add("""
                static %s stub(io.posixsocket.rpc.Channel channel) {
                    return new %s(channel);
                }

                """.formatted(service.interfaceName(), service.stubName()));
    }

    private static void addServiceFactory(SourceWriter out, JavaService service) {
        out.doc("""
                /**
                 * Returns the server's side: each call is a call of the implementation's method.
                 *
                 * @param implementation is called by as many threads at once as there are calls
                 * @return what a server offers
                 */
                """).add("""
                    static io.posixsocket.rpc.ServiceDefinition service(%s implementation) {
                        java.util.Objects.requireNonNull(implementation, "implementation");
                        io.posixsocket.rpc.ServiceDefinition.Builder builder =
                                io.posixsocket.rpc.ServiceDefinition.builder(SERVICE_NAME);
                    """.formatted(service.interfaceName())).indent();
        // Not one chain of calls: with some 800 of them javac runs out of stack.
        for (JavaMethod method : service.methods()) {
            out.add("builder.%s(%s, implementation::%s);"
                    .formatted(method.shape().factory(), method.constant(), method.name()));
        }
        out.add("return builder.build();").outdent().add("}").space();
    }

    private static void addFileDescriptor(SourceWriter out, JavaService service) {
        out.doc("""
                /**
                 * Returns the .proto file of the service as a serialized FileDescriptorProto: without comments, its imports by
                 * name alone.
                 *
                 * @return a new array
                 */
                """).add("""
                static byte[] fileDescriptor() {
                    return %s.fileDescriptor();
                }
                """.formatted(service.file().className()));
    }
}

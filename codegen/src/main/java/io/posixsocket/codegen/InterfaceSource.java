package io.posixsocket.codegen;

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
        A call ends when its method returns the reply or throws a {@link io.posixsocket.rpc.StatusException}.
        Methods that a server does not override fail with UNIMPLEMENTED.
        """;

    private InterfaceSource() {}

    static String of(JavaService service) {
        SourceWriter out = new SourceWriter()
                .add(FileHead.of(service))
                .add(Javadoc.of(service.comment(), ABOUT.formatted(service.fullName())))
                .add(Annotations.of(service))
                .add("public interface %s {".formatted(service.interfaceName()))
                .indent()
                .add("""
                    /** The full name of the service, as it is sent with each call. */
                    java.lang.String SERVICE_NAME = "%s";

                    """.formatted(service.fullName()));
        service.methods().forEach(method -> out.add(constant(method)).space());
        service.methods().forEach(method -> out.add(method(method)).space());
        return out.add(stubFactory(service))
                .space()
                .add(serviceFactory(service))
                .outdent()
                .add("}")
                .toString();
    }

    private static String constant(JavaMethod method) {
        String request = method.request().className();
        String reply = method.reply().className();
        return """
            /** Describes {@link #%s}. */
            %sio.posixsocket.rpc.MethodDescriptor<%s, %s> %s =
                    io.posixsocket.rpc.MethodDescriptor.unary(
                            SERVICE_NAME,
                            "%s",
                            %s.parser(),
                            %s.parser());
            """.formatted(
                method.name(), Annotations.of(method), request, reply, method.constant(), method.rpc(), request, reply);
    }

    private static String method(JavaMethod method) {
        return Javadoc.of(method.comment(), "")
                + """
                %sdefault %s %s(%s request) {
                    throw %s.unimplemented();
                }
                """.formatted(
                                Annotations.of(method),
                                method.reply().className(),
                                method.name(),
                                method.request().className(),
                                method.constant());
    }

    private static String stubFactory(JavaService service) {
        return """
            /**
             * Returns the client's side: each method is a call through the channel.
             *
             * @param channel where calls start; the stub does not close it
             * @return a stub that is as safe for use by many threads as the channel
             */
            static %s stub(io.posixsocket.rpc.Channel channel) {
                return new %s(channel);
            }
            """.formatted(service.interfaceName(), service.stubName());
    }

    private static String serviceFactory(JavaService service) {
        SourceWriter out = new SourceWriter()
                .add("""
                    /**
                     * Returns the server's side: each call is a call of the implementation's method.
                     *
                     * @param implementation is called by as many threads at once as there are calls
                     * @return what a server offers
                     */
                    static io.posixsocket.rpc.ServiceDefinition service(%s implementation) {
                        java.util.Objects.requireNonNull(implementation, "implementation");
                        return io.posixsocket.rpc.ServiceDefinition.builder(SERVICE_NAME)
                    """.formatted(service.interfaceName()))
                .indent()
                .indent()
                .indent();
        for (JavaMethod method : service.methods()) {
            out.add(".unary(%s, implementation::%s)".formatted(method.constant(), method.name()));
        }
        return out.add(".build();").outdent().outdent().outdent().add("}").toString();
    }
}

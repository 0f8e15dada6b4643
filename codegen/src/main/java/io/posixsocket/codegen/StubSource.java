package io.posixsocket.codegen;

/** The client's side of a service: its interface over a channel. */
final class StubSource {
    private StubSource() {}

    static String of(JavaService service, Options options) {
        SourceWriter out = new SourceWriter(options)
                .add(FileHead.of(service.file()))
                .add(Annotations.ofEveryType(service.file(), options))
                .add(Annotations.silence(service))
                .add("""
                    final class %1$s implements %2$s {
                        private final io.posixsocket.rpc.Channel channel;

                        %1$s(io.posixsocket.rpc.Channel channel) {
                            this.channel = java.util.Objects.requireNonNull(channel, "channel");
                        }
                    """.formatted(service.stubName(), service.interfaceName()))
                .indent();
        service.methods().forEach(method -> out.space().add(method(method)));
        return out.space().add("""
            @java.lang.Override
            public java.lang.String toString() {
                return SERVICE_NAME + " on " + channel;
            }
            """).outdent().add("}").toString();
    }

    private static String method(JavaMethod method) {
        return """
            @java.lang.Override
            public %s {
                %schannel.%s(%s, %s);
            }
            """.formatted(
                        method.signature(),
                        method.shape().hasResult() ? "return " : "",
                        method.shape().call(),
                        method.constant(),
                        method.shape().arguments());
    }
}

package io.posixsocket.benchmarks;

import io.posixsocket.SockaddrIn;
import io.posixsocket.rpc.Server;
import java.io.IOException;

/** Answers the calls of {@link Echo}. Options: {@code noSpin}, {@code tcp}. */
final class RpcServer implements Echo {
    private static final String TCP = "ipv4:127.0.0.1:";

    private RpcServer() {}

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        boolean tcp = terms.has("tcp");
        Server.Builder builder =
                Server.builder().listen(tcp ? TCP + 0 : "unix:" + terms.path()).service(Echo.service(new RpcServer()));
        if (tcp) builder.allowAnyLocalUser();
        if (terms.has("noSpin")) builder.noSpin();
        Server server = builder.start();
        try (server) {
            if (tcp)
                PortFile.write(terms.path(), ((SockaddrIn) server.addresses().get(0)).port());
            ServerConsole.attend();
        }
    }

    /** Where a client of a server that is ready finds it. */
    static String address(Terms terms) throws IOException {
        return terms.has("tcp") ? TCP + PortFile.read(terms.path()) : "unix:" + terms.path();
    }

    @Override
    public Payload echo(Payload request) {
        return request;
    }
}

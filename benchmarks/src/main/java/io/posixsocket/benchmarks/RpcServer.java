package io.posixsocket.benchmarks;

import io.posixsocket.SockaddrIn;
import io.posixsocket.rpc.Server;
import java.io.IOException;
import java.util.function.Consumer;

/** Answers the calls of {@link Echo}. Options: {@code noSpin}, {@code tcp}, {@code many} for thousands of connections. */
final class RpcServer implements Echo {
    private static final int MANY = 10_000;
    private static final String TCP = "ipv4:127.0.0.1:";

    private RpcServer() {}

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        boolean tcp = terms.has("tcp");
        Server.Builder builder =
                Server.builder().listen(tcp ? TCP + 0 : "unix:" + terms.path()).service(Echo.service(new RpcServer()));
        if (tcp) builder.allowAnyLocalUser();
        if (terms.has("noSpin")) builder.noSpin();
        if (terms.has("many") || terms.idle() > 0) builder.maxConnections(MANY).maxConnectionsPerUser(MANY);
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

    @Override
    public void pour(Pouring request, Consumer<Payload> responses) {
        for (int i = 0; i < request.getMessages(); i++) responses.accept(request.getPayload());
    }

    @Override
    public Counted count(Iterable<Payload> requests) {
        int count = 0;
        for (Payload request : requests) if (!request.getBody().isEmpty()) count++;
        return Counted.newBuilder().setMessages(count).build();
    }

    @Override
    public void echoAll(Iterable<Payload> requests, Consumer<Payload> responses) {
        requests.forEach(responses);
    }
}

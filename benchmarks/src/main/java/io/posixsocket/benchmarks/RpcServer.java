package io.posixsocket.benchmarks;

import io.posixsocket.rpc.Server;

/** Answers the calls of {@link Echo}. Arguments: the path, {@code spin} or {@code noSpin}. */
final class RpcServer implements Echo {
    private RpcServer() {}

    public static void main(String[] args) throws Exception {
        Server.Builder builder = Server.builder().listen("unix:" + args[0]).service(Echo.service(new RpcServer()));
        if (args[1].equals("noSpin")) builder.noSpin();
        Server server = builder.start();
        try (server) {
            ServerConsole.attend();
        }
    }

    @Override
    public Payload echo(Payload request) {
        return request;
    }
}

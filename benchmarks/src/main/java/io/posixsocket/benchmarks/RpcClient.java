package io.posixsocket.benchmarks;

import io.posixsocket.rpc.Client;
import java.time.Duration;

/**
 * Calls {@link Echo} through the generated stub of one client, whose pool gives each calling thread a connection of its
 * own. Options: {@code noSpin}, {@code tcp}.
 */
final class RpcClient implements Caller {
    private final Client own; // null if others share it
    private final Echo echo;
    private final Payloads payloads;
    private Payload reply;

    private RpcClient(Client client, boolean isOwn, Payloads payloads) {
        this.own = isOwn ? client : null;
        this.echo = Echo.stub(client);
        this.payloads = payloads;
    }

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        Payloads payloads = new Payloads(terms.size());
        try (Client client = client(terms)) {
            ClientConsole.attend(
                    terms,
                    () -> new RpcClient(client, false, payloads),
                    () -> new RpcClient(client(terms), true, payloads));
        }
    }

    private static Client client(Terms terms) throws Exception {
        Client.Builder builder = Client.builder(RpcServer.address(terms));
        if (terms.has("tcp")) builder.allowAnyLocalUser();
        if (terms.has("noSpin")) builder.noSpin();
        if (terms.idle() > 0) builder.idleTimeout(Duration.ofHours(1));
        if (terms.callers() > 64) builder.maxConnections(terms.callers()); // a connection each
        return builder.build();
    }

    @Override
    public void call(int number) {
        reply = echo.echo(payloads.request(number));
    }

    @Override
    public void verify(int number) {
        payloads.verifyReply(reply, number);
    }

    @Override
    public double messageBytes() {
        return payloads.messageBytes();
    }

    @Override
    public void close() {
        if (own != null) own.close();
    }
}

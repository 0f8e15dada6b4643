package io.posixsocket.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.posixsocket.rpc.Client;
import java.util.Arrays;

/**
 * Calls {@link Echo} through the generated stub of one client, whose pool gives each calling thread a connection of its
 * own. Options: {@code noSpin}, {@code tcp}.
 */
final class RpcClient implements Caller {
    private final Client own; // null if others share it
    private final Echo echo;
    private final Payload[] payloads;
    private Payload reply;

    private RpcClient(Client client, boolean isOwn, Payload[] payloads) {
        this.own = isOwn ? client : null;
        this.echo = Echo.stub(client);
        this.payloads = payloads;
    }

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        Payload[] payloads = Arrays.stream(Bodies.of(terms.size()))
                .map(body ->
                        Payload.newBuilder().setBody(ByteString.copyFrom(body)).build())
                .toArray(Payload[]::new);
        try (Client client = client(terms)) {
            ClientConsole.attend(
                    terms, () -> new RpcClient(terms.fresh() ? client(terms) : client, terms.fresh(), payloads));
        }
    }

    private static Client client(Terms terms) throws Exception {
        Client.Builder builder = Client.builder(RpcServer.address(terms));
        if (terms.has("tcp")) builder.allowAnyLocalUser();
        if (terms.has("noSpin")) builder.noSpin();
        return builder.build();
    }

    @Override
    public void call(int number) {
        reply = echo.echo(payloads[number % Bodies.COUNT]);
    }

    @Override
    public void verify(int number) {
        if (!reply.getBody().equals(payloads[number % Bodies.COUNT].getBody())) throw WrongReplyException.to(number);
    }

    @Override
    public double messageBytes() {
        byte[] bytes = payloads[0].toByteArray();
        return AllocatedBytes.of(Math.max(10, 10_000_000 / (bytes.length + 100)), () -> parse(bytes));
    }

    private void parse(byte[] bytes) {
        try {
            reply = Payload.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (own != null) own.close();
    }
}

package io.posixsocket.benchmarks;

import com.google.protobuf.ByteString;
import io.posixsocket.rpc.Client;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Calls {@link Echo} through the generated stub of one client, whose pool gives each calling thread a connection of its
 * own. Arguments: the path, the number of callers, {@code spin} or {@code noSpin}.
 */
final class RpcClient implements Caller {
    private static final Payload[] PAYLOADS = Arrays.stream(Bodies.all())
            .map(body -> Payload.newBuilder().setBody(ByteString.copyFrom(body)).build())
            .toArray(Payload[]::new);

    private final Echo echo;
    private Payload reply;

    private RpcClient(Echo echo) {
        this.echo = echo;
    }

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[1]);
        Client.Builder builder = Client.builder("unix:" + args[0]);
        if (args[2].equals("noSpin")) builder.noSpin();
        try (Client client = builder.build()) {
            List<Caller> callers = new ArrayList<>();
            for (int i = 0; i < count; i++) callers.add(new RpcClient(Echo.stub(client)));
            ClientConsole.attend(callers);
        }
    }

    @Override
    public void call(int number) {
        reply = echo.echo(PAYLOADS[number % Bodies.COUNT]);
    }

    @Override
    public void verify(int number) {
        if (!reply.getBody().equals(PAYLOADS[number % Bodies.COUNT].getBody())) throw WrongReplyException.to(number);
    }
}

package io.posixsocket.benchmarks;

import com.google.protobuf.ByteString;
import io.posixsocket.rpc.Client;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** How many small messages a second go through one stream. */
final class StreamStudy implements Study {
    private static final int ROUNDS = 5;
    private static final Payload PAYLOAD =
            Payload.newBuilder().setBody(ByteString.copyFrom(Bodies.of(64)[0])).build();

    @Override
    public String name() {
        return "streams";
    }

    @Override
    public String about() {
        return "messages of 64 bytes through one stream, for each kind of stream; " + ROUNDS
                + " rounds after one of warm-up";
    }

    @Override
    public int samples() {
        return 1_000_000;
    }

    @Override
    public Finding take(int messages) throws IOException, InterruptedException {
        try (ServerProcess server = ServerProcess.start(RpcServer.class);
                Client client = Client.connect(server.address())) {
            Echo echo = Echo.stub(client);
            Map<String, ToIntFunction<Integer>> kinds = new LinkedHashMap<>();
            kinds.put("server sends", count -> poured(echo, count));
            kinds.put(
                    "client sends",
                    count -> echo.count(Collections.nCopies(count, PAYLOAD)).getMessages());
            kinds.put("both send, an echo for each", count -> echoed(echo, count));
            List<List<String>> rows = new ArrayList<>();
            for (Map.Entry<String, ToIntFunction<Integer>> kind : kinds.entrySet())
                rows.add(List.of(kind.getKey(), rate(kind.getValue(), messages)));
            return new Finding(List.of("messages each: " + messages, "messages/s"), rows);
        }
    }

    private static String rate(ToIntFunction<Integer> stream, int messages) throws IOException {
        List<Double> rates = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            long begin = System.nanoTime();
            int came = stream.applyAsInt(messages);
            double rate = messages * 1e9 / (System.nanoTime() - begin);
            if (came != messages) throw new IOException("of " + messages + " messages " + came + " came");
            if (round > 0) rates.add(rate);
        }
        return Finding.cell("%,.0f", rates);
    }

    private static int poured(Echo echo, int messages) {
        int[] came = new int[1];
        echo.pour(Pouring.newBuilder().setMessages(messages).setPayload(PAYLOAD).build(), response -> came[0]++);
        return came[0];
    }

    private static int echoed(Echo echo, int messages) {
        int[] came = new int[1];
        echo.echoAll(Collections.nCopies(messages, PAYLOAD), response -> came[0]++);
        return came[0];
    }
}

package io.posixsocket.benchmarks;

import com.google.protobuf.ByteString;
import io.posixsocket.rpc.Client;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which objects a call makes, on either side, and whose they are. */
final class GarbageStudy implements Study {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    /** As many times more calls come first: what the compiler has not seen often makes more objects. */
    private static final int WARM_UP = 15;

    private static final int ATTEMPTS = 10;
    /** Rarer ones are not of each call. */
    private static final double LEAST = 0.1;

    private static final String ARRAY = "[B";

    private static final Payload PAYLOAD =
            Payload.newBuilder().setBody(ByteString.copyFrom(Bodies.of(64)[0])).build();

    /** Whose an object is, by its class. */
    enum Owner {
        MESSAGE("the message received"),
        PROTOBUF("protobuf, to read or write it"),
        OTHERS("neither's");

        private final String words;

        Owner(String words) {
            this.words = words;
        }

        static Owner of(String className) {
            if (className.equals(ARRAY)
                    || className.startsWith(Payload.class.getName())
                    || className.startsWith(ByteString.class.getName())) return MESSAGE;
            return className.startsWith("com.google.protobuf.") ? PROTOBUF : OTHERS;
        }
    }

    @Override
    public String name() {
        return "garbage";
    }

    @Override
    public String about() {
        return "objects that a call of 64 bytes makes, counted on the heap, on either side, after " + WARM_UP
                + " times as many calls";
    }

    @Override
    public int samples() {
        return 20_000;
    }

    @Override
    public Finding take(int calls) throws IOException, InterruptedException {
        try (ServerProcess server = ServerProcess.start(RpcServer.class);
                Client client = Client.connect(server.address())) {
            Echo echo = Echo.stub(client);
            call(echo, WARM_UP * calls);
            for (int i = 0; i < ATTEMPTS; i++) {
                Optional<List<List<String>>> rows = count(server, echo, calls);
                if (rows.isPresent())
                    return new Finding(
                            List.of("side", "class", "objects per call", "bytes per call", "whose"), rows.get());
            }
            throw new IOException("a garbage collection came in each of " + ATTEMPTS + " counts");
        }
    }

    /** Empty if there was a collection meanwhile. */
    private static Optional<List<List<String>>> count(ServerProcess server, Echo echo, int calls)
            throws IOException, InterruptedException {
        server.child().ask(ServerConsole.COLLECT, LIMIT);
        System.gc();
        // to count makes objects too: it is done twice without a call between
        HeapObjects serverFirst = ask(server);
        HeapObjects serverBefore = ask(server);
        HeapObjects clientFirst = HeapObjects.here();
        HeapObjects clientBefore = HeapObjects.here();
        call(echo, calls);
        HeapObjects clientAfter = HeapObjects.here();
        HeapObjects serverAfter = ask(server);
        if (clientAfter.collections() > clientFirst.collections()
                || serverAfter.collections() > serverFirst.collections()) return Optional.empty();
        List<List<String>> rows = new ArrayList<>();
        rows("client", clientAfter.since(clientBefore).since(clientBefore.since(clientFirst)), calls, rows);
        rows("server", serverAfter.since(serverBefore).since(serverBefore.since(serverFirst)), calls, rows);
        return Optional.of(rows);
    }

    private static void call(Echo echo, int calls) {
        for (int i = 0; i < calls; i++) echo.echo(PAYLOAD);
    }

    private static HeapObjects ask(ServerProcess server) throws IOException, InterruptedException {
        return HeapObjects.parse(server.child().ask(ServerConsole.OBJECTS, LIMIT));
    }

    private static void rows(String side, HeapObjects made, int calls, List<List<String>> rows) {
        made.classes().entrySet().stream()
                .filter(one -> one.getValue().objects() >= LEAST * calls)
                .sorted(Comparator.comparing(one -> -one.getValue().bytes()))
                .forEach(one -> rows.addAll(rows(side, one.getKey(), one.getValue(), calls)));
    }

    /** The message has one array, its body: if there are more, they are another row. */
    static List<List<String>> rows(String side, String className, HeapObjects.Amount amount, int calls) {
        Owner owner = Owner.of(className);
        long surplus = className.equals(ARRAY) ? amount.objects() - calls : 0;
        if (surplus < LEAST * calls) return List.of(row(side, className, amount, calls, owner));
        HeapObjects.Amount others = new HeapObjects.Amount(surplus, amount.bytes() * surplus / amount.objects());
        return List.of(
                row(side, className, amount.minus(others), calls, owner),
                row(side, className, others, calls, Owner.OTHERS));
    }

    private static List<String> row(String side, String className, HeapObjects.Amount amount, int calls, Owner owner) {
        return List.of(
                side,
                "`" + className + "`",
                perCall("%.2f", amount.objects(), calls),
                perCall("%.1f", amount.bytes(), calls),
                owner.words);
    }

    private static String perCall(String format, long amount, int calls) {
        return String.format(Locale.ROOT, format, (double) amount / calls);
    }

    /** What a side makes that is neither the message nor protobuf's. */
    static double bytesOfOthers(Finding finding, String side) {
        double sum = 0;
        for (List<String> row : finding.rows())
            if (row.get(0).equals(side) && row.get(4).equals(Owner.OTHERS.words)) sum += Double.parseDouble(row.get(3));
        return sum;
    }
}

import consumer.Counter;
import consumer.Number;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A server and its client in one process; prints what one call of each shape returned. */
public final class Main implements Counter {
    @Override
    public Number next(Number request) {
        return number(request.getValue() + 1);
    }

    @Override
    public void until(Number request, Consumer<Number> responses) {
        for (long i = 1; i <= request.getValue(); i++) responses.accept(number(i));
    }

    @Override
    public Number sum(Iterable<Number> requests) {
        long sum = 0;
        for (Number request : requests) sum += request.getValue();
        return number(sum);
    }

    @Override
    public void double_(Iterable<Number> requests, Consumer<Number> responses) {
        for (Number request : requests) responses.accept(number(2 * request.getValue()));
    }

    private static Number number(long value) {
        return Number.newBuilder().setValue(value).build();
    }

    public static void main(String[] args) throws Exception {
        try (Server server = Server.builder().service(Counter.service(new Main())).start();
                Client client = server.connect()) {
            Counter counter = Counter.stub(client);
            List<Long> until = new ArrayList<>();
            counter.until(number(3), number -> until.add(number.getValue()));
            List<Number> numbers = List.of(number(4), number(5));
            List<Long> doubled = new ArrayList<>();
            counter.double_(numbers, number -> doubled.add(number.getValue()));
            System.out.println(counter.next(number(41)).getValue() + " " + until + " "
                    + counter.sum(numbers).getValue() + " " + doubled);
        }
    }
}

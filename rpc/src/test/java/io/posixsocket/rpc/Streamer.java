package io.posixsocket.rpc;

import com.google.protobuf.BytesValue;
import com.google.protobuf.Int64Value;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The service of the captured streams. Its messages have the shape of {@code Item{int64 n = 1}} and {@code Sum{int64 total = 1;
 * int64 count = 2}}.
 */
final class Streamer {
    static final String SERVICE = "demo.stream.v1.Streamer";
    private static final Parser<Int64Value> ITEM = Int64Value.parser();

    static final MethodDescriptor<Int64Value, Timestamp> SUM_UP =
            MethodDescriptor.clientStreaming(SERVICE, "SumUp", ITEM, Timestamp.parser());
    static final MethodDescriptor<Int64Value, Int64Value> COUNT =
            MethodDescriptor.serverStreaming(SERVICE, "Count", ITEM, ITEM);
    static final MethodDescriptor<Int64Value, Int64Value> ECHO =
            MethodDescriptor.bidiStreaming(SERVICE, "Echo", ITEM, ITEM);
    static final MethodDescriptor<BytesValue, BytesValue> ECHO_BYTES =
            MethodDescriptor.bidiStreaming(SERVICE, "EchoBytes", BytesValue.parser(), BytesValue.parser());
    static final MethodDescriptor<Int64Value, Int64Value> DOUBLE =
            MethodDescriptor.unary(SERVICE, "Double", ITEM, ITEM);

    // What the handlers do, to be replaced by a test.
    volatile Function<Iterable<Int64Value>, Timestamp> sumUp = Streamer::sum;
    volatile BiConsumer<Int64Value, Consumer<Int64Value>> count = Streamer::countTo;
    volatile BiConsumer<Iterable<Int64Value>, Consumer<Int64Value>> echo = Iterable::forEach;
    volatile Function<Int64Value, Int64Value> twice = item -> item(2 * item.getValue());

    ServiceDefinition service() {
        return ServiceDefinition.builder(SERVICE)
                .clientStreaming(SUM_UP, items -> sumUp.apply(items))
                .serverStreaming(COUNT, (upTo, items) -> count.accept(upTo, items))
                .bidiStreaming(ECHO, (items, out) -> echo.accept(items, out))
                .bidiStreaming(ECHO_BYTES, Iterable::forEach)
                .unary(DOUBLE, item -> twice.apply(item))
                .build();
    }

    static Int64Value item(long n) {
        return Int64Value.of(n);
    }

    static Timestamp sum(Iterable<Int64Value> items) {
        long total = 0;
        int count = 0;
        for (Int64Value item : items) {
            total += item.getValue();
            count++;
        }
        return Timestamp.newBuilder().setSeconds(total).setNanos(count).build();
    }

    private static void countTo(Int64Value upTo, Consumer<Int64Value> items) {
        for (long n = 1; n <= upTo.getValue(); n++) items.accept(item(n));
    }
}

package io.posixsocket.interop.peers;

import com.google.protobuf.ByteString;
import io.posixsocket.interop.v1.Item;
import io.posixsocket.interop.v1.Unary;
import io.posixsocket.rpc.CallContext;
import io.posixsocket.rpc.Detail;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The service of unary.proto. */
final class JavaUnary implements Unary {
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();

    @Override
    public Item echo(Item request) {
        return request;
    }

    @Override
    public Item told(Item request) {
        CallContext call = CallContext.current();
        Item.Builder told = Item.newBuilder();
        call.metadata().entries().stream()
                .map(e -> e.key() + "=" + e.value())
                .sorted()
                .forEach(told::addList);
        call.deadline().ifPresent(d -> told.setNumber(TimeUnit.NANOSECONDS.toMillis(d.remainingNanos())));
        return told.build();
    }

    @Override
    public Item sleep(Item request) {
        try {
            Thread.sleep(request.getNumber()); // to sleep is the service
        } catch (InterruptedException e) {
            throw new StatusException(Status.CANCELLED, "woken", e);
        }
        return request;
    }

    private CountDownLatch latch(String name) {
        return held.computeIfAbsent(name, n -> new CountDownLatch(1));
    }

    @Override
    public Item hold(Item request) {
        JavaPeer.say("holding", request.getText());
        try {
            latch(request.getText()).await();
        } catch (InterruptedException e) {
            JavaPeer.say("cancelled", request.getText());
            throw new StatusException(Status.CANCELLED, "woken", e);
        }
        return request;
    }

    @Override
    public Item release(Item request) {
        latch(request.getText()).countDown();
        return request;
    }

    @Override
    public Item fail(Item request) {
        if (request.getNumber() == 0) throw new IllegalStateException(request.getText());
        Detail detail = Detail.of(Item.newBuilder().setText(request.getText()).build());
        Status status = Arrays.stream(Status.values())
                .filter(s -> s.code() == request.getNumber())
                .findFirst()
                .orElseThrow();
        throw new StatusException(status, request.getText(), detail);
    }

    @Override
    public Item take(Item request) {
        return Item.newBuilder().setNumber(request.getData().size()).build();
    }

    @Override
    public Item give(Item request) {
        return Item.newBuilder()
                .setData(ByteString.copyFrom(new byte[(int) request.getNumber()]))
                .build();
    }
}

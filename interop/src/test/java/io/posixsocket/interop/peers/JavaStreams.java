package io.posixsocket.interop.peers;

import io.posixsocket.interop.v1.Item;
import io.posixsocket.interop.v1.Streams;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** The service of streams.proto. */
final class JavaStreams implements Streams {
    @Override
    public Item sum(Iterable<Item> requests) {
        long sum = 0;
        for (Item request : requests) {
            sum += request.getNumber();
            if (endsWith(request.getText())) break;
        }
        return Item.newBuilder().setNumber(sum).build();
    }

    @Override
    public void count(Item request, Consumer<Item> replies) {
        for (long n = 1; n <= request.getNumber(); n++)
            replies.accept(Item.newBuilder().setNumber(n).build());
        endsWith(request.getText());
    }

    @Override
    public void chat(Iterable<Item> requests, Consumer<Item> replies) {
        for (Item request : requests) {
            if (endsWith(request.getText())) return;
            replies.accept(request);
        }
    }

    /** Whether the text says that this is the end; not that it is a good one. */
    private static boolean endsWith(String text) {
        if (text.equals("fail")) throw new StatusException(Status.FAILED_PRECONDITION, "failed as told");
        if (text.startsWith("hold")) hold(text);
        return text.equals("stop");
    }

    private static void hold(String text) {
        JavaPeer.say("holding", text);
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            JavaPeer.say("cancelled", text);
            throw new StatusException(Status.CANCELLED, "woken", e);
        }
    }
}

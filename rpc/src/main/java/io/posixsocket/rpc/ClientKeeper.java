package io.posixsocket.rpc;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The clients' sense of time, one thread for all: sends what streams have gathered and not sent. Not on the path of a unary call. */
final class ClientKeeper {
    private static final Set<ClientStream<?, ?>> STREAMS = ConcurrentHashMap.newKeySet();
    private static final Keeper KEEPER = new Keeper("posixsocket-client-keeper", ClientKeeper::look);

    static {
        KEEPER.start();
    }

    private ClientKeeper() {}

    /** Looks at the stream at this time, and again when that look says so, until it is forgotten. */
    static void watch(ClientStream<?, ?> stream, long nanoTime) {
        STREAMS.add(stream);
        KEEPER.wakeBy(nanoTime);
    }

    static void forget(ClientStream<?, ?> stream) {
        STREAMS.remove(stream);
    }

    private static long look(long now) {
        long next = Keeper.never(now);
        for (ClientStream<?, ?> stream : STREAMS) next = Keeper.earlier(next, stream.sendTail(now));
        return next;
    }
}

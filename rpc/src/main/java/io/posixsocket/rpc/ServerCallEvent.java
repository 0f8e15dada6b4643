package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.util.Iterator;
import java.util.function.Consumer;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A call on a server, from the beginning of its handler to the end of its answer. */
@Name("io.posixsocket.ServerCall")
@Label("Server Call")
@Description("A call on a server, from the beginning of its handler to the end of its answer")
final class ServerCallEvent extends CallEvent {
    private static final ServerCallEvent ANY = new ServerCallEvent();

    /** Null unless it is recorded. */
    static ServerCallEvent begin(ServerCall call) {
        if (!ANY.isEnabled()) return null;
        ServerCallEvent event = new ServerCallEvent();
        event.method = call.method().toString();
        event.peer = call.peer().map(Object::toString).orElse("");
        event.begin();
        return event;
    }

    /** The same requests, counted. */
    <Q extends MessageLite> Iterable<Q> counted(Iterable<Q> requests) {
        return () -> {
            Iterator<Q> each = requests.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return each.hasNext();
                }

                @Override
                public Q next() {
                    Q one = each.next();
                    request(one);
                    return one;
                }
            };
        };
    }

    /** The same responses, counted. */
    <R extends MessageLite> Consumer<R> counted(Consumer<R> responses) {
        return response -> {
            responses.accept(response);
            reply(response);
        };
    }
}

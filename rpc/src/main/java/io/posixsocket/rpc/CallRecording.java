package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.util.Iterator;
import java.util.function.Consumer;
import jdk.jfr.FlightRecorder;

/**
 * What Java Flight Recorder is told of one call, while a recording runs; nothing is made otherwise. Of a stream two threads may
 * count.
 *
 * <p>A runtime image may lack the module {@code jdk.jfr}. So the classes of the events are named here alone, and loaded only where
 * it is there, and once somebody has recorded, because the first one takes 100 ms.
 */
final class CallRecording {
    private static final boolean POSSIBLE =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private final CallEvent event; // guarded by this until it is told
    private int waits; // of the connection, when it was leased

    CallRecording(CallEvent event, MethodDescriptor<?, ?> method, String peer) {
        this.event = event;
        event.method = method.toString();
        event.peer = peer;
        event.begin();
    }

    /** An outgoing call begins; null if nobody records it. */
    static CallRecording begin(MethodDescriptor<?, ?> method, Client client) {
        return isUsed() ? ClientCallEvent.begin(method, client) : null;
    }

    /** The handler of an incoming call begins; null if nobody records it. */
    static CallRecording begin(ServerCall call) {
        return isUsed() ? ServerCallEvent.begin(call) : null;
    }

    /** Whether anybody has recorded, now or before. */
    private static boolean isUsed() {
        return POSSIBLE && FlightRecorder.isInitialized();
    }

    synchronized void request(MessageLite message) {
        event.requests++;
        event.requestBytes += message.getSerializedSize();
    }

    synchronized void reply(MessageLite message) {
        event.replies++;
        event.replyBytes += message.getSerializedSize();
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

    /** The call has a connection, on which callers slept so often before. */
    void leased(int waits) {
        this.waits = waits;
    }

    /** It has it no more. */
    void returned(int waits) {
        if (waits != this.waits) ((ClientCallEvent) event).blocked = true;
    }

    /** Tells of the call; {@code failure} is null for none. */
    synchronized void end(Throwable failure) {
        if (failure instanceof StatusException e) event.status = e.status().name();
        else if (failure != null) event.status = Status.UNKNOWN.name();
        event.commit();
    }
}

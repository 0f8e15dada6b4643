package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.io.IOException;

/**
 * Makes a Request frame a call, or refuses it. Confined to the holder of the reading role; the keeper has that only while all
 * workers are busy: it refuses every request, but reads it first, because the promise may be in it.
 */
final class Admission {
    private final ServerConnection connection;
    private final Server server;
    private final Handlers handlers; // null: the thread that reads a request runs its handler
    private final FrameReader in;
    private final ServerWriter out;

    private final Request request;
    private int lastId;
    private boolean anyRequest;

    Admission(ServerConnection connection, Server server, FrameReader in, ServerWriter out) {
        this.connection = connection;
        this.server = server;
        this.handlers = server.handlers();
        this.in = in;
        this.out = out;
        PeerLimits limits = server.peerLimits();
        this.request = new Request(limits.maxMetadataEntries(), limits.maxMetadataBytes());
    }

    /** The Request that was read as a call, which is in flight from now on; null if it was refused and answered. */
    ServerCall admit(int id) throws IOException {
        if (anyRequest && Integer.compareUnsigned(id, lastId) <= 0)
            return malformed(id, "StreamID cannot be re-used and must increment");
        boolean first = !anyRequest;
        anyRequest = true;
        lastId = id;
        // a promise in a body that is not read is not known: the connection is shared, which is slower and as right
        if (in.oversized()) return oversized(id);
        if (in.overBudget() != null) return exhausted(id, in.overBudget());
        try {
            request.read(in.body(), in.length());
            if (first && request.oneCallAtATime) connection.promised();
            if (server.keeper().isCurrentThread())
                return exhausted(id, server.workers().allBusy());
            if (request.overLimit != null) return exhausted(id, request.overLimit);
            ServiceDefinition.Handler<?, ?> handler = server.methods().find(request);
            if (handler == null) return unimplemented(id);
            return admit(id, handler);
        } catch (Envelope.MalformedException e) {
            return malformed(id, "unmarshal request error: " + e.getMessage());
        } finally {
            request.leave();
        }
    }

    private ServerCall unimplemented(int id) throws IOException {
        String unknown = unknown(); // or malformed, after all
        server.counters().unimplemented.increment();
        return refuse(id, new StatusException(Status.UNIMPLEMENTED, unknown));
    }

    private String unknown() throws Envelope.MalformedException {
        if (request.namesLength() > MethodDescriptor.MAX_NAMES)
            return "names of " + request.namesLength() + " bytes, must be at most " + MethodDescriptor.MAX_NAMES;
        String service = request.service();
        String method = request.method(); // both are read: a name that is not UTF-8 makes the whole envelope malformed
        return server.methods().hasService(service) ? "method " + method : "service " + service;
    }

    private <Q extends MessageLite, R extends MessageLite> ServerCall admit(
            int id, ServiceDefinition.Handler<Q, R> handler) throws IOException {
        if (request.timeoutNanos < 0) { // let in, and cut off at once
            server.counters().started.increment();
            server.counters().cancelled.increment();
            return refuse(id, new StatusException(Status.DEADLINE_EXCEEDED, "context deadline exceeded"));
        }
        MethodType type = handler.method().type();
        Q message = null;
        if (!type.requestsStream()) {
            try {
                // now, while the body is ours; nothing of the message aliases it
                message =
                        handler.method().requestParser().parseFrom(in.body(), request.payloadAt, request.payloadLength);
            } catch (IOException e) {
                server.counters().malformed.increment();
                return refuse(id, ServerConnection.unreadable(e));
            }
        }
        if (type != MethodType.UNARY && connection.hasAllStreams())
            return exhausted(
                    id, "connection has " + ServerConnection.MAX_STREAMS + " streams, which is the most of one");
        if (handlers != null) {
            String limit = in.chargeAll(); // more of them may wait and run than there are workers
            if (limit != null) return exhausted(id, limit);
            if (!handlers.enter()) return exhausted(id, handlers.full());
        } else if (type != MethodType.UNARY && !server.beginStream()) {
            return exhausted(
                    id,
                    "server has " + server.maxStreams()
                            + " streams, which is half of maxWorkers and the most unless handlers have an executor");
        }
        boolean admitted = false;
        try {
            Deadline deadline = request.timeoutNanos == 0 ? null : Deadline.afterNanos(request.timeoutNanos);
            ServerCall call =
                    new ServerCall(connection, id, handler, message, request.metadata, deadline, handlers != null);
            if (call.stream() != null) begin(call.stream(), type);
            connection.admitted(call);
            call.charge(in.takeCharge());
            admitted = true;
            return call;
        } finally {
            if (!admitted) { // no memory, or a parser that throws what it should not: the connection ends
                if (handlers != null) handlers.leave();
                else if (type != MethodType.UNARY) server.endStream();
            }
        }
    }

    private void begin(ServerStream<?, ?> stream, MethodType type) {
        if (!type.requestsStream()) {
            stream.complete(null);
        } else if (request.payloadLength > 0) { // no peer sends one; to Go it is the first message
            stream.deliver(in, request.payloadAt, request.payloadLength, false);
        }
    }

    ServerCall malformed(int id, String why) throws IOException {
        server.counters().malformed.increment();
        return refuse(id, new StatusException(Status.INVALID_ARGUMENT, why));
    }

    private ServerCall oversized(int id) throws IOException {
        server.counters().oversized.increment();
        return refuse(id, new StatusException(Status.RESOURCE_EXHAUSTED, in.oversizedText()));
    }

    private ServerCall exhausted(int id, String limit) throws IOException {
        server.counters().refused.increment();
        return refuse(id, new StatusException(Status.RESOURCE_EXHAUSTED, limit));
    }

    /** No call. */
    private ServerCall refuse(int id, StatusException why) throws IOException {
        out.refuse(id, why);
        return null;
    }
}

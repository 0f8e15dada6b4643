package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import io.posixsocket.PeerCredentials;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An incoming call: made by who reads, run and answered by the same thread or by one of the {@link Handlers}, cancelled by any.
 */
final class ServerCall extends CallState implements CallContext {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());

    private final ServerConnection connection;
    private final int streamId;
    private final ServiceDefinition.Handler<?, ?> handler;
    private MessageLite request; // null also when it was abandoned: the executor may keep the call for long
    private final Metadata metadata;
    private final Deadline deadline; // null for none
    private final ServerStream<?, ?> stream; // null for a unary method
    private CallRecording recording; // null: nobody records it
    private int charged; // bytes, until it has ended; confined to who admits it, then to who runs it

    <Q extends MessageLite, R extends MessageLite> ServerCall(
            ServerConnection connection,
            int streamId,
            ServiceDefinition.Handler<Q, R> handler,
            Q request,
            Metadata metadata,
            Deadline deadline,
            boolean queued) {
        super(queued);
        this.connection = connection;
        this.streamId = streamId;
        this.handler = handler;
        this.request = request;
        this.metadata = metadata;
        this.deadline = deadline;
        MethodDescriptor<Q, R> method = handler.method();
        this.stream = method.type() == MethodType.UNARY ? null : new ServerStream<>(connection, this, method);
    }

    int streamId() {
        return streamId;
    }

    /** Null for a unary method. */
    ServerStream<?, ?> stream() {
        return stream;
    }

    /** Runs the handler and answers. Throws nothing: the worker goes on. */
    void run(List<Interceptor> interceptors) {
        recording = CallRecording.begin(this);
        ServerCounters counters = connection.counters();
        counters.started.increment();
        MessageLite reply = null;
        StatusException failure = null;
        CallContext before = CurrentCall.swap(this);
        try {
            if (isRunning()) reply = handle(interceptors); // it may have been cancelled before it began
        } catch (StatusException e) {
            failure = e;
        } catch (Throwable e) { // an Error of a handler is one call's failure too: StackOverflowError, LinkageError
            // a handler that was interrupted because nobody waits mostly throws something
            LOG.log(isCancelled() ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING, () -> this + " failed", e);
            failure = new StatusException(Status.UNKNOWN, description(e));
        } finally {
            CurrentCall.swap(before);
            if (stream != null)
                connection.end(stream); // before the answer: the caller's next stream finds its place free
        }
        StatusException cancelled = end();
        if (cancelled != null) {
            failure = cancelled;
            counters.cancelled.increment();
        } else if (failure != null) {
            counters.failed.increment();
        } else {
            counters.answered.increment();
        }
        if (!answer() || connection.isGone()) counters.lateReplies.increment();
        else connection.send(this, reply, failure);
        if (recording != null) recorded(reply, failure);
    }

    private void recorded(MessageLite reply, StatusException failure) {
        if (request != null) recording.request(request);
        if (reply != null && failure == null) recording.reply(reply);
        recording.end(failure);
    }

    @Override
    void abandoned(StatusException why) {
        request = null;
        connection.abandoned(this, why);
    }

    void charge(int bytes) {
        charged = bytes;
    }

    int charged() {
        return charged;
    }

    /** User code too: it may throw. */
    private static String description(Throwable e) {
        try {
            String message = e.getMessage();
            if (message != null) return message;
        } catch (RuntimeException | Error ignored) {
            // the class says enough
        }
        return e.getClass().getName();
    }

    private MessageLite handle(List<Interceptor> interceptors) {
        if (interceptors.isEmpty()) return handle(handler);
        MessageLite[] reply = new MessageLite[1];
        InterceptorChain.run(interceptors, this, () -> reply[0] = handle(handler));
        return reply[0];
    }

    @SuppressWarnings("unchecked") // request and stream are of this method's own types
    private <Q extends MessageLite, R extends MessageLite> R handle(ServiceDefinition.Handler<Q, R> handler) {
        ServerStream<Q, R> messages = (ServerStream<Q, R>) stream;
        Iterable<Q> requests = messages;
        Consumer<R> responses = messages;
        if (recording != null && messages != null) {
            requests = recording.counted(requests);
            responses = recording.counted(responses);
        }
        R reply = handler.code().run((Q) request, requests, responses);
        if (reply == null && !method().type().repliesStream())
            throw new StatusException(Status.UNKNOWN, "handler of " + handler.method() + " returned null");
        return reply;
    }

    /** Has the keeper look when the deadline is due. */
    void keepTime(Keeper keeper) {
        if (deadline != null) keeper.wakeBy(deadline.nanoTime());
    }

    /** Cancels and answers this call if its time is up; the time of its deadline otherwise, {@link Keeper#never} if none. */
    long expire(long now, boolean answerNow) {
        boolean mayStall = stream != null && answerNow && !connection.hasOneCall(); // else nobody waits behind it
        long stall = mayStall ? stream.stallsAt(now) : Keeper.never(now);
        if (stall - now <= 0 && !stream.makeRoom()) {
            fail(new StatusException(
                    Status.RESOURCE_EXHAUSTED,
                    "handler of " + method() + " took no request for 1 s, as many wait for it as may ("
                            + ServerStream.INBOX_MESSAGES + ", or " + ServerStream.INBOX_BYTES
                            + " bytes), and other calls of the connection wait behind them"));
            return Keeper.never(now);
        }
        if (stall - now <= 0) stall = Keeper.never(now);
        if (deadline == null || !isRunning()) return stall;
        if (deadline.nanoTime() - now > 0) return Keeper.earlier(stall, deadline.nanoTime());
        StatusException expired = new StatusException(Status.DEADLINE_EXCEEDED, "context deadline exceeded");
        if (cancel(expired) && answerNow) connection.offer(this, expired);
        return Keeper.never(now);
    }

    /** Ends a stream of a shared connection that cannot go on; its handler is interrupted. */
    void fail(StatusException why) {
        if (cancel(why)) connection.offer(this, why);
        stream.end();
        connection.relieve(); // after the answer: the others' come behind it
    }

    @Override
    public MethodDescriptor<?, ?> method() {
        return handler.method();
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public void addMetadata(String key, String value) {
        throw new IllegalStateException("metadata of an incoming call cannot be added to");
    }

    @Override
    public Optional<Deadline> deadline() {
        return Optional.ofNullable(deadline);
    }

    @Override
    public Optional<PeerCredentials> peer() {
        return Optional.ofNullable(connection.peer());
    }

    /** Empty if the kernel does not know who calls. */
    String peerText() {
        return connection.peerText();
    }

    @Override
    public String toString() {
        return "call " + Integer.toUnsignedString(streamId) + " of " + method() + " from " + connection;
    }
}

package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.POLLOUT;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a client: one call at a time. Everything here is confined to the thread that leased it, save
 * {@link #close}; a {@link ClientStream} has its own locks for what two threads use.
 */
final class ClientConnection {
    private static final int FIRST_ID = 1;
    /** On TCP the server's end may have come while the connection lay idle: after this long, look. */
    private static final long PEEK_AFTER_NANOS = 1_000_000;

    /** An AF_UNIX peer that stops reading wakes nobody who waits for room: the next send tells. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Lease lease = new Lease(); // born in the hands of who connected it
    private final Client client;
    private final OwnedFd fd;
    private final boolean isUnix;
    private final boolean isOnly; // makes no promise, and outlives calls that expire: their answers are dropped by id
    private final Readiness readiness; // where virtual threads wait
    private final FrameReader in;
    private final FrameWriter out;
    private final Envelope envelope = new Envelope();

    private int nextId = FIRST_ID;
    private Deadline deadline; // of the call that is being made, null for none
    private ClientStream<?, ?> stream; // if that is one
    private volatile boolean broken; // of no use for another call
    private boolean listens; // while it writes: late answers are read, and dropped
    private boolean answered; // the call that is being made, before its request was written: in has the frame
    private volatile boolean replied; // the server, to anything, ever
    // How the connection failed, if neither deadline nor interrupt nor close ended it.
    private volatile IOException endedByServer;
    private long idleSince;
    private int parks; // of virtual threads that waited for a frame

    ClientConnection(Client client, OwnedFd fd, Connector connector, Duration spin) {
        this.client = client;
        this.fd = fd;
        this.isUnix = connector.isUnix();
        this.isOnly = connector.isOnly();
        this.readiness = new Readiness(fd);
        Spin reading = new Spin(spin);
        this.in = new FrameReader(fd, reading);
        this.out = new FrameWriter(fd, this::awaitWritable, new Spin(spin, reading));
    }

    Lease lease() {
        return lease;
    }

    /** Ends the lease: anybody may take it from now on. */
    void giveBack() {
        stream = null;
        in.release();
        if (!isUnix) idleSince = System.nanoTime();
        lease.end();
    }

    /** Whether it cannot make another call. For the holder. */
    boolean isBroken() {
        return broken || !fd.isOpen();
    }

    /** Whether the server has ever replied. For the holder. */
    boolean hasReplied() {
        return replied;
    }

    /** How it failed, if that is the server's doing; else null. For the holder. */
    IOException endedByServer() {
        return endedByServer;
    }

    /**
     * Whether it has ended while nobody used it. On AF_UNIX the next send tells, so nothing is asked; on TCP that send would
     * be taken and lost.
     */
    boolean isStale() throws IOException {
        return !isUnix && !isOnly && System.nanoTime() - idleSince > PEEK_AFTER_NANOS && fd.poll(POLLIN, 0) != 0;
    }

    /** From any thread: a call under way fails. */
    void close() {
        fd.close();
    }

    /**
     * Makes one call.
     *
     * @throws StatusException with {@code executed()}; {@link #isBroken} tells whether the connection can be used again
     * @throws NotTakenException if it ended without having taken the request
     */
    <Q extends MessageLite, R extends MessageLite> R unary(
            MethodDescriptor<Q, R> method, Q request, Deadline deadline, Metadata metadata) throws NotTakenException {
        this.deadline = deadline;
        int id = nextId;
        try {
            send(id, 0, method, request, metadata);
        } catch (IOException e) {
            return notTaken(e, id, method);
        }
        try {
            return reply(id, method);
        } catch (StatusException e) { // an answer: the connection is as good as before
            throw e;
        } catch (IOException e) {
            throw failed(method, e, Executed.MAYBE);
        } catch (RuntimeException
                | Error e) { // no memory, mostly. The answer is still to come: this call alone may read it
            broken = true;
            throw e;
        } finally {
            envelope.leave();
        }
    }

    /**
     * Starts a streaming call.
     *
     * @param request null if requests are streamed
     * @param recording null if nobody records it
     * @throws StatusException as {@link #unary}
     * @throws NotTakenException if the connection ended without having taken the request
     */
    <Q extends MessageLite, R extends MessageLite> ClientStream<Q, R> open(
            MethodDescriptor<Q, R> method, Q request, Deadline deadline, Metadata metadata, CallRecording recording)
            throws NotTakenException {
        this.deadline = deadline;
        int id = nextId;
        int flags = request == null ? Wire.REMOTE_OPEN | Wire.NO_DATA : Wire.REMOTE_CLOSED;
        if (method.type() == MethodType.UNARY) flags = 0;
        try {
            send(id, flags, method, request, metadata);
        } catch (IOException e) {
            notTaken(e, id, method);
            throw failed(method, e, Executed.MAYBE); // it answered, but not to this call's shape
        }
        ClientStream<Q, R> opened = new ClientStream<>(client, this, method, id, deadline, recording);
        if (request != null) opened.sentAll();
        if (answered) opened.takeAnswer();
        stream = opened;
        return opened;
    }

    private void send(int id, int flags, MethodDescriptor<?, ?> method, MessageLite request, Metadata metadata)
            throws IOException {
        answered = false;
        listens = isOnly;
        long timeoutNanos = timeoutNanos(method);
        try {
            out.request(id, flags, method, request, timeoutNanos, metadata, id == FIRST_ID && !isOnly);
        } catch (OversizedException e) {
            throw new StatusException(
                    Status.RESOURCE_EXHAUSTED, "request of " + method + ": " + e.getMessage(), Executed.NO, e);
        } catch (RuntimeException | Error e) { // the message's own writeTo: a frame may be cut
            broken = true;
            throw e;
        }
        nextId = id + 2;
        if (id == Wire.LAST_ID) broken = true; // after this call: ids are not used again
    }

    private long timeoutNanos(MethodDescriptor<?, ?> method) {
        if (deadline == null) return 0;
        long left = deadline.remainingNanos();
        if (left > 0) return left;
        throw new StatusException(
                Status.DEADLINE_EXCEEDED,
                method + ": the deadline passed before the request was sent",
                Executed.NO,
                null);
    }

    /** The frame was not taken whole. What the server said before it ended counts, if it is about this call. */
    private <Q extends MessageLite, R extends MessageLite> R notTaken(
            IOException failure, int id, MethodDescriptor<Q, R> method) throws NotTakenException {
        broken = !isOnly || out.begun() || !(failure instanceof DeadlineException);
        if (!broken) out.dropGathered(); // it is for no call any more
        // on TCP bytes that were taken may have arrived although the connection fails now
        Executed executed = isUnix || !out.begun() ? Executed.NO : Executed.MAYBE;
        if (failure instanceof DeadlineException || failure instanceof ClosedChannelException)
            throw failed(method, failure, executed);
        try {
            if (answered) return result(method);
            while (in.next() == FrameReader.Result.FRAME) if (in.streamId() == id) return result(method);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        if (executed == Executed.MAYBE) throw failed(method, failure, executed);
        endedByServer = failure;
        throw new NotTakenException(failure);
    }

    private <Q extends MessageLite, R extends MessageLite> R reply(int id, MethodDescriptor<Q, R> method)
            throws IOException {
        if (answered) return result(method);
        for (; ; ) {
            switch (await(deadline)) {
                case NOTHING -> throw new DeadlineException();
                case END -> throw new EOFException("end of stream");
                case FRAME -> {
                    if (in.streamId() == id) return result(method);
                    // an answer to nothing that was asked: peers ignore such a frame
                    if (deadline != null && deadline.isExpired()) throw new DeadlineException();
                }
            }
        }
    }

    private <Q extends MessageLite, R extends MessageLite> R result(MethodDescriptor<Q, R> method) throws IOException {
        if (!replied) replied = true;
        if (in.type() != Wire.RESPONSE)
            throw answered(
                    method, Status.INTERNAL, "the server sent a frame of type " + in.type() + ", must be 2 (Response)");
        if (in.oversized()) throw answered(method, Status.RESOURCE_EXHAUSTED, Wire.oversized(in.length()));
        try {
            return Response.decode(envelope, in.body(), in.length(), method.replyParser());
        } catch (IOException e) {
            throw new StatusException(
                    Status.INTERNAL, method + ": the reply cannot be read: " + e.getMessage(), Executed.MAYBE, e);
        }
    }

    private static StatusException answered(MethodDescriptor<?, ?> method, Status status, String what) {
        return new StatusException(status, method + ": " + what, Executed.MAYBE, null);
    }

    private void awaitWritable() throws IOException {
        if (stream != null) {
            stream.awaitWritable();
            return;
        }
        long left = deadline == null ? SLICE_NANOS : Math.min(SLICE_NANOS, deadline.remainingNanos());
        if (left <= 0) throw new DeadlineException();
        int ready = poll(listens ? POLLIN | POLLOUT : POLLOUT, left);
        if (listens && (ready & POLLOUT) == 0) dropLateAnswers();
    }

    /** A server whose late answers nobody reads may not read either. */
    private void dropLateAnswers() throws IOException {
        FrameReader.Result result = in.next();
        answered = result == FrameReader.Result.FRAME && in.streamId() == nextId;
        listens = !answered && result != FrameReader.Result.END;
    }

    private String ending(IOException e) {
        boolean ended = e instanceof EOFException
                || (e instanceof ErrnoException errno
                        && (errno.errno() == Errno.EPIPE || errno.errno() == Errno.ECONNRESET));
        if (!ended) return e.getMessage();
        return "the server ended the connection before it replied"
                + (replied ? "" : " to anything: " + Unsent.refusal());
    }

    // --- for a stream, under its locks ------------------------------------------------------------------------------

    /**
     * The next frame. Looks for a while if that pays, then blocks until the deadline; a virtual thread does not look: it would
     * keep its carrier from the others, of which there may be any number.
     *
     * @param deadline null for none
     * @return NOTHING when it has passed
     */
    FrameReader.Result await(Deadline deadline) throws IOException {
        return VirtualThreads.isCurrent() ? park(deadline) : in.await(deadline);
    }

    private FrameReader.Result park(Deadline deadline) throws IOException {
        FrameReader.Result result = in.next();
        while (result == FrameReader.Result.NOTHING) {
            in.release(); // there may be many who wait
            parks++;
            long left = deadline == null ? -1 : Math.max(0, deadline.remainingNanos());
            if (readiness.await(POLLIN, left) == 0) return FrameReader.Result.NOTHING;
            result = in.next();
        }
        return result;
    }

    /** How often callers have slept for a frame. */
    int waits() {
        return in.waits() + parks;
    }

    /** As {@link OwnedFd#poll}; may find what is not there any more. */
    int poll(int events, long timeoutNanos) throws IOException {
        return VirtualThreads.isCurrent() ? readiness.await(events, timeoutNanos) : fd.poll(events, timeoutNanos);
    }

    FrameReader in() {
        return in;
    }

    FrameWriter out() {
        return out;
    }

    /** The message in the Data frame that was read. */
    <R extends MessageLite> R decode(Parser<R> parser) throws IOException {
        if (!replied) replied = true;
        return parser.parseFrom(in.body(), 0, in.length());
    }

    /** The message in the Response that was read; throws its status if that is not OK. */
    <R extends MessageLite> R decodeResponse(Parser<R> parser) throws IOException {
        if (!replied) replied = true;
        try {
            return Response.decode(envelope, in.body(), in.length(), parser);
        } finally {
            envelope.leave();
        }
    }

    /** Not for another call: a frame may be cut. What was sent to it can still be read. */
    void spoil() {
        broken = true;
    }

    /** Of no use any more: closing it is how the server learns that nobody waits. From any thread. */
    void breakOff() {
        broken = true;
        fd.close();
    }

    /** The one place where an IOException of a call becomes its status. */
    StatusException failed(MethodDescriptor<?, ?> method, IOException e, Executed executed) {
        // closing it is how the server learns that nobody waits
        if (!isOnly || !(e instanceof DeadlineException)) broken = true;
        String where = method + " at " + client;
        if (e instanceof DeadlineException)
            return new StatusException(Status.DEADLINE_EXCEEDED, where + ": deadline exceeded", executed, e);
        if (e instanceof ClosedByInterruptException)
            return new StatusException(
                    Status.CANCELLED,
                    where + ": thread " + VirtualThreads.currentName() + " was interrupted",
                    executed,
                    e);
        if (e instanceof ClosedChannelException)
            return new StatusException(Status.CANCELLED, where + ": the client was closed", executed, e);
        endedByServer = e;
        // a server that keeps the time may end an expired call's connection before its caller looks at the clock
        if (deadline != null && deadline.isExpired())
            return new StatusException(
                    Status.DEADLINE_EXCEEDED, where + ": deadline exceeded, and " + ending(e), executed, e);
        return new StatusException(Status.UNAVAILABLE, where + ": " + ending(e), executed, e);
    }
}

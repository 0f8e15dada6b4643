package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.POLLOUT;

import com.google.protobuf.MessageLite;
import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A streaming call of a client, for as long as it has its connection. One thread may send while another receives.
 *
 * <p>Who waits to send, and finds nobody reading, reads into the inbox: otherwise both ends could wait for each other to
 * read. A full inbox is left to the thread that receives.
 *
 * <p>Lock order: {@code writing}, {@code reading}, {@code inbox}.
 */
final class ClientStream<Q extends MessageLite, R extends MessageLite> implements Call<Q, R>, ClientKeeper.Watched {
    private static final int INBOX_MESSAGES = 64;
    private static final int INBOX_BYTES = 1 << 20;
    /** How soon who waits to send sees that a receiver wants to read, or has stopped. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** How long who only sends waits for the server although nobody makes room in the inbox. */
    private static final long ALONE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Client client;
    private final ClientConnection connection;
    private final MethodDescriptor<Q, R> method;
    private final int id;
    private final Deadline deadline; // null for none
    private final CallRecording recording; // null: nobody records it

    private final ReentrantLock writing = new ReentrantLock(); // guards the connection's writer, and these
    private boolean sendClosed;
    private volatile boolean sendingEnded; // the server takes no more; its answer may still come
    private boolean alone; // nobody receives, and the inbox is full
    private long aloneSince; // while alone
    private final Gathering gathering = new Gathering();

    private final ReentrantLock reading = new ReentrantLock(); // guards the connection's reader
    private final ArrayDeque<R> inbox = new ArrayDeque<>(); // guarded by itself
    private long inboxBytes; // guarded by inbox
    private volatile Thread receiver = Thread.currentThread(); // the last one

    private boolean last; // the frame that was read is the server's last; guarded by reading
    private volatile boolean finished; // so it was, and its message can be had; written under reading
    private final AtomicReference<StatusException> failure = new AtomicReference<>(); // the first one stays
    private final AtomicBoolean released = new AtomicBoolean(); // the connection is no longer ours

    ClientStream(
            Client client,
            ClientConnection connection,
            MethodDescriptor<Q, R> method,
            int id,
            Deadline deadline,
            CallRecording recording) {
        this.client = client;
        this.connection = connection;
        this.method = method;
        this.id = id;
        this.deadline = deadline;
        this.recording = recording;
    }

    /** Another thread than the caller's sends: what it calls on this client is inside this call. */
    void sentBy(Thread thread) {
        connection.lease().helpedBy(thread);
    }

    // --- sending ----------------------------------------------------------------------------------------------------

    @Override
    public void send(Q request) {
        if (offer(request)) return;
        StatusException why = failure.get();
        throw why != null
                ? why
                : new StatusException(
                        Status.CANCELLED, method + ": the server has ended the call", Executed.MAYBE, null);
    }

    /** False if the call has ended: then {@link #receive} tells how. */
    boolean offer(Q request) {
        Objects.requireNonNull(request, "request");
        writing.lock();
        try {
            if (sendClosed) throw new IllegalStateException("request after closeSend() of " + method);
            return !isOver() && !sendingEnded && write(request);
        } catch (OversizedException e) { // nothing of it was sent
            throw new StatusException(
                    Status.RESOURCE_EXHAUSTED, "request of " + method + ": " + e.getMessage(), Executed.MAYBE, e);
        } catch (IOException e) {
            sendingEndedBy(e);
            return false;
        } finally {
            writing.unlock();
        }
    }

    private boolean write(Q request) throws IOException {
        FrameWriter out = connection.out();
        long now = System.nanoTime();
        boolean gather = gathering.mayWait(now);
        if (!gather || out.gathered() + request.getSerializedSize() >= FrameWriter.FLUSH_AT) {
            lookForEnd();
            if (isOver()) return false;
            // a socket that takes everything has no wait that would notice
            if (deadline != null && deadline.isExpired()) throw new DeadlineException();
            if (Thread.currentThread().isInterrupted()) throw new ClosedByInterruptException();
        }
        try {
            out.data(id, request, gather);
        } catch (RuntimeException | Error e) { // the message's own writeTo, or nobody receives
            if (out.begun()) connection.breakOff(); // a frame is cut
            throw e;
        }
        if (recording != null) recording.request(request);
        if (gathering.begins(now, out.gathered())) ClientKeeper.watch(this, gathering.due(now));
        return true;
    }

    @Override
    public void closeSend() {
        writing.lock();
        try {
            if (sendClosed || sendingEnded || isOver()) return;
            connection.out().closeStream(id);
            gathering.sent();
            sendClosed = true;
        } catch (IOException e) {
            sendingEndedBy(e);
        } finally {
            writing.unlock();
        }
    }

    /** Nothing was, or is to be, sent but the Request. */
    void sentAll() {
        sendClosed = true;
    }

    /** The frame that was read last is for this call. Before anybody else has it. */
    void takeAnswer() {
        R reply = message();
        if (reply != null) addToInbox(reply);
        finished = last;
    }

    /** The keeper's: sends what was gathered if it is time, without waiting. Returns when to come again. */
    @Override
    public long look(long now) {
        if (released.get()) { // it may have come back after it was forgotten
            ClientKeeper.forget(this);
            return Keeper.never(now);
        }
        long due = gathering.due(now);
        if (due - now > 0) return due;
        if (!writing.tryLock()) return now + Gathering.LIMIT_NANOS;
        try {
            if (isOver() || sendingEnded) return Keeper.never(now);
            if (!connection.out().tryFlush()) return now + Gathering.RETRY_NANOS;
            gathering.sent();
        } catch (IOException e) {
            gathering.sent(); // who sends or receives next meets it too
        } finally {
            writing.unlock();
        }
        return Keeper.never(now);
    }

    /** Before a wait for the server, which may be waiting for what was gathered. Somebody who sends takes it along. */
    private void flushTail() {
        if (gathering.isEmpty() || !writing.tryLock()) return;
        try {
            if (!isOver() && !sendingEnded && connection.out().tryFlush()) gathering.sent(); // or the keeper goes on
        } catch (IOException e) {
            sendingEndedBy(e);
        } finally {
            writing.unlock();
        }
    }

    /** Waits until the connection may take bytes again, reading if nobody else does. Under {@code writing}. */
    void awaitWritable() throws IOException {
        if (isOver()) throw new EOFException("the call has ended"); // the frame is cut: not for another call
        long left = deadline == null ? SLICE_NANOS : Math.min(SLICE_NANOS, deadline.remainingNanos());
        if (left <= 0) throw new DeadlineException();
        if (!reading.hasQueuedThreads() && reading.tryLock()) {
            try {
                if (!isInboxFull()) {
                    int events = connection.poll(POLLIN | POLLOUT, left);
                    if ((events & ~POLLOUT) != 0) readAvailable();
                    return;
                }
            } finally {
                reading.unlock();
            }
            if (receiver == Thread.currentThread()) waitAlone();
        }
        if ((connection.poll(POLLOUT, left) & POLLOUT) != 0) alone = false;
    }

    /** The server may be slow, or wait for this thread to receive, which it will not do before it has sent. */
    private void waitAlone() {
        long now = System.nanoTime();
        if (!alone) {
            alone = true;
            aloneSince = now;
        } else if (now - aloneSince > ALONE_NANOS) {
            throw failed(new StatusException(
                    Status.RESOURCE_EXHAUSTED,
                    method + ": the server takes no request until replies are received, and " + INBOX_MESSAGES
                            + " replies or " + INBOX_BYTES
                            + " bytes wait: receive() between send()s, or on another thread",
                    Executed.MAYBE,
                    null));
        }
    }

    // --- receiving --------------------------------------------------------------------------------------------------

    @Override
    public R receive() {
        if (receiver != Thread.currentThread()) receiver = Thread.currentThread();
        try {
            flushTail();
            for (; ; ) {
                R reply = takeFromInbox();
                if (reply == null) reply = read();
                if (reply != null) return reply;
                if (!isOver()) continue;
                reply = takeFromInbox(); // somebody read it, and then the end
                if (reply != null) return reply;
                release();
                if (failure.get() != null) throw failure.get();
                return null;
            }
        } catch (IOException e) {
            endedBy(e);
            return receive(); // what was read before counts
        }
    }

    /** Reads one frame; null if there is no message in it, or others have read meanwhile. */
    private R read() throws IOException {
        reading.lock();
        try {
            if (isOver() || hasInbox()) return null;
            // what is there is read without a wait, which would notice
            if (Thread.currentThread().isInterrupted()) throw new ClosedByInterruptException();
            return switch (connection.await(deadline)) {
                case NOTHING -> throw new DeadlineException();
                case END -> throw new EOFException("end of stream");
                case FRAME -> {
                    R reply = message();
                    finished = last;
                    // nor do frames that are always there
                    if (!isOver() && deadline != null && deadline.isExpired()) throw new DeadlineException();
                    yield reply;
                }
            };
        } finally {
            reading.unlock();
        }
    }

    /** Whether the server has ended the call meanwhile. Under {@code writing}. */
    private void lookForEnd() throws IOException {
        if (reading.hasQueuedThreads() || !reading.tryLock()) return;
        try {
            readAvailable();
        } finally {
            reading.unlock();
        }
    }

    /** Reads into the inbox what is there and has room. Under {@code reading}. */
    private void readAvailable() throws IOException {
        while (!isOver() && !isInboxFull()) {
            switch (connection.in().next()) {
                case NOTHING -> {
                    return;
                }
                case END -> throw new EOFException("end of stream");
                case FRAME -> {
                    R reply = message();
                    if (reply != null) addToInbox(reply);
                    finished = last;
                }
            }
        }
    }

    /** The message in the frame that was read; null if it has none. Sets {@code last}. Under {@code reading}. */
    private R message() {
        R reply = decoded();
        if (recording != null && reply != null) recording.reply(reply);
        return reply;
    }

    private R decoded() {
        FrameReader in = connection.in();
        if (in.streamId() != id) return null; // an answer to nothing that was asked: peers ignore such a frame
        if (in.type() == Wire.RESPONSE) return response(in);
        if (in.type() != Wire.DATA || !method.type().repliesStream())
            return unusable(
                    Status.INTERNAL,
                    "the server sent a frame of type " + in.type() + " to a call of type " + method.type());
        if (in.oversized()) return unusable(Status.RESOURCE_EXHAUSTED, Wire.oversized(in.length()));
        R reply = null;
        if ((in.flags() & Wire.NO_DATA) == 0) {
            try {
                reply = connection.decode(method.replyParser());
            } catch (IOException e) {
                return unusable(Status.INTERNAL, "the reply cannot be read: " + e.getMessage());
            }
        }
        last = (in.flags() & Wire.REMOTE_CLOSED) != 0;
        return reply;
    }

    /** The server's last frame. */
    private R response(FrameReader in) {
        R reply = null;
        try {
            if (in.oversized())
                throw new StatusException(Status.RESOURCE_EXHAUSTED, method + ": " + Wire.oversized(in.length()));
            R decoded = connection.decodeResponse(method.replyParser());
            if (!method.type().repliesStream()) reply = decoded;
        } catch (StatusException e) {
            failure.compareAndSet(null, e);
        } catch (IOException e) {
            failure.compareAndSet(
                    null,
                    new StatusException(Status.INTERNAL, method + ": the reply cannot be read: " + e.getMessage(), e));
        }
        last = true;
        return reply;
    }

    /** The call cannot go on, and the server does not know: the connection ends with it. */
    private R unusable(Status status, String what) {
        failed(new StatusException(status, method + ": " + what, Executed.MAYBE, null));
        return null;
    }

    private R takeFromInbox() {
        synchronized (inbox) {
            R reply = inbox.poll();
            if (reply != null) inboxBytes -= reply.getSerializedSize();
            return reply;
        }
    }

    private void addToInbox(R reply) {
        synchronized (inbox) {
            inbox.add(reply);
            inboxBytes += reply.getSerializedSize();
        }
    }

    private boolean hasInbox() {
        synchronized (inbox) {
            return !inbox.isEmpty();
        }
    }

    private boolean isInboxFull() {
        synchronized (inbox) {
            return inbox.size() >= INBOX_MESSAGES || inboxBytes >= INBOX_BYTES;
        }
    }

    // --- the end ----------------------------------------------------------------------------------------------------

    private boolean isOver() {
        return finished || failure.get() != null || released.get();
    }

    /** A server that takes no more may still answer, and what it said before it ended counts: who receives reads that. */
    private void sendingEndedBy(IOException e) {
        connection.spoil(); // a frame may be cut
        gathering.sent();
        if (isReset(e)) sendingEnded = true;
        else endedBy(e);
    }

    private void endedBy(IOException e) {
        if (!isOver()) failed(connection.failed(method, e, Executed.MAYBE));
    }

    private static boolean isReset(IOException e) {
        return e instanceof ErrnoException errno && (errno.errno() == Errno.EPIPE || errno.errno() == Errno.ECONNRESET);
    }

    /** The call is over for both threads; returns how. */
    private StatusException failed(StatusException why) {
        if (failure.compareAndSet(null, why))
            connection.breakOff(); // wakes who is inside; the server sees that nobody waits
        return failure.get();
    }

    @Override
    public void close() {
        if (!finished)
            failed(new StatusException(Status.CANCELLED, method + ": the call was closed", Executed.MAYBE, null));
        release();
    }

    /** Gives the connection back; one that somebody still uses ends. */
    private void release() {
        if (!released.compareAndSet(false, true)) return;
        ClientKeeper.forget(this);
        if (!finished || !isAtRest()) connection.breakOff();
        if (recording != null) {
            recording.returned(connection.waits());
            recording.end(failure.get());
        }
        client.giveBack(connection);
    }

    private boolean isAtRest() {
        if (!writing.tryLock()) return false;
        try {
            if (!reading.tryLock()) return false;
            try {
                return connection.out().dropGathered();
            } finally {
                reading.unlock();
            }
        } finally {
            writing.unlock();
        }
    }

    @Override
    public String toString() {
        return "call of " + method + " at " + client;
    }
}

package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The messages of one streaming call on the server: its handler walks the requests and gives the responses.
 *
 * <p>Requests are delivered by who reads the connection. On a shared one that is another thread, and a handler that is slow
 * fills the inbox; then the connection is not read until there is room again, or the stream has failed. On an exclusive one it is
 * the handler's own thread, when it asks for the next: what it does not ask for stays in the kernel.
 */
final class ServerStream<Q extends MessageLite, R extends MessageLite> implements Iterable<Q>, Consumer<R> {
    static final int INBOX_MESSAGES = 64;
    static final int INBOX_BYTES = 1 << 20;
    /** What waits beyond {@link FrameReader#FREE} bytes is charged, in steps: not with each message. */
    private static final int CHARGE_STEP = 64 * 1024;
    /**
     * So long others of the connection wait for a full inbox to become half empty. A handler that takes nothing in that time
     * loses the stream.
     */
    static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long NEVER = 0;

    private final ServerConnection connection;
    private final ServerCall call;
    private final MethodDescriptor<Q, R> method;

    private final ReentrantLock lock = new ReentrantLock(); // a leaf but for BytesInFlight's; guards what follows
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<Q> inbox = new ArrayDeque<>();
    private long inboxBytes;
    private int charged; // for them
    private boolean complete; // nothing will be added
    private StatusException failure; // comes after what is in the inbox; null for an ordinary end

    private volatile long fullSince = NEVER; // written under lock
    private volatile boolean over; // the handler has returned
    private boolean walked; // confined to the handler's thread

    ServerStream(ServerConnection connection, ServerCall call, MethodDescriptor<Q, R> method) {
        this.connection = connection;
        this.call = call;
        this.method = method;
    }

    ServerCall call() {
        return call;
    }

    // --- requests, as the connection's reader sees them --------------------------------------------------------------

    /** Whether requests may still come. */
    boolean isOpen() {
        lock.lock();
        try {
            return !complete;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the Data frame that was read. False if the caller had closed its side before. */
    boolean deliver(FrameReader in) {
        boolean last = (in.flags() & Wire.REMOTE_CLOSED) != 0;
        if (in.oversized()) return end(new StatusException(Status.RESOURCE_EXHAUSTED, in.oversizedText()));
        if (in.overBudget() != null) return end(new StatusException(Status.RESOURCE_EXHAUSTED, in.overBudget()));
        if ((in.flags() & Wire.NO_DATA) != 0) return add(null, last, null, 0);
        return deliver(in, 0, in.length(), last);
    }

    /** Takes a message that lies in the body of a frame, and what was charged for that. */
    boolean deliver(FrameReader in, int offset, int length, boolean last) {
        Q message;
        try {
            message = method.requestParser().parseFrom(in.body(), offset, length);
        } catch (IOException e) {
            connection.counters().malformed.increment();
            return end(ServerConnection.unreadable(e));
        }
        return add(message, last, null, connection.chargeOf(in));
    }

    /** No more will come; {@code why} is null if the caller has said so itself. */
    void complete(StatusException why) {
        add(null, true, why, 0);
    }

    private boolean end(StatusException why) {
        return add(null, true, why, 0);
    }

    private boolean add(Q message, boolean last, StatusException why, int chargedForIt) {
        lock.lock();
        try {
            charged += chargedForIt;
            if (complete) return failure != null; // the caller cannot know yet that it failed
            if (message != null && !over) {
                inbox.add(message);
                inboxBytes += message.getSerializedSize();
                if (!charge() || isAtLimit()) full();
            }
            complete = last;
            failure = why;
            arrived.signal();
            return true;
        } finally {
            discharge();
            lock.unlock();
        }
    }

    private void full() {
        if (fullSince != NEVER) return;
        long now = System.nanoTime();
        fullSince = now == NEVER ? 1 : now;
    }

    /** Under the lock. False if the server has no more bytes for what waits: then the reader waits for the handler. */
    private boolean charge() {
        if (uncharged() <= 0 || connection.isExclusive()) return true;
        int more = (int) Math.max(CHARGE_STEP, uncharged());
        if (!connection.chargeWaiting(more)) return false;
        charged += more;
        return true;
    }

    /** Under the lock, after messages were taken out. */
    private void discharge() {
        long surplus = Math.min(charged, -uncharged());
        if (surplus < (inbox.isEmpty() ? 1 : CHARGE_STEP)) return;
        connection.discharge((int) surplus);
        charged -= (int) surplus;
    }

    private long uncharged() {
        return inboxBytes - FrameReader.FREE - charged;
    }

    /** Whether the reader of a shared connection must wait. */
    boolean isFull() {
        return fullSince != NEVER;
    }

    /** When it will have been full for too long; {@link Keeper#never} if it is not full. */
    long stallsAt(long now) {
        long since = fullSince;
        return since == NEVER ? Keeper.never(now) : since + STALL_NANOS;
    }

    /** Lets the connection go on although the inbox is not half empty yet. False if its handler has taken nothing at all. */
    boolean makeRoom() {
        lock.lock();
        try {
            if (isAtLimit()) return false;
            fullSince = NEVER;
        } finally {
            lock.unlock();
        }
        connection.relieve();
        return true;
    }

    private boolean isAtLimit() {
        return inbox.size() >= INBOX_MESSAGES || inboxBytes >= INBOX_BYTES;
    }

    // --- requests, as the handler sees them --------------------------------------------------------------------------

    @Override
    public Iterator<Q> iterator() {
        if (walked) throw new IllegalStateException("the requests of " + call + " are walked a second time");
        walked = true;
        return new Requests();
    }

    private final class Requests implements Iterator<Q> {
        private Q next;

        @Override
        public boolean hasNext() {
            if (next == null) next = await();
            return next != null;
        }

        @Override
        public Q next() {
            if (!hasNext()) throw new NoSuchElementException("the caller of " + call + " has sent its last request");
            Q one = next;
            next = null;
            return one;
        }
    }

    /** Null at the end. */
    private Q await() {
        for (; ; ) {
            StatusException cancelled = call.cancellation();
            if (cancelled != null) throw cancelled;
            if (over || !call.isOwnThread())
                throw new IllegalStateException("the requests of " + call
                        + " can be walked by its handler's thread alone, before the handler returns");
            Q message = poll();
            if (message != null) return message;
            if (isDone()) return null;
            connection.awaitData(this);
        }
    }

    private Q poll() {
        Q message;
        boolean room = false; // found under the lock: the reader may have halted since anybody looked before
        lock.lock();
        try {
            message = inbox.poll();
            if (message == null) return null;
            inboxBytes -= message.getSerializedSize();
            discharge();
            if (fullSince != NEVER && inbox.size() <= INBOX_MESSAGES / 2 && inboxBytes <= INBOX_BYTES / 2) {
                fullSince = NEVER;
                room = true;
            }
        } finally {
            lock.unlock();
        }
        if (room) connection.relieve();
        return message;
    }

    /** Whether the requests have come to their end; throws if that is no good one. */
    private boolean isDone() {
        lock.lock();
        try {
            if (complete && inbox.isEmpty() && failure != null) throw failure;
            return complete && inbox.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something was delivered, or an interrupt, which a cancellation is. For the handler of a shared connection. */
    void awaitArrival() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (inbox.isEmpty() && !complete) arrived.await();
        } finally {
            lock.unlock();
        }
    }

    // --- responses ---------------------------------------------------------------------------------------------------

    /** Sends a response. From any thread, until the handler has returned. */
    @Override
    public void accept(R response) {
        Objects.requireNonNull(response, "response");
        connection.sendData(this, response);
    }

    boolean isOver() {
        return over;
    }

    /** The handler has returned: what it did not ask for is dropped. */
    void end() {
        lock.lock();
        try {
            over = true;
            inbox.clear();
            inboxBytes = 0;
            discharge();
            fullSince = NEVER;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "stream of " + call;
    }
}

package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.POLLOUT;

import com.google.protobuf.MessageLite;
import io.posixsocket.OwnedFd;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is sent to one peer of a server. Any thread writes, one frame at a time. One that would wait behind a thread which waits
 * for the peer leaves its answer to that one; the keeper, who may not wait, offers its answers to whoever writes next. A frame
 * begun is finished, or the connection ends.
 */
final class ServerWriter {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());

    /** How soon a writer that waits sees that its call was cancelled. */
    private static final int WRITE_SLICE_NANOS = 20_000_000;
    /** As long as a virtual thread that finds no room for a frame parks before it looks again. */
    private static final int VIRTUAL_SLICE_NANOS = 1_000_000;
    /** How soon one that waits for another one's frame sees that this one waits for the peer. */
    private static final long LOCK_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** A failure that may be sent by any thread. The connection owes it until then. */
    private record Offer(int streamId, StatusException failure) {}

    /** An answer that is left to a thread that may wait for the peer. The connection owes it until then. */
    private record Left(ServerCall call, MessageLite reply, StatusException failure) {}

    private final ServerConnection connection;
    private final Server server;
    private final Keeper keeper;
    private final OwnedFd fd;

    private volatile boolean waits; // for the peer: pressure. Written under the lock

    private final ReentrantLock writing = new ReentrantLock(); // held for one frame; guards what follows; a leaf
    private final FrameWriter out;
    private ServerCall writer; // whose frame waits for room; null for an answer
    private final Gathering gathering = new Gathering();

    private final ConcurrentLinkedQueue<Offer> offered = new ConcurrentLinkedQueue<>(); // see sendOffered()
    private final ConcurrentLinkedQueue<Left> left = new ConcurrentLinkedQueue<>(); // see send()

    /** @param spin of its own */
    ServerWriter(ServerConnection connection, Server server, Spin spin) {
        this.connection = connection;
        this.server = server;
        this.keeper = server.keeper();
        this.fd = connection.fd();
        this.out = new FrameWriter(fd, this::awaitWritable, spin);
    }

    /** Whether a thread waits for the peer to take a frame. */
    boolean isWaiting() {
        return waits;
    }

    // --- answers -----------------------------------------------------------------------------------------------------

    /**
     * Sends an answer; a connection that does not take it ends. While another thread waits for the peer under the lock this one
     * does not queue behind it: it leaves the answer to that thread, so that a peer that takes nothing costs one thread.
     */
    void send(ServerCall call, MessageLite reply, StatusException failure) {
        if (lockUnlessStuck()) {
            sendAndUnlock(call, reply, failure);
        } else {
            connection.owesAnswer(); // one for the call's own thread, one for the answer
            left.add(new Left(call, reply, failure)); // then looks again: that thread may not wait any more
        }
        sendRest();
    }

    private void sendAndUnlock(ServerCall call, MessageLite reply, StatusException failure) {
        try {
            if (connection.isGone()) return;
            if (failure == null && call.method().type().repliesStream()) out.closeStream(call.streamId());
            else write(call.streamId(), reply, failure);
            gathering.sent(); // it went along
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "answer of " + call + " lost", e);
            connection.hangUp(); // a frame may be cut: the reader sees the end and closes
        } catch (RuntimeException | Error e) { // writeTo. Not to the caller: it may not hold the role any more
            LOG.log(System.Logger.Level.ERROR, () -> "answer of " + call + " lost", e);
            connection.hangUp();
        } finally {
            writing.unlock();
        }
    }

    /** Under the lock. */
    private void write(int streamId, MessageLite reply, StatusException failure) throws IOException {
        if (failure != null) {
            out.failure(streamId, failure.status(), failure.description(), failure.details());
            return;
        }
        try {
            out.reply(streamId, reply);
        } catch (OversizedException e) { // nothing of it was sent
            out.failure(streamId, Status.RESOURCE_EXHAUSTED, e.getMessage(), List.of());
        } catch (RuntimeException | Error e) { // the message's own writeTo, or no memory
            if (out.begun()) throw e;
            out.failure(streamId, Status.INTERNAL, "the reply cannot be written: " + e, List.of());
        }
    }

    /** Answers a call without waiting, if it is not answered yet. */
    void offer(ServerCall call, StatusException failure) {
        connection.owesAnswer(); // before it is ours: its own thread may be about to close a half-closed connection
        if (!call.answer()) {
            connection.answered();
            return;
        }
        offered.add(new Offer(call.streamId(), failure));
        sendRest();
    }

    /** Answers a request that is no call. Does not wait where the keeper, or the peer's reader, would wait for itself. */
    void refuse(int streamId, StatusException why) throws IOException {
        if (!keeper.isCurrentThread() && lockUnlessStuck()) {
            try {
                write(streamId, null, why);
                gathering.sent();
            } finally {
                writing.unlock();
                sendRest();
            }
        } else {
            connection.owesAnswer();
            offered.add(new Offer(streamId, why));
            sendRest();
        }
    }

    /** Has the keeper answer, for a thread that may not write at all. It is owed already. */
    void leaveToKeeper(int streamId, StatusException why) {
        offered.add(new Offer(streamId, why));
        if (keeper.isCurrentThread()) sendRest();
        else keeper.wakeBy(System.nanoTime());
    }

    /** The keeper's look: answers that could not be sent, messages that were gathered. Returns when to look again. */
    long look(long now) {
        sendOffered();
        long due = gathering.due(now);
        return due - now > 0 ? due : sendTail(now);
    }

    // --- messages of streams -----------------------------------------------------------------------------------------

    /**
     * Sends a message of a stream, or gathers it. Blocks while the caller takes none.
     *
     * @throws StatusException if nobody waits for it any more, or it is too long
     */
    void sendData(ServerStream<?, ?> stream, MessageLite message) {
        ServerCall call = stream.call();
        lockFor(call);
        try {
            StatusException cancelled = call.cancellation();
            if (cancelled != null) throw cancelled;
            if (stream.isOver())
                throw new IllegalStateException("the handler of " + call + " has returned: its responses are complete");
            if (connection.isGone() || call.isAnswered()) throw Server.hungUp();
            long now = System.nanoTime();
            writer = call;
            data(call, message, gathering.mayWait(now));
            if (gathering.begins(now, out.gathered())) keeper.wakeBy(gathering.due(now));
        } catch (OversizedException e) {
            throw new StatusException(
                    Status.RESOURCE_EXHAUSTED, "response of " + call.method() + ": " + e.getMessage(), e);
        } catch (IOException e) { // a frame may be cut
            connection.hangUp();
            StatusException cancelled = call.cancellation();
            throw cancelled != null
                    ? cancelled
                    : new StatusException(Status.CANCELLED, connection + ": " + e.getMessage(), e);
        } finally {
            writer = null;
            writing.unlock();
            sendRest();
        }
    }

    private void data(ServerCall call, MessageLite message, boolean gather) throws IOException {
        try {
            out.data(call.streamId(), message, gather);
        } catch (RuntimeException | Error e) { // the message's own writeTo
            if (out.begun()) connection.hangUp(); // a frame is cut
            throw e;
        }
    }

    /** Before a wait for the caller, who may be waiting for what was gathered. Somebody who writes takes it along. */
    void flushTail() {
        if (gathering.isEmpty() || !writing.tryLock()) return;
        try {
            if (out.tryFlush()) gathering.sent(); // or the keeper goes on
        } catch (IOException e) {
            connection.hangUp();
        } finally {
            writing.unlock();
            sendRest();
        }
    }

    /** The keeper's: without waiting. Returns when to try again. */
    private long sendTail(long now) {
        if (!writing.tryLock()) return now + Gathering.LIMIT_NANOS;
        try {
            if (!flushWithoutWait(now)) return now + Gathering.RETRY_NANOS;
            gathering.sent();
        } catch (IOException e) {
            connection.hangUp();
            gathering.sent();
        } finally {
            writing.unlock();
            sendOffered();
        }
        return Keeper.never(now);
    }

    /** The keeper's, under the lock. False if the peer does not take all of it; if it takes nothing for too long, it throws. */
    private boolean flushWithoutWait(long now) throws IOException {
        if (out.tryFlush()) return true;
        if (gathering.isStuck(now, out.gathered(), server.peerLimits().writeNanos())) throw tookNothing();
        return false;
    }

    private IOException tookNothing() {
        String why = "the peer took no byte for "
                + Duration.ofNanos(server.peerLimits().writeNanos()) + " (writeTimeout)";
        server.slowPeer(connection + " ends: " + why);
        return new IOException(why);
    }

    // --- the lock ----------------------------------------------------------------------------------------------------

    /** Takes the lock; false if its holder waits for the peer. */
    private boolean lockUnlessStuck() {
        if (writing.tryLock()) return true;
        boolean interrupted = false;
        try {
            while (!waits) {
                try {
                    if (writing.tryLock(LOCK_SLICE_NANOS, TimeUnit.NANOSECONDS)) return true;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return false;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** Takes the lock for a message of a stream, whose handler waits with its connection: that is the back-pressure. */
    private void lockFor(ServerCall call) {
        boolean interrupted = false;
        try {
            while (!writing.tryLock()) {
                StatusException cancelled = call.cancellation();
                if (cancelled != null) throw cancelled;
                if (connection.isGone()) throw Server.hungUp();
                try {
                    if (writing.tryLock(WRITE_SLICE_NANOS, TimeUnit.NANOSECONDS)) return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /**
     * After every unlock, and after anything was added: what others could not send. The keeper, who never waits, sends failures
     * alone. Who leaves an answer has seen {@link #waits} after it was left; the thread that waited, which is not the
     * keeper, clears that and comes here afterwards. So one of the two sends it.
     */
    private void sendRest() {
        sendOffered();
        if (left.isEmpty() || keeper.isCurrentThread()) return;
        for (; !left.isEmpty() && lockUnlessStuck(); sendOffered()) {
            Left one = left.poll();
            if (one == null) {
                writing.unlock();
            } else {
                sendAndUnlock(one.call, one.reply, one.failure);
                connection.answered();
            }
        }
    }

    private void sendOffered() {
        while (!offered.isEmpty() && writing.tryLock()) {
            Offer offer = null;
            try {
                long now = System.nanoTime();
                if (keeper.isCurrentThread() && !flushWithoutWait(now)) { // gathered frames may wait: behind them
                    keeper.wakeBy(now + Gathering.RETRY_NANOS);
                    return;
                }
                offer = offered.poll();
                if (offer != null)
                    out.failure(offer.streamId, offer.failure.status(), offer.failure.description(), List.of());
            } catch (IOException e) {
                connection.hangUp();
                if (offer == null) offer = offered.poll(); // nobody will take it, nor what is left
            } catch (RuntimeException | Error e) { // no memory
                connection.hangUp();
                throw e;
            } finally {
                writing.unlock();
                if (offer != null) connection.answered();
            }
        }
    }

    /** The writer's wait, under its lock. Meanwhile the connection is not read: its peer takes answers before it asks more. */
    private void awaitWritable() throws IOException {
        if (keeper.isCurrentThread()) throw new IOException("the peer does not take its answers");
        waits = true;
        boolean interrupted = false;
        try {
            long end = System.nanoTime() + server.peerLimits().writeNanos();
            while (!awaitRoom()) {
                interrupted |= Thread.interrupted(); // which would keep a virtual thread from parking
                if (connection.isExclusive() && writer != null && writer.isCancelled())
                    throw new IOException("the call was cancelled while its caller took nothing");
                if (System.nanoTime() - end > 0) throw tookNothing();
            }
        } finally {
            waits = false;
            connection.writerWaitsNoMore();
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** Waits for a moment, a virtual thread without its carrier; whether the kernel takes bytes. */
    private boolean awaitRoom() throws IOException {
        if (!ThreadKind.isVirtual(Thread.currentThread())) return fd.poll(POLLOUT, WRITE_SLICE_NANOS) != 0;
        if (fd.poll(POLLOUT, 0) != 0) return true;
        LockSupport.parkNanos(this, VIRTUAL_SLICE_NANOS);
        return false;
    }
}

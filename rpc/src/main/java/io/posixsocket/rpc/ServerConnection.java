package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.SHUT_RD;
import static io.posixsocket.SocketConstants.SHUT_RDWR;

import com.google.protobuf.MessageLite;
import io.posixsocket.OwnedFd;
import io.posixsocket.PeerCredentials;
import io.posixsocket.SockOpt;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One accepted socket. One thread at a time holds the reading role; any thread may write. docs/CONCURRENCY.md says why this is
 * enough.
 *
 * <p>Exclusive or shared: the first Request says which. Exclusive, its client has promised one call at a time: the worker
 * keeps the role, reads, runs the handler, replies, and reads again. Shared: the worker reads one Request, gives the role
 * back, and then runs the handler; nothing that happens to one call closes the connection.
 */
final class ServerConnection implements Overload.Source, ReadingRole.Watched, FrameReader.Budget {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());

    /** How long a worker waits for the next Request of one client before it gives the connection back to the kernel. */
    private static final Duration PARK = Duration.ofMillis(20);

    static final long PARK_NANOS = PARK.toNanos();
    /** Frames that are no calls, read in one go; then other connections have their turn. */
    private static final int BATCH = 64;

    private static final long LATE_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long ARM_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int ARMED = -1;

    private static final Spin.Processor WORKERS = new WorkersProcessor();

    private static final int MAX_IN_FLIGHT = 64;
    /** Calls in flight are not read beyond their limit: if all were streams, nobody would read their messages. */
    static final int MAX_STREAMS = MAX_IN_FLIGHT / 2;

    private static final long NOT_DUE = 0;

    private final Server server;
    private final Handlers handlers; // null: the thread that reads a request runs its handler
    private final OwnedFd fd;
    private final boolean isUnix;
    private final PeerCredentials peer; // null where the kernel does not tell
    private String peerText; // null until it is asked for
    private long key; // in the poller; written before the first arm

    private final ReadingRole role = new ReadingRole(this);

    // Confined to the holder of the role.
    private final FrameReader in;
    private final Admission admission;
    private boolean anyFrame;
    private int requestsInDrain;

    // When the peer's frame is to be whole, in terms of nanoTime. Set as the role is given with a part of one, cleared
    // by the holder when it is whole or is not waited for; the keeper looks.
    private volatile long frameDue = NOT_DUE;

    // A whole frame is in user space: the kernel does not know of it. Written by who gives the role, before.
    private volatile boolean frameWaits;

    // Promised: nothing else waits for its call; exclusive: and so the worker stays. Written once, by the holder,
    // before
    // the first call runs.
    private volatile boolean oneCall;
    private volatile boolean exclusive;

    private volatile boolean gone; // the peer has hung up: nobody waits for any answer
    private volatile boolean eof; // the peer sends no more, but may be waiting for answers
    private final AtomicInteger unarmed = new AtomicInteger(ARMED); // or the events that the keeper is to arm for

    // The calls that are not answered yet, on an exclusive connection one at most.
    private volatile ServerCall only;
    private final AtomicInteger inFlight = new AtomicInteger(); // means nothing on an exclusive connection
    private final Set<ServerCall> calls = ConcurrentHashMap.newKeySet(1);

    // The streams among them, by id, while their handlers run; and those that drain() waits for.
    private final ConcurrentHashMap<Integer, ServerStream<?, ?>> streams = new ConcurrentHashMap<>(1);
    private final AtomicBoolean readingShut = new AtomicBoolean();

    private final ServerWriter out;

    ServerConnection(Server server, OwnedFd fd, boolean isUnix, PeerCredentials peer, Duration spin) {
        this.server = server;
        this.handlers = server.handlers();
        this.fd = fd;
        this.isUnix = isUnix;
        this.peer = peer;
        PeerLimits limits = server.peerLimits();
        Spin reading = new Spin(spin, WORKERS);
        this.in = new FrameReader(fd, reading, limits.maxMessageSize(), this);
        this.out = new ServerWriter(this, server, new Spin(spin, reading));
        this.admission = new Admission(this, server, in, out);
    }

    /** Puts it into the poller. From now on it ends by itself. */
    void start() throws IOException {
        fd.setsockopt(SockOpt.SO_RCVTIMEO, PARK);
        key = server.poller().add(this);
        frameDueBy(System.nanoTime() + server.peerLimits().firstFrameNanos());
        role.watch();
    }

    @Override
    public OwnedFd fd() {
        return fd;
    }

    PeerCredentials peer() {
        return peer;
    }

    /** Empty where the kernel does not tell. */
    String peerText() {
        String text = peerText;
        if (text == null) peerText = text = peer == null ? "" : peer.toString();
        return text;
    }

    ServerCounters counters() {
        return server.counters();
    }

    boolean isExclusive() {
        return exclusive;
    }

    /** Whether nobody is there to take an answer. */
    boolean isGone() {
        return gone;
    }

    // --- reading -----------------------------------------------------------------------------------------------------

    @Override
    public void ready(int events) {
        if (endedBy(events) || !role.claim()) return; // held or halted: only a hang-up says anything new
        ServerCall call;
        try {
            call = exclusive ? serveAlone() : serveShared();
        } catch (IOException | RuntimeException | Error e) { // the role is still held: nothing gives it and then throws
            broken(e);
            return;
        }
        if (call == null) return;
        giveToKernel(); // before user code runs; this thread is the handler's from here on, or hands it over
        if (handlers == null) run(call);
        else runElsewhere(call);
    }

    /** Acts on a hang-up; false if the events tell of none. */
    private boolean endedBy(int events) {
        if (!isHangUp(events)) return false;
        gone = true; // before the role: its holder may be inside a handler
        cancelCalls(Server.hungUp());
        if (role.claim()) end(); // the caller is gone: do not compute for it
        else if (role.endHalted()) close();
        return true;
    }

    /** One frame at a time: a request is refused, a message of a stream that runs is delivered. */
    @Override
    public boolean readyWhileBusy(int events) {
        if (endedBy(events) || !role.claim()) return true;
        try {
            if (!exclusive && pressure()) {
                halt();
                return true;
            }
            switch (in.next()) {
                case END -> {
                    endOfStream();
                    return true;
                }
                case NOTHING -> {
                    // a part of a frame, at most
                }
                case FRAME -> admit(); // which is never a call here
            }
        } catch (IOException | RuntimeException | Error e) {
            broken(e);
            return true;
        }
        giveToKernel();
        return true;
    }

    @Override
    public void watchAgain() {
        throw new IllegalStateException(this + " acts on every event");
    }

    /** By the holder of the role, which it gives away or ends. */
    private void endOfStream() {
        if (exclusive) {
            end();
            return;
        }
        eof = true; // pressure from now on
        for (ServerStream<?, ?> stream : streams.values()) stream.complete(cutOff());
        halt();
    }

    /** By the holder of the role. */
    private void broken(Throwable e) {
        boolean ordinary = e instanceof IOException;
        if (e instanceof ProtocolException) server.counters().malformed.increment();
        LOG.log(ordinary ? System.Logger.Level.DEBUG : System.Logger.Level.ERROR, () -> this + " ends", e);
        gone = true;
        cancelCalls(Server.hungUp());
        end();
    }

    /** On TCP a peer that closes and one that shuts down its sending side look alike until something is written. */
    private boolean isHangUp(int events) {
        if ((events & Poller.HUP) != 0) return true;
        return !isUnix && (events & Poller.RDHUP) != 0 && !server.isDraining();
    }

    /**
     * Reads until there is a call, which the caller runs after it has given the role away. Null if the role is given away, or
     * ended, already.
     */
    private ServerCall serveShared() throws IOException {
        for (int refused = 0; refused < BATCH; refused++) {
            if (pressure()) {
                halt();
                return null;
            }
            switch (in.next()) {
                case END -> {
                    endOfStream();
                    return null;
                }
                case NOTHING -> {
                    giveToKernel();
                    return null;
                }
                case FRAME -> {
                    ServerCall call = admit();
                    if (call == null) continue; // refused, and answered
                    if (!exclusive) return call;
                    arm(0); // this first Request carried the promise
                    run(call);
                    return goOnAlone();
                }
            }
        }
        giveToKernel(); // a flood of frames that are no calls: others have their turn
        return null;
    }

    /** Reads, runs and answers, until the client pauses. Returns null, the role being given away or ended. */
    private ServerCall serveAlone() throws IOException {
        arm(0); // tells of a hang-up while the handler runs; once per stay, not per call
        return goOnAlone();
    }

    private ServerCall goOnAlone() throws IOException {
        for (; ; ) {
            // a thread waits for one connection alone only while another one waits for all
            switch (server.workers().anyIdle() ? in.awaitAtMost(PARK_NANOS) : in.next()) {
                case END -> {
                    endOfStream();
                    return null;
                }
                case NOTHING -> {
                    giveToKernel();
                    return null;
                }
                case FRAME -> {
                    ServerCall call = admit();
                    if (call != null) run(call);
                }
            }
        }
    }

    private void giveToKernel() {
        in.release();
        role.watch();
        if (server.isDraining()) beginDraining(); // given before asked: see there
    }

    /** Before anybody waits for the peer. A frame's time begins when it is first found to be a part. */
    private void keepFrameTime() {
        if (!in.isPartial()) return;
        long due = System.nanoTime() + server.peerLimits().frameNanos();
        if (frameDue == NOT_DUE || (!anyFrame && due - frameDue < 0)) frameDueBy(due);
    }

    private void frameDueBy(long nanoTime) {
        frameDue = nanoTime == NOT_DUE ? 1 : nanoTime;
        server.keeper().wakeBy(nanoTime);
    }

    /** A frame is whole, or it is not the peer whom we wait for. */
    private void frameNotDue() {
        if (frameDue != NOT_DUE) frameDue = NOT_DUE;
    }

    /** Pressure: nobody reads, so no frame is late. Half closed: finish, answer, close. */
    private void halt() {
        in.release();
        frameNotDue();
        noteFrameWaits();
        role.halt();
        if (eof && inFlight.get() == 0 && role.endHalted()) close();
        else if (server.isDraining()) beginDraining(); // the pressure may have gone at once: given before asked
    }

    /**
     * The frame as a call, which counts from now on; null if it is none, or was refused and answered. The keeper, who has it
     * only while nobody could run it, refuses every request, but reads it first: the promise may be in it.
     */
    private ServerCall admit() throws IOException {
        anyFrame = true;
        frameNotDue();
        int id = in.streamId();
        if ((id & 1) == 0) return admission.malformed(id, "StreamID must be odd for client initiated streams");
        if (in.type() == Wire.DATA) deliver(id);
        if (in.type() != Wire.REQUEST) return null; // peers ignore what they do not know, and so do we
        // a peer that never pauses is not waited for; of what is queued then, only a stream that still sends is lost
        if (!exclusive && server.isDraining() && ++requestsInDrain >= MAX_IN_FLIGHT) drain();
        return admission.admit(id);
    }

    /** Where handlers run elsewhere, no thread has the connection during a call: then it is shared, by one call at a time. */
    void promised() {
        oneCall = true;
        exclusive = handlers == null;
    }

    boolean hasOneCall() {
        return oneCall;
    }

    /** A call that was admitted, while the role is held: the next frame read may be its stream's, the next holder sees the pressure. */
    void admitted(ServerCall call) {
        if (call.stream() != null) streams.put(call.streamId(), call.stream());
        if (!exclusive) inFlight.incrementAndGet();
    }

    boolean hasAllStreams() {
        return streams.size() >= MAX_STREAMS;
    }

    static StatusException unreadable(IOException e) {
        return new StatusException(Status.INTERNAL, "ttrpc: error unmarshalling payload: " + e.getMessage());
    }

    /** A message of a stream; one of a stream that has ended is late, and nobody's. */
    private void deliver(int id) {
        ServerStream<?, ?> stream = streams.get(id);
        if (stream == null || stream.isOver()) return;
        if (in.oversized()) server.counters().oversized.increment();
        if (in.overBudget() != null) server.counters().refused.increment();
        boolean taken = stream.deliver(in);
        if (exclusive) return;
        if (stream.isFull() && !oneCall) server.keeper().wakeBy(stream.stallsAt(System.nanoTime()));
        if (!taken)
            stream.call()
                    .fail(new StatusException(Status.INVALID_ARGUMENT, "data handling error: ttrpc: stream closed"));
    }

    /** What a stream ends with whose caller sends no more and has not said that it is done. */
    private StatusException cutOff() {
        return server.isDraining() ? Server.shutDown() : Server.hungUp();
    }

    /**
     * Waits for something new for a stream, or for its call's cancellation. On the handler's own thread, which on an exclusive
     * connection holds the role.
     */
    void awaitData(ServerStream<?, ?> stream) {
        out.flushTail();
        try {
            if (exclusive) readFor(stream);
            else stream.awaitArrival();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (!stream.call().isCancelled())
                throw new StatusException(Status.CANCELLED, "the handler of " + stream.call() + " was interrupted", e);
        } catch (IOException e) {
            if (e instanceof ProtocolException) server.counters().malformed.increment();
            hangUp();
            stream.complete(new StatusException(Status.CANCELLED, this + ": " + e.getMessage(), e));
        }
    }

    private void readFor(ServerStream<?, ?> stream) throws IOException {
        switch (in.awaitAtMost(PARK_NANOS)) {
            case END -> stream.complete(cutOff());
            case NOTHING -> keepFrameTime(); // and the caller asks whether the call was cancelled
            case FRAME -> {
                frameNotDue();
                if (in.type() == Wire.REQUEST)
                    throw new ProtocolException("a second call on a connection of one call at a time");
                if (in.type() == Wire.DATA) deliver(in.streamId());
            }
        }
    }

    @Override
    public String charge(int bytes) {
        return server.bytesInFlight().charge(peer, bytes);
    }

    /**
     * What was charged for the frame of a message that an inbox takes, and pays for from here on. On an exclusive connection one
     * message waits at most, until its handler takes it: there the reader stays charged.
     */
    int chargeOf(FrameReader frame) {
        return exclusive ? 0 : frame.takeCharge();
    }

    /** For messages that wait in a stream's inbox; false if there is no room for more. */
    boolean chargeWaiting(int bytes) {
        return server.bytesInFlight().chargeWaiting(peer, bytes);
    }

    @Override
    public void discharge(int bytes) {
        server.bytesInFlight().discharge(peer, bytes);
    }

    // --- calls -------------------------------------------------------------------------------------------------------

    private void run(ServerCall call) {
        enter(call);
        runEntered(call);
    }

    private void runElsewhere(ServerCall call) {
        enter(call);
        handlers.run(call, () -> {
            // the thread may be free because the end of the grace has just cancelled another call
            if (server.isGraceOver()) call.cancel(Server.shutDown());
            if (call.begin()) runEntered(call); // else it was cancelled, and answered
        });
    }

    /** Where it is found by who cancels. */
    private void enter(ServerCall call) {
        if (exclusive) {
            only = call;
        } else {
            calls.add(call);
            // it may be abandoned already, by who read the next frame of its stream: entered before asked
            if (handlers != null && call.isCancelled()) calls.remove(call);
        }
        // entered before asked: whoever cancels all calls, or those whose time is up, finds this one, or is seen here
        if (gone) call.cancel(Server.hungUp());
        else if (server.isGraceOver()) call.cancel(Server.shutDown());
        call.keepTime(server.keeper());
    }

    private void runEntered(ServerCall call) {
        try {
            call.run(server.interceptors());
        } catch (RuntimeException
                | Error e) { // ours, or no memory. Not to the caller: the role may be another thread's
            LOG.log(System.Logger.Level.ERROR, () -> call + " failed", e);
            hangUp();
        } finally {
            leave(call);
            answered();
        }
    }

    private void leave(ServerCall call) {
        if (exclusive) only = null;
        else calls.remove(call);
        if (call.charged() > 0) discharge(call.charged());
        // after the answer, which a stream's caller that still sends is to see first; its next Request may be there,
        // too
        if (exclusive && server.isDraining() && !in.hasFrame() && !isReadable()) drain();
    }

    /** One that was cancelled before it began. From any thread, which need not be one that may write: the keeper answers. */
    void abandoned(ServerCall call, StatusException why) {
        if (why.status() == Status.RESOURCE_EXHAUSTED) {
            server.counters().refused.increment();
        } else {
            server.counters().started.increment();
            server.counters().cancelled.increment();
        }
        if (call.stream() != null) end(call.stream());
        leave(call);
        if (!call.answer()) {
            answered();
            return;
        }
        out.leaveToKeeper(call.streamId(), why); // where it is counted in its place
    }

    /** The handler of a stream has returned. */
    void end(ServerStream<?, ?> stream) {
        stream.end();
        streams.remove(stream.call().streamId());
        if (handlers == null) server.endStream();
        if (!exclusive) role.relieve(); // and is drained after the answer, not before
    }

    /** One more answer is to be sent after its call has ended, by another thread: until {@link #answered}. */
    void owesAnswer() {
        inFlight.incrementAndGet();
    }

    /** One of those counted in {@link #inFlight} needs the connection no more. */
    void answered() {
        if (exclusive) return;
        boolean last = inFlight.decrementAndGet() == 0;
        if (eof && last && role.endHalted()) close();
        else relieve();
    }

    void cancelCalls(StatusException why) {
        ServerCall alone = only;
        if (alone != null) alone.cancel(why);
        for (ServerCall call : calls) call.cancel(why);
    }

    /** The keeper's look: calls whose time is up, answers that could not be sent. Returns when to look again. */
    long look(long now) {
        int events = unarmed.getAndSet(ARMED);
        if (events != ARMED) arm(events);
        long answers = out.look(now);
        long frame = frameDue;
        if (frame != NOT_DUE && frame - now <= 0) frame = endUnlessWeAreLate(now);
        ServerCall alone = only;
        // on an exclusive connection the caller keeps the time too, and the worker has the connection: nothing to
        // answer here
        long next = alone == null ? Keeper.never(now) : alone.expire(now, false);
        for (ServerCall call : calls) next = Keeper.earlier(next, call.expire(now, true));
        if (frame != NOT_DUE) next = Keeper.earlier(next, frame);
        return Keeper.earlier(next, answers);
    }

    /** A frame was not whole in time. Returns when to look again. Does not write {@link #frameDue}, which belongs to who gives the role. */
    private long endUnlessWeAreLate(long now) {
        if (gone) return NOT_DUE;
        try {
            if (fd.poll(POLLIN, 0) != 0) return now + LATE_RETRY_NANOS; // nobody has had the time to read what waits
        } catch (IOException e) {
            return NOT_DUE; // it has ended already
        }
        server.slowPeer(this + " ends: its frame was not whole in time (firstFrameTimeout, frameTimeout)");
        hangUp();
        return NOT_DUE;
    }

    // --- writing -----------------------------------------------------------------------------------------------------

    /** Answers a call. */
    void send(ServerCall call, MessageLite reply, StatusException failure) {
        // its caller sends nothing now; after the answer it might be the Request of a stream
        if (oneCall
                && server.isDraining()
                && (call.stream() == null || !call.stream().isOpen())) drain();
        out.send(call, reply, failure);
    }

    /** Answers a call without waiting, if it is not answered yet. */
    void offer(ServerCall call, StatusException failure) {
        out.offer(call, failure);
    }

    /** Sends a message of a stream: {@link ServerWriter#sendData}. */
    void sendData(ServerStream<?, ?> stream, MessageLite message) {
        out.sendData(stream, message);
    }

    /** The writer's, under its lock: some pressure was removed. */
    void writerWaitsNoMore() {
        role.relieve();
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    /**
     * No more requests: what is queued is read and answered, then the connection ends. Callers that are in the middle of a stream
     * send it to its end first; a Request that was not seen yet may begin one. So a connection that somebody reads is drained by
     * that thread, when it gives the role: marked as draining before the role is looked at, given before that is asked, one of the
     * two sees the other.
     */
    void beginDraining() {
        if (server.isGraceOver()) {
            shutReading();
            return;
        }
        int claims = role.claims();
        if (!role.isWatched() || frameWaits || isReadable()) return;
        // nobody has taken a Request between the two looks; who takes one from now on comes here again
        if (role.isWatched() && role.claims() == claims) drain();
    }

    private boolean isReadable() {
        try {
            return fd.poll(POLLIN, 0) != 0;
        } catch (IOException e) {
            return false; // it has ended already, or will not be read any more
        }
    }

    /** The grace is over: nobody is waited for, callers that are in the middle of a stream neither. */
    void endGrace() {
        cancelCalls(Server.shutDown());
        shutReading();
    }

    private void drain() {
        for (ServerStream<?, ?> stream : streams.values()) if (stream.isOpen()) return; // its end comes back here
        // nor before the answer of one whose handler has returned: its call stays until then, and comes back here
        for (ServerCall call : calls) if (call.stream() != null && call.stream().isOpen()) return;
        shutReading();
    }

    /** Wakes the reader also where frames in user space wait for a peer that takes no answers: see {@link #wanted}. */
    private void shutReading() {
        if (readingShut.compareAndSet(false, true)) shutdown(SHUT_RD);
    }

    /** After some pressure was removed. */
    void relieve() {
        if (exclusive) return;
        role.relieve();
        if (server.isDraining()) beginDraining(); // nobody read when that began, and there may be nothing to read now
    }

    /** Makes the reader see the end. From any thread. */
    void hangUp() {
        gone = true;
        shutdown(SHUT_RDWR);
    }

    private void shutdown(int how) {
        try {
            fd.shutdown(how);
        } catch (IOException e) {
            // it has ended already
        }
    }

    /** By the holder of the role. */
    private void end() {
        role.end();
        close();
    }

    /** By whoever ended the role. */
    private void close() {
        server.poller().remove(this, key);
        fd.close();
        in.discard();
        server.ended(this);
    }

    // --- ReadingRole.Watched -----------------------------------------------------------------------------------------

    @Override
    public void arm(int events) {
        if (unarmed.get() != ARMED) unarmed.set(ARMED); // what could not be armed before is not wanted any more
        // a TCP peer's end is no hang-up to the kernel: ask for it by name, unless we have made it ourselves
        boolean byName = events == 0 && !isUnix && !server.isDraining();
        try {
            server.poller().arm(this, key, byName ? Poller.RDHUP : events);
        } catch (RuntimeException | Error e) { // no memory. Not to the caller: it may not hold the role any more
            LOG.log(System.Logger.Level.ERROR, () -> this + " cannot be armed, trying again", e);
            unarmed.set(events);
            server.keeper().wakeBy(System.nanoTime() + ARM_RETRY_NANOS);
        }
    }

    @Override
    public int wanted() {
        keepFrameTime(); // also of a frame that nobody read for a time, because of the pressure
        // bytes in user space wake nobody. OUT does, at once, unless the peer leaves its answers: then as soon as those
        // fill a quarter of the kernel's buffer at most. Until then it is not asked what it wants more
        return noteFrameWaits() ? Poller.IN | Poller.OUT | Poller.RDHUP : Poller.IN | Poller.RDHUP;
    }

    /** By the holder, or by who removed the pressure: before the role can be taken. */
    private boolean noteFrameWaits() {
        boolean waits = in.hasFrame();
        if (frameWaits != waits) frameWaits = waits;
        return waits;
    }

    @Override
    public boolean pressure() {
        return eof || out.isWaiting() || inFlight.get() >= MAX_IN_FLIGHT || anyFull();
    }

    private boolean anyFull() {
        if (streams.isEmpty()) return false;
        for (ServerStream<?, ?> stream : streams.values()) if (stream.isFull()) return true;
        return false;
    }

    @Override
    public String toString() {
        return fd + (peer == null ? "" : " (" + peer + ")");
    }
}

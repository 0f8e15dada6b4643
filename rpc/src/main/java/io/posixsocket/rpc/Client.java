package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import io.posixsocket.OwnedFd;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The channel to one server. A call leases a connection, a new one if all are in use, and the calling thread does all the
 * work: no other thread takes part.
 *
 * <p>There is one connection per call under way at the same time, up to {@link Builder#maxConnections}; further callers wait for
 * one within their deadline, in the order in which they came. A thread that makes a call inside another one of the same client,
 * while a message of that one is read or consumed, is refused with RESOURCE_EXHAUSTED if none is left, because it could wait for
 * itself. Idle connections are closed after {@link Builder#idleTimeout}.
 *
 * <p>A call fails at once if the server cannot be reached, unless the channel says {@link #withWaitForReady}. One whose
 * connection had ended before it took the request is made again on a new connection, twice at most: that is what happens after
 * the server was restarted. Of several callers one at a time connects.
 *
 * <p>Thread-safe.
 */
public final class Client implements Channel, AutoCloseable {
    private static final int MAX_RETRIES = 2;

    private final String address; // for texts, of which a recording has one per call
    private final Pool pool;
    private final ChannelView view = new ChannelView(this, CallOptions.NONE);

    /** With the defaults of {@link Builder}. */
    Client(Connector connector, Duration spin) {
        this(connector, spin, Builder.MAX_CONNECTIONS, Builder.IDLE_TIMEOUT);
    }

    private Client(Connector connector, Duration spin, int maxConnections, Duration idleTimeout) {
        this.address = connector.toString();
        this.pool = new Pool(this, connector, spin, maxConnections, idleTimeout);
    }

    /**
     * A client of the server at {@code address}, with the defaults of {@link Builder}. The first call connects. The first
     * client of a process loads native code, a few tenths of a second.
     *
     * @param address as {@link Sockaddr#parse} takes it: {@code unix:/run/greeter.sock}
     */
    public static Client connect(String address) {
        return builder(address).build();
    }

    /**
     * A client of the server at the other end of a connected stream socket: one of a pair, an inherited one, vsock. Takes ownership
     * of {@code connected}, which is closed with the client, and asks nobody who the server is: see {@link #builder(OwnedFd)}.
     *
     * <p>There is no other connection: callers take turns, and when it has ended, by an interrupt of a caller too, all calls fail.
     * It survives a unary call whose deadline passes, unless a part of the request was sent; a late reply is dropped. It does not
     * survive a stream that ends before the server has ended it, be it by the deadline, by an exception or by {@link Call#close}: closing
     * the connection is the only way to tell the server. Unlike other clients this one does not promise the server to have one call at a
     * time, as a late one may go on there.
     *
     * @throws IOException if it is not connected; it stays the caller's then
     */
    public static Client connect(OwnedFd connected) throws IOException {
        return builder(connected).build();
    }

    /** Starts a client of the server at {@code address}, as {@link Sockaddr#parse} takes it. */
    public static Builder builder(String address) {
        return builder(Sockaddr.parse(address));
    }

    /** Starts a client of the server at {@code address}. */
    public static Builder builder(Sockaddr address) {
        return new Builder(address);
    }

    /** Starts a client as {@link #connect(OwnedFd)} does, which says who owns {@code connected} after {@code build}. */
    public static GivenBuilder builder(OwnedFd connected) {
        return new GivenBuilder(connected);
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> R call(MethodDescriptor<Q, R> method, Q request) {
        return view.call(method, request);
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> void callServerStreaming(
            MethodDescriptor<Q, R> method, Q request, Consumer<? super R> responses) {
        view.callServerStreaming(method, request, responses);
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> R callClientStreaming(
            MethodDescriptor<Q, R> method, Iterable<? extends Q> requests) {
        return view.callClientStreaming(method, requests);
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> void callBidiStreaming(
            MethodDescriptor<Q, R> method, Iterable<? extends Q> requests, Consumer<? super R> responses) {
        view.callBidiStreaming(method, requests, responses);
    }

    @Override
    public <Q extends MessageLite, R extends MessageLite> Call<Q, R> start(MethodDescriptor<Q, R> method) {
        return view.start(method);
    }

    /** Makes a unary call. */
    <Q extends MessageLite, R extends MessageLite> R unary(
            CallOptions options, MethodDescriptor<Q, R> method, Q request, Deadline deadline, Metadata metadata) {
        CallRecording recording = CallRecording.begin(method, this);
        if (recording == null) return unary(options, method, request, deadline, metadata, null);
        Throwable failure = null;
        try {
            recording.request(request);
            R reply = unary(options, method, request, deadline, metadata, recording);
            recording.reply(reply);
            return reply;
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            recording.end(failure);
        }
    }

    /** @param recording null if nobody records it */
    private <Q extends MessageLite, R extends MessageLite> R unary(
            CallOptions options,
            MethodDescriptor<Q, R> method,
            Q request,
            Deadline deadline,
            Metadata metadata,
            CallRecording recording) {
        requireNoInterrupt(method);
        StatusException mayHaveRun = null; // how an earlier attempt failed, if it may have run
        try {
            for (int retries = 0; ; retries++) {
                ClientConnection connection = pool.lease(method, deadline, options.waitForReady());
                if (recording != null) recording.leased(connection.waits());
                try {
                    return connection.unary(method, request, deadline, metadata);
                } catch (NotTakenException e) {
                    if (retries >= MAX_RETRIES && !options.waitForReady()) throw failed(method, e.getCause());
                } catch (StatusException e) {
                    if (retries >= MAX_RETRIES || !isRepeatable(options, method, e)) throw e;
                    mayHaveRun = e;
                } finally {
                    if (recording != null) recording.returned(connection.waits());
                    pool.giveBack(connection);
                }
                beforeRetry(options, method, deadline, retries);
            }
        } catch (StatusException e) {
            throw mayHaveRun == null || e.executed() == Executed.MAYBE ? e : maybe(e, mayHaveRun);
        }
    }

    /**
     * Starts a streaming call, which has its connection until it gives it back.
     *
     * @param request null if requests are streamed
     */
    <Q extends MessageLite, R extends MessageLite> ClientStream<Q, R> open(
            CallOptions options, MethodDescriptor<Q, R> method, Q request, Deadline deadline, Metadata metadata) {
        CallRecording recording = CallRecording.begin(method, this);
        if (recording == null) return open(options, method, request, deadline, metadata, null);
        if (request != null) recording.request(request);
        try {
            return open(options, method, request, deadline, metadata, recording);
        } catch (RuntimeException | Error e) {
            recording.end(e);
            throw e;
        }
    }

    /** @param recording null if nobody records it; the stream's from then on */
    private <Q extends MessageLite, R extends MessageLite> ClientStream<Q, R> open(
            CallOptions options,
            MethodDescriptor<Q, R> method,
            Q request,
            Deadline deadline,
            Metadata metadata,
            CallRecording recording) {
        requireNoInterrupt(method);
        for (int retries = 0; ; retries++) {
            ClientConnection connection = pool.lease(method, deadline, options.waitForReady());
            if (recording != null) recording.leased(connection.waits());
            ClientStream<Q, R> opened = null;
            try {
                opened = connection.open(method, request, deadline, metadata, recording);
                return opened;
            } catch (NotTakenException e) {
                if (retries >= MAX_RETRIES && !options.waitForReady()) throw failed(method, e.getCause());
            } finally {
                if (opened == null) pool.giveBack(connection);
            }
            beforeRetry(options, method, deadline, retries);
        }
    }

    /** Noticed by chance otherwise: a call that needs not block would go through. */
    private void requireNoInterrupt(MethodDescriptor<?, ?> method) {
        if (Thread.currentThread().isInterrupted()) throw failed(method, new ClosedByInterruptException());
    }

    private void beforeRetry(CallOptions options, MethodDescriptor<?, ?> method, Deadline deadline, int retries) {
        pool.counters().retries.increment();
        if (retries > 0 && !options.waitForReady()) backOff(method, deadline);
    }

    /** Ends a stream's lease. */
    void giveBack(ClientConnection connection) {
        pool.giveBack(connection);
    }

    private static boolean isRepeatable(CallOptions options, MethodDescriptor<?, ?> method, StatusException e) {
        return options.retry() == Retry.IDEMPOTENT
                && method.idempotency() != Idempotency.UNKNOWN
                && e.status() == Status.UNAVAILABLE
                && e.executed() == Executed.MAYBE;
    }

    /** The last attempt did not run, an earlier one may have. */
    private static StatusException maybe(StatusException last, StatusException earlier) {
        StatusException both =
                new StatusException(last.status(), last.description(), last.details(), Executed.MAYBE, last);
        both.addSuppressed(earlier);
        return both;
    }

    private void backOff(MethodDescriptor<?, ?> method, Deadline deadline) {
        long nanos = BackOff.nanos(0);
        if (deadline != null && deadline.remainingNanos() < nanos) throw failed(method, new DeadlineException());
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(method, new ClosedByInterruptException());
        }
    }

    private StatusException failed(MethodDescriptor<?, ?> method, IOException e) {
        return Unsent.failed(method, this, e);
    }

    @Override
    public Channel withTimeout(Duration timeout) {
        return view.withTimeout(timeout);
    }

    @Override
    public Channel withDeadline(Deadline deadline) {
        return view.withDeadline(deadline);
    }

    @Override
    public Channel withoutInheritedDeadline() {
        return view.withoutInheritedDeadline();
    }

    @Override
    public Channel withMetadata(Metadata metadata) {
        return view.withMetadata(metadata);
    }

    @Override
    public Channel withInterceptor(Interceptor interceptor) {
        return view.withInterceptor(interceptor);
    }

    @Override
    public Channel withWaitForReady() {
        return view.withWaitForReady();
    }

    @Override
    public Channel withRetry(Retry retry) {
        return view.withRetry(retry);
    }

    /**
     * Closes all connections. Calls under way fail with CANCELLED, MAYBE; later ones with CANCELLED, NO. Does not wait for
     * them. Further calls of this method do nothing.
     */
    @Override
    public void close() {
        pool.close();
    }

    /** What happened so far. */
    public ClientStats stats() {
        return pool.stats();
    }

    /** The server's address. */
    @Override
    public String toString() {
        return address;
    }

    /** The settings of a client. Not thread-safe. */
    public static final class Builder {
        private static final int MAX_CONNECTIONS = 64;
        private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

        private final Sockaddr address;
        private Duration spin = Spin.DEFAULT;
        private int maxConnections = MAX_CONNECTIONS;
        private Duration idleTimeout = IDLE_TIMEOUT;
        private PeerPolicy policy; // null: not said
        private boolean anyLocalUser;

        private Builder(Sockaddr address) {
            this.address = Objects.requireNonNull(address, "address");
            if (address instanceof SockaddrUn un && un.isUnnamed())
                throw new IllegalArgumentException("address " + address + " has no path");
        }

        /**
         * How long a caller looks for the reply again and again before it blocks. Saves two context switches, 5 to 50 µs, if the
         * reply comes within that time; adapts itself to whether it does, for which it
         * looks for 13 ms now and then. 100 µs unless set; nothing on one processor.
         *
         * @param length zero to 1 ms
         */
        public Builder spin(Duration length) {
            spin = requireSpin(length);
            return this;
        }

        /** Callers block at once: no processor time is spent for latency. */
        public Builder noSpin() {
            return spin(Duration.ZERO);
        }

        /** The most connections, and so the most calls at once: further callers wait. 64 unless set. */
        public Builder maxConnections(int connections) {
            if (connections < 1)
                throw new IllegalArgumentException("maxConnections is " + connections + ", must be at least 1");
            maxConnections = connections;
            return this;
        }

        /** Connections that nobody uses are closed after this time, or up to a quarter of it later. 30 s unless set. */
        public Builder idleTimeout(Duration time) {
            if (time.isNegative() || time.isZero())
                throw new IllegalArgumentException("idleTimeout is " + time + ", must be positive");
            idleTimeout = time;
            return this;
        }

        /** Who may be the server: asked before the first byte is sent. This process's own user or root unless set. */
        public Builder authorize(PeerPolicy policy) {
            this.policy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sends to whoever listens at the address. Needed for TCP, where the kernel does not say who that is: any user of this
         * machine may have taken the port.
         */
        public Builder allowAnyLocalUser() {
            anyLocalUser = true;
            return this;
        }

        /**
         * The client. Does not connect.
         *
         * @throws IllegalStateException if the address is TCP and {@link #allowAnyLocalUser} was not said, or that and
         *     {@link #authorize} were
         */
        public Client build() {
            PeerPolicy asked = PeerChoice.of(policy, anyLocalUser);
            if (!(address instanceof SockaddrUn) && !anyLocalUser)
                throw new IllegalStateException(
                        "who listens at " + address
                                + " cannot be told: say allowAnyLocalUser() if any user of this machine may, or use a Unix socket");
            return new Client(new Connector.To(address, asked), spin, maxConnections, idleTimeout);
        }

        static Duration requireSpin(Duration length) {
            if (length.isNegative() || length.compareTo(Duration.ofMillis(1)) > 0)
                throw new IllegalArgumentException("spin is " + length + ", must be from 0 to 1 ms");
            return length;
        }
    }

    /** The settings of a client on a given descriptor. Not thread-safe. */
    public static final class GivenBuilder {
        private static final Duration NEVER = Duration.ofSeconds(Long.MAX_VALUE);

        private final OwnedFd connected;
        private Duration spin = Spin.DEFAULT;
        private PeerPolicy policy; // null: nobody is asked

        private GivenBuilder(OwnedFd connected) {
            this.connected = Objects.requireNonNull(connected, "connected");
        }

        /** As {@link Builder#spin}. */
        public GivenBuilder spin(Duration length) {
            spin = Builder.requireSpin(length);
            return this;
        }

        /** As {@link Builder#noSpin}. */
        public GivenBuilder noSpin() {
            return spin(Duration.ZERO);
        }

        /** Who may be the server, on a Unix socket: asked before the first byte is sent. */
        public GivenBuilder authorize(PeerPolicy policy) {
            this.policy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * The client. Sends nothing.
         *
         * @throws IOException if the descriptor is not a connected socket; it stays the caller's then
         */
        public Client build() throws IOException {
            return new Client(new GivenConnector(connected, policy), spin, 1, NEVER);
        }
    }
}

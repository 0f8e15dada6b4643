package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The channel to one server. A call leases a connection, a new one if all are in use, and the calling thread does all the
 * work: no other thread takes part.
 *
 * <p>There is one connection per call under way at the same time, without limit, kept until {@link #close}.
 *
 * <p>A call fails at once if the server cannot be reached. One whose connection had ended before it took the request is made
 * again on a new connection, twice at most: that is what happens after the server was restarted.
 *
 * <p>Thread-safe.
 */
public final class Client implements Channel, AutoCloseable {
    private static final int MAX_RETRIES = 2;
    private static final long BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Connector connector;
    private final Duration spin;
    private final ChannelView view = new ChannelView(this, CallOptions.NONE);

    // All connections, leased or not. Copied on write under this object's lock, read without it.
    private volatile ClientConnection[] connections = {};
    private volatile boolean closed;

    private final Set<OwnedFd> connecting = ConcurrentHashMap.newKeySet();
    private final Connector.Opening opening = new Connector.Opening() {
        @Override
        public void begin(OwnedFd fd) throws ClosedChannelException {
            connecting.add(fd);
            if (closed) throw new ClosedChannelException(); // entered before asked: close finds it, or is seen here
        }

        @Override
        public void end(OwnedFd fd) {
            connecting.remove(fd);
        }
    };

    Client(Connector connector, Duration spin) {
        this.connector = connector;
        this.spin = spin;
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

    /** Starts a client of the server at {@code address}, as {@link Sockaddr#parse} takes it. */
    public static Builder builder(String address) {
        return builder(Sockaddr.parse(address));
    }

    /** Starts a client of the server at {@code address}. */
    public static Builder builder(Sockaddr address) {
        return new Builder(address);
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

    /** One call on a connection, which it gives back. */
    private interface Attempt<T> {
        T on(ClientConnection connection) throws NotTakenException;
    }

    /** Makes a unary call. */
    <Q extends MessageLite, R extends MessageLite> R unary(
            MethodDescriptor<Q, R> method, Q request, Deadline deadline, Metadata metadata) {
        return attempt(method, deadline, connection -> {
            try {
                return connection.unary(method, request, deadline, metadata);
            } finally {
                giveBack(connection);
            }
        });
    }

    /**
     * Starts a streaming call, which has its connection until it gives it back.
     *
     * @param request null if requests are streamed
     */
    <Q extends MessageLite, R extends MessageLite> ClientStream<Q, R> open(
            MethodDescriptor<Q, R> method, Q request, Deadline deadline, Metadata metadata) {
        return attempt(method, deadline, connection -> {
            ClientStream<Q, R> opened = null;
            try {
                opened = connection.open(method, request, deadline, metadata);
                return opened;
            } finally {
                if (opened == null) giveBack(connection);
            }
        });
    }

    private <T> T attempt(MethodDescriptor<?, ?> method, Deadline deadline, Attempt<T> attempt) {
        // Noticed by chance otherwise: a call that needs not block would go through
        if (Thread.currentThread().isInterrupted()) throw failed(method, new ClosedByInterruptException());
        for (int retries = 0; ; retries++) {
            ClientConnection connection = retries == 0 ? idleConnection() : null;
            if (connection == null) connection = newConnection(method, deadline);
            try {
                return attempt.on(connection);
            } catch (NotTakenException e) {
                if (retries == MAX_RETRIES) throw failed(method, e.getCause());
                if (retries > 0) backOff(method, deadline);
            }
        }
    }

    /** Ends a lease. */
    void giveBack(ClientConnection connection) {
        if (connection.isBroken()) remove(connection);
        else connection.giveBack();
    }

    /** One that nobody uses, preferably the one that this thread had before; null if there is none. */
    private ClientConnection idleConnection() {
        ClientConnection[] all = connections;
        int first = all.length == 0 ? 0 : (int) (Thread.currentThread().getId() % all.length);
        for (int i = 0; i < all.length; i++) {
            ClientConnection one = all[(first + i) % all.length];
            if (!one.lease()) continue;
            if (!isStale(one)) return one;
            remove(one);
        }
        return null;
    }

    private static boolean isStale(ClientConnection connection) {
        try {
            return connection.isStale();
        } catch (IOException e) {
            return true; // closed meanwhile
        }
    }

    private ClientConnection newConnection(MethodDescriptor<?, ?> method, Deadline deadline) {
        OwnedFd fd;
        try {
            if (closed) throw new ClosedChannelException();
            fd = connector.connect(deadline, opening);
        } catch (IOException e) {
            throw failed(method, e);
        }
        ClientConnection connection = new ClientConnection(this, fd, connector.isUnix(), spin);
        synchronized (this) {
            if (!closed) {
                ClientConnection[] more = Arrays.copyOf(connections, connections.length + 1);
                more[connections.length] = connection;
                connections = more;
                return connection;
            }
        }
        connection.close();
        throw failed(method, new ClosedChannelException());
    }

    private void remove(ClientConnection connection) {
        connection.close();
        synchronized (this) {
            connections =
                    Arrays.stream(connections).filter(c -> c != connection).toArray(ClientConnection[]::new);
        }
    }

    private void backOff(MethodDescriptor<?, ?> method, Deadline deadline) {
        long nanos = (long) (BACK_OFF_NANOS * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
        if (deadline != null && deadline.remainingNanos() < nanos) throw failed(method, new DeadlineException());
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(method, new ClosedByInterruptException());
        }
    }

    /** Before the request was sent: the call did not run. */
    private StatusException failed(MethodDescriptor<?, ?> method, IOException e) {
        String where = method + " at " + this;
        Status status;
        String why = e.getMessage();
        if (e instanceof DeadlineException) {
            status = Status.DEADLINE_EXCEEDED;
            why = "deadline exceeded before the request was sent";
        } else if (e instanceof ClosedByInterruptException) {
            status = Status.CANCELLED;
            why = "thread " + Thread.currentThread().getName() + " was interrupted";
        } else if (e instanceof ClosedChannelException) {
            status = Status.CANCELLED;
            why = "the client is closed";
        } else if (e instanceof Connector.DeniedException) {
            status = Status.PERMISSION_DENIED;
        } else {
            status = Status.UNAVAILABLE;
            if (e instanceof ErrnoException errno) why += hint(errno.errno());
        }
        return new StatusException(status, where + ": " + why, Executed.NO, e);
    }

    private static String hint(Errno errno) {
        return switch (errno) {
            case ENOENT, ECONNREFUSED -> ": nobody listens there";
            case EPIPE, ECONNRESET ->
                ": the server ends each connection before it takes a request: does it serve uid "
                        + PosixSocket.geteuid() + "?";
            default -> "";
        };
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

    /**
     * Closes all connections. Calls under way fail with CANCELLED, MAYBE; later ones with CANCELLED, NO. Does not wait for
     * them. Further calls of this method do nothing.
     */
    @Override
    public void close() {
        ClientConnection[] all;
        synchronized (this) {
            closed = true;
            all = connections;
            connections = new ClientConnection[0];
        }
        for (ClientConnection connection : all) connection.close();
        for (OwnedFd fd : connecting) fd.close();
    }

    /** The server's address. */
    @Override
    public String toString() {
        return connector.toString();
    }

    /** The settings of a client. Not thread-safe. */
    public static final class Builder {
        private final Sockaddr address;
        private Duration spin = Spin.DEFAULT;
        private PeerPolicy policy; // null: not said
        private boolean anyLocalUser;

        private Builder(Sockaddr address) {
            this.address = Objects.requireNonNull(address, "address");
            if (address instanceof SockaddrUn un && un.isUnnamed())
                throw new IllegalArgumentException("address " + address + " has no path");
        }

        /**
         * How long a caller looks for the reply again and again before it blocks. Saves two context switches, 5 µs, if the
         * reply comes within that time; adapts itself to whether it does. 100 µs unless set; nothing on one processor.
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
            return new Client(new Connector.To(address, asked), spin);
        }

        static Duration requireSpin(Duration length) {
            if (length.isNegative() || length.compareTo(Duration.ofMillis(1)) > 0)
                throw new IllegalArgumentException("spin is " + length + ", must be from 0 to 1 ms");
            return length;
        }
    }
}

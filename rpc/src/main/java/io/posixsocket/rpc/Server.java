package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_INET6;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.IPPROTO_TCP;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.TCP_NODELAY;

import io.posixsocket.ActivatedSocket;
import io.posixsocket.OwnedFd;
import io.posixsocket.PeerCredentials;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrIn;
import io.posixsocket.SockaddrIn6;
import io.posixsocket.SockaddrUn;
import io.posixsocket.SocketActivation;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves calls. The thread that reads a request runs its handler and writes the reply; a handler may block, the next request
 * finds another thread.
 *
 * <p>A socket path is made with mode 0600, and whoever connects is asked for by the kernel's word: by default this process's
 * own user and root are served, others are closed without a byte.
 *
 * <p>Thread-safe. Its threads are daemons: {@link #awaitTermination} keeps the process.
 */
public final class Server implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);
    /** After the grace: for handlers to see their interrupt, for workers to go. */
    private static final long LAST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final LogLimit denials = new LogLimit(LOG);
    private final LogLimit refusals = new LogLimit(LOG);
    private final LogLimit slowPeers = new LogLimit(LOG);
    private final ServerCounters counters = new ServerCounters();
    private final String name = "posixsocket-server-" + COUNT.incrementAndGet();
    private final MethodTable methods;
    private final List<Interceptor> interceptors;
    private final PeerPolicy policy; // null: anybody
    private final ConnectionLimits limits;
    private final PeerLimits peerLimits;
    private final BytesInFlight bytesInFlight;
    private final Duration spin;
    private final Poller poller;
    private final Keeper keeper = new Keeper(name + "-keeper", this::look);
    private final Workers workers;
    private final Overload overload;
    private final Handlers handlers; // null: workers run the handlers
    private final List<Sockaddr> addresses = new ArrayList<>(); // written before the constructor returns

    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private final Object endings = new Object(); // notified when a listener or a connection has ended
    private final CountDownLatch terminated = new CountDownLatch(1);
    private final AtomicInteger streams = new AtomicInteger();
    private final int maxStreams; // half of the workers: streams may be long, and unary calls need threads too
    private volatile boolean draining;
    private volatile boolean graceOver; // calls that begin now are cancelled as well

    private Server(Builder builder) throws IOException {
        this.methods = new MethodTable(builder.services);
        this.interceptors = List.copyOf(builder.interceptors);
        this.policy = PeerChoice.of(builder.policy, builder.anyLocalUser);
        this.limits = new ConnectionLimits(
                builder.maxConnections, builder.maxConnectionsPerUser, ConnectionLimits.descriptors());
        this.peerLimits = builder.peerLimits();
        this.bytesInFlight = new BytesInFlight(builder.maxBytesInFlight, builder.maxBytesInFlightPerUser);
        this.spin = builder.spin;
        this.poller = Poller.open();
        this.workers =
                new Workers(name, poller, builder.maxWorkers, Deadline.boundedNanos(builder.overloadAfter), keeper);
        this.overload = new Overload(poller, workers);
        this.handlers = builder.handlers == null ? null : new Handlers(builder.handlers, builder.maxQueuedCalls);
        this.maxStreams = Math.max(1, builder.maxWorkers / 2);
    }

    /** Starts the settings of a server. */
    public static Builder builder() {
        return new Builder();
    }

    private void start(Builder builder) throws IOException {
        boolean started = false;
        try {
            for (Sockaddr address : builder.addresses) {
                Listener listener = Listener.bind(this, address, builder.pathMode);
                listeners.add(listener);
                addresses.add(listener.address());
            }
            for (OwnedFd given : builder.given) {
                Listener listener = Listener.given(this, given);
                builder.requireAllowed(listener.address());
                listeners.add(listener);
                addresses.add(listener.address());
            }
            keeper.start();
            workers.start();
            for (Listener listener : listeners) listener.start();
            started = true;
        } finally {
            if (!started) {
                draining = true;
                for (Listener listener : listeners) listener.close();
                if (stop()) Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Where this server listens, in the order in which it was told, descriptors that were given last; a TCP port that the system
     * chose is in it.
     */
    public List<Sockaddr> addresses() {
        return List.copyOf(addresses);
    }

    /**
     * A client of this server that needs no address: its connections are socket pairs, and the peer policy is not asked. All
     * else is as over a path, deadlines and limits included; for tests, and for a server that listens nowhere. Closing it is the
     * caller's.
     */
    public Client connect() {
        return new Client(new InProcess(this), spin);
    }

    private record InProcess(Server server) implements Connector {
        @Override
        public boolean isUnix() {
            return true;
        }

        @Override
        public OwnedFd connect(Deadline deadline, Opening opening) throws IOException {
            if (server.draining) throw new IOException("the server was shut down");
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            OwnedFd near = OwnedFd.adoptInterruptible(pair[0]);
            OwnedFd far = OwnedFd.adopt(pair[1]);
            boolean started = false;
            try {
                server.serve(far, true, far.peerCredentials());
                started = true;
                return near;
            } catch (ClosedChannelException e) { // stopped meanwhile; our client would take it for its own end
                throw new IOException("the server was shut down", e);
            } finally {
                if (!started) {
                    near.close();
                    far.close();
                }
            }
        }

        @Override
        public String toString() {
            return server.toString();
        }
    }

    /** A listener's new connection: owned from here on. */
    void accepted(OwnedFd fd, Sockaddr at) {
        counters.accepted.increment();
        boolean isUnix = at.family() == AF_UNIX;
        boolean served = false;
        try {
            PeerCredentials peer = isUnix ? credentials(fd) : null;
            if (policy != null && !permits(peer, at)) {
                counters.denied.increment();
                return;
            }
            if (at.family() == AF_INET || at.family() == AF_INET6) fd.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
            serve(fd, isUnix, peer);
            served = true;
        } catch (ConnectionLimits.ReachedException e) {
            refusals.warn(() -> "connection refused at " + at + ": " + e.getMessage());
        } catch (IOException e) { // the peer went away, or there is no memory
            counters.acceptErrors.increment();
            LOG.log(System.Logger.Level.DEBUG, () -> "connection " + fd + " not served", e);
        } finally {
            if (!served) fd.close();
        }
    }

    /** Null if they cannot be read, which a policy takes for a denial. */
    private PeerCredentials credentials(OwnedFd fd) {
        try {
            return fd.peerCredentials();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "credentials of " + fd + " cannot be read", e);
            return null;
        }
    }

    private boolean permits(PeerCredentials peer, Sockaddr at) {
        boolean permitted;
        try {
            permitted = peer != null && policy.permits(peer);
        } catch (RuntimeException | Error e) { // a policy that cannot decide denies
            denials.warn(() -> "peer denied at " + at + ": " + peer + ", the policy " + policy + " failed: " + e);
            return false;
        }
        if (!permitted)
            denials.warn(() -> "peer denied at " + at + ": " + (peer == null ? "credentials unreadable" : peer)
                    + ", permitted is " + policy);
        return permitted;
    }

    /** Whether no code of the user's is asked who may connect. */
    boolean decidesAlone() {
        return policy == null || PeerPolicies.isOurs(policy);
    }

    private void serve(OwnedFd fd, boolean isUnix, PeerCredentials peer) throws IOException {
        try {
            limits.enter(peer);
        } catch (ConnectionLimits.ReachedException e) {
            counters.overLimit.increment();
            throw e;
        }
        ServerConnection connection = null;
        boolean started = false;
        try {
            connection = new ServerConnection(this, fd, isUnix, peer, spin);
            connections.add(connection);
            connection.start();
            started = true;
        } finally {
            if (!started && (connection == null || connections.remove(connection))) limits.leave(peer);
        }
        if (draining) connection.beginDraining(); // entered before asked: shutdown sees it, or is seen here
    }

    /** What happened so far, and what is there now. Does not block. */
    public ServerStats stats() {
        return counters.stats(limits.connections(), workers.alive());
    }

    private long look(long now) {
        long next = overload.look(now);
        for (Listener listener : listeners) next = Keeper.earlier(next, listener.look(now));
        for (ServerConnection connection : connections) next = Keeper.earlier(next, connection.look(now));
        return next;
    }

    MethodTable methods() {
        return methods;
    }

    List<Interceptor> interceptors() {
        return interceptors;
    }

    ServerCounters counters() {
        return counters;
    }

    PeerLimits peerLimits() {
        return peerLimits;
    }

    BytesInFlight bytesInFlight() {
        return bytesInFlight;
    }

    /** Counts a peer that did not send or take in time, and says so. */
    void slowPeer(String what) {
        counters.timedOut.increment();
        slowPeers.warn(() -> what);
    }

    Poller poller() {
        return poller;
    }

    Keeper keeper() {
        return keeper;
    }

    Workers workers() {
        return workers;
    }

    /** Null: the thread that reads a request runs its handler. */
    Handlers handlers() {
        return handlers;
    }

    /** False if there are as many as there may be. */
    boolean beginStream() {
        if (streams.incrementAndGet() <= maxStreams) return true;
        streams.decrementAndGet();
        return false;
    }

    void endStream() {
        streams.decrementAndGet();
    }

    int maxStreams() {
        return maxStreams;
    }

    boolean isDraining() {
        return draining;
    }

    boolean isGraceOver() {
        return graceOver;
    }

    static StatusException shutDown() {
        return new StatusException(Status.UNAVAILABLE, "the server was shut down");
    }

    static StatusException hungUp() {
        return new StatusException(Status.CANCELLED, "the caller hung up");
    }

    void ended(Listener listener) {
        listeners.remove(listener);
        tellEndings();
    }

    void ended(ServerConnection connection) {
        if (connections.remove(connection)) limits.leave(connection.peer());
        tellEndings();
    }

    private void tellEndings() {
        if (!draining) return;
        synchronized (endings) {
            endings.notifyAll();
        }
    }

    /**
     * Stops serving and loses no call that was sent: refuses new connections, serves those that wait in the backlog, reads and
     * answers what clients have sent, and closes each connection after its last answer. A client's next call reaches the next
     * server at the address, or fails as not run. Blocks until all this is done or {@code grace} is over; then the calls that
     * still run are cancelled, their threads interrupted, their callers told UNAVAILABLE. An interrupt of the calling thread ends
     * the grace.
     *
     * <p>Takes at most 2 s longer than {@code grace}, for handlers to see their interrupt and for threads to end. A handler that
     * ignores its interrupt goes on in a daemon thread.
     *
     * <p>Any thread may call this, more than once: later callers wait for the first. A handler that does waits for itself, for
     * the whole of the grace.
     *
     * @param grace zero or longer
     * @return whether every call ended within the grace
     */
    public boolean shutdown(Duration grace) {
        if (beginDraining()) drain(grace);
        else awaitTerminationOrInterrupt();
        return terminated.getCount() == 0 && !graceOver;
    }

    private void drain(Duration grace) {
        for (Listener listener : listeners) listener.drain();
        for (ServerConnection connection : connections) connection.beginDraining();
        boolean interrupted = false;
        try {
            if (!awaitEndings(Deadline.saturatedNanos(grace))) cancelAll();
        } catch (InterruptedException e) {
            interrupted = true;
            cancelAll();
        }
        interrupted |= stop();
        if (interrupted) Thread.currentThread().interrupt();
    }

    /** True for the one thread that is to shut down. */
    private synchronized boolean beginDraining() {
        boolean first = !draining;
        draining = true;
        return first;
    }

    private void awaitTerminationOrInterrupt() {
        try {
            terminated.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void cancelAll() {
        graceOver = true; // before the look: a call that it does not find sees this
        for (ServerConnection connection : connections) connection.endGrace();
    }

    /** True if it was interrupted, which does not keep it from its end. */
    private boolean stop() {
        boolean interrupted = false;
        try {
            awaitEndings(LAST_WAIT_NANOS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        for (Listener listener : listeners) listener.close();
        for (ServerConnection connection : connections) connection.hangUp();
        workers.stop();
        keeper.stop();
        try {
            if (!workers.awaitGone(LAST_WAIT_NANOS))
                LOG.log(System.Logger.Level.WARNING, () -> this + ": handlers go on although they were interrupted");
        } catch (InterruptedException e) {
            interrupted = true;
        }
        for (ServerConnection connection : connections) connection.fd().close();
        poller.close();
        terminated.countDown();
        return interrupted;
    }

    private boolean awaitEndings(long nanos) throws InterruptedException {
        Deadline end = Deadline.afterNanos(nanos);
        synchronized (endings) {
            while (!listeners.isEmpty() || !connections.isEmpty()) {
                long left = end.remainingNanos();
                if (left <= 0) return false;
                TimeUnit.NANOSECONDS.timedWait(endings, left);
            }
            return true;
        }
    }

    /** As {@link #shutdown} with a grace of 5 seconds: takes 7 at most. */
    @Override
    public void close() {
        shutdown(DEFAULT_GRACE);
    }

    /** Blocks until the server has ended, by {@link #shutdown} or {@link #close} from another thread. */
    public void awaitTermination() throws InterruptedException {
        terminated.await();
    }

    /** As {@link #awaitTermination()}, for this long at most; false when the time is up. */
    public boolean awaitTermination(Duration timeout) throws InterruptedException {
        return terminated.await(Deadline.saturatedNanos(timeout), TimeUnit.NANOSECONDS);
    }

    /** What it serves and where. */
    @Override
    public String toString() {
        return "server of " + methods + (addresses.isEmpty() ? "" : " at " + addresses);
    }

    /** The settings of a server. Not thread-safe. */
    public static final class Builder {
        private static final int MAX_WORKERS = 256;

        private final List<Sockaddr> addresses = new ArrayList<>();
        private final List<OwnedFd> given = new ArrayList<>();
        private boolean activated;
        private final List<ServiceDefinition> services = new ArrayList<>();
        private final List<Interceptor> interceptors = new ArrayList<>();
        private PeerPolicy policy; // null: not said
        private boolean anyLocalUser;
        private int pathMode = SocketFile.DEFAULT_MODE;
        private Duration spin = Spin.DEFAULT;
        private int maxWorkers = MAX_WORKERS;
        private Duration overloadAfter = Duration.ofMillis(20);
        private Executor handlers; // null: the workers
        private int maxQueuedCalls = Handlers.DEFAULT_MAX_QUEUED;
        private int maxConnections; // 0: not said
        private int maxConnectionsPerUser; // 0: not said
        private int maxMessageSize = Wire.MAX_BODY;
        private int maxMetadataEntries = 128;
        private int maxMetadataBytes = 8 * 1024;
        private long maxBytesInFlight = BytesInFlight.DEFAULT_MAX;
        private long maxBytesInFlightPerUser = BytesInFlight.DEFAULT_MAX_PER_USER;
        private Duration firstFrameTimeout = Duration.ofSeconds(10);
        private Duration frameTimeout = Duration.ofSeconds(10);
        private Duration writeTimeout = Duration.ofSeconds(30);

        private Builder() {}

        /** Listens there too, as {@link Sockaddr#parse} takes it: {@code unix:/run/greeter.sock}. */
        public Builder listen(String address) {
            return listen(Sockaddr.parse(address));
        }

        /** Listens there too. */
        public Builder listen(Sockaddr address) {
            if (address instanceof SockaddrUn un && un.isUnnamed())
                throw new IllegalArgumentException("address " + address + " has no path");
            addresses.add(Objects.requireNonNull(address, "address"));
            return this;
        }

        /**
         * Listens on this socket too, on which {@code listen(2)} was called already: an inherited one, or one with options of its
         * own. It becomes non-blocking. {@link #start} takes ownership, whether it succeeds or not.
         *
         * <p>Other processes may hold the same socket, so it is never shut down: {@link Server#shutdown} serves what waits in its
         * backlog and closes the descriptor; who connects after that is the others', or nobody's. A path is not removed, and its
         * mode and {@code PATH.lock} are left to who made it.
         */
        public Builder listen(OwnedFd listening) {
            given.add(Objects.requireNonNull(listening, "listening"));
            return this;
        }

        /**
         * Listens on the sockets that the service manager passed to this process, as {@link #listen(OwnedFd)}. {@link #start}
         * fails if there is none; {@link SocketActivation#listenFds} tells them apart by name.
         */
        public Builder listenActivated() {
            activated = true;
            return this;
        }

        /** Serves this too. */
        public Builder service(ServiceDefinition service) {
            services.add(Objects.requireNonNull(service, "service"));
            return this;
        }

        /**
         * Runs every call that reaches a handler inside this, the first one added outermost. Requests that the server refuses
         * itself, for an unknown method or as unreadable, are not seen.
         */
        public Builder intercept(Interceptor interceptor) {
            interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
            return this;
        }

        /**
         * Who may connect: asked once per connection. This process's own user and root unless set. Other users need
         * {@link #pathMode} too, or the file system keeps them out before they are asked.
         */
        public Builder authorize(PeerPolicy policy) {
            this.policy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * The mode that socket paths are made with. 0600 unless set; 0660 lets the group connect and 0666 everybody, and
         * {@link #authorize} decides then.
         *
         * @param permissions read and write bits, at most 0666, whatever the umask is
         */
        public Builder pathMode(int permissions) {
            if ((permissions & ~0666) != 0)
                throw new IllegalArgumentException(
                        "pathMode is 0" + Integer.toOctalString(permissions) + ", must be read and write bits of 0666");
            pathMode = permissions;
            return this;
        }

        /**
         * Serves every user of this machine that can connect. Needed for TCP, where the kernel does not say who calls; an abstract
         * name, which no file mode protects, needs this or {@link #authorize}. A path keeps its mode.
         */
        public Builder allowAnyLocalUser() {
            anyLocalUser = true;
            return this;
        }

        /**
         * How long a worker looks for a client's next request again and again before it blocks. Saves two context switches, 5 to 50 µs,
         * if the request comes within that time; adapts itself to whether it does, for which it
         * looks for 13 ms now and then. 100 µs unless set; nothing on one processor.
         *
         * <p>A worker that finds that it shares a processor, most likely with its client, moves to another one that it may run on, if
         * there are eight at most: {@link io.posixsocket.CpuAffinity#moveAway}.
         *
         * @param length zero to 1 ms
         */
        public Builder spin(Duration length) {
            spin = Client.Builder.requireSpin(length);
            return this;
        }

        /** Workers block at once: no processor time is spent for latency. */
        public Builder noSpin() {
            return spin(Duration.ZERO);
        }

        /**
         * The most threads, and so the most handlers at once. 256 unless set; they are started when needed. Further requests wait
         * until one is free, for {@link #overloadAfter} at most; a handler that calls its own server needs a second one.
         */
        public Builder maxWorkers(int threads) {
            maxWorkers = requirePositive("maxWorkers", threads);
            return this;
        }

        /**
         * How long all workers may be busy without a break before requests that wait for one are refused as
         * RESOURCE_EXHAUSTED: their callers know soon, and may try another server, or again later. 20 ms unless set, to which
         * 40 ms are added for workers that wait for their last client's next request. Set it longer where handlers take long
         * and callers had rather wait; until then nobody sees who hangs up, either.
         *
         * @param length zero or longer
         */
        public Builder overloadAfter(Duration length) {
            if (length.isNegative())
                throw new IllegalArgumentException("overloadAfter is " + length + ", must be zero or longer");
            overloadAfter = length;
            return this;
        }

        /**
         * Runs handlers and their interceptors in this executor: one of virtual threads, an application framework's. Unless
         * set, the thread that reads a request runs its handler, which saves the hand-over of every call.
         *
         * <p>A call that the executor rejects fails as RESOURCE_EXHAUSTED. One whose deadline passes before it has begun is
         * answered then and does not run; an executor must not forget a task that it took without throwing. How many calls and
         * streams run at once is the executor's, within {@link #maxQueuedCalls}, {@link #maxBytesInFlight}, which counts short
         * requests as well here, and 64 calls, half of them streams, of one connection. The server does not shut it down, and
         * {@link Server#shutdown} waits for the calls in it.
         */
        public Builder handlers(Executor executor) {
            handlers = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * The most calls that an executor given to {@link #handlers} was handed and has not begun; one more fails as
         * RESOURCE_EXHAUSTED. 1,024 unless set.
         */
        public Builder maxQueuedCalls(int calls) {
            maxQueuedCalls = requirePositive("maxQueuedCalls", calls);
            return this;
        }

        /**
         * The most connections at once; one more is closed without a byte. 4,096 unless set, and at most half of the descriptors
         * that the process may have.
         */
        public Builder maxConnections(int connections) {
            maxConnections = requirePositive("maxConnections", connections);
            return this;
        }

        /**
         * The most connections of one user at once, where the kernel tells who it is; one more is closed without a byte. 1,024
         * unless set, and at most three quarters of all, so that no user can keep the others out.
         */
        public Builder maxConnectionsPerUser(int connections) {
            maxConnectionsPerUser = requirePositive("maxConnectionsPerUser", connections);
            return this;
        }

        /**
         * The longest message to take, its envelope included, in bytes; a longer one is not read, and its call fails as
         * RESOURCE_EXHAUSTED. 4 MiB unless set, which is the most that the protocol allows, and what replies may have.
         */
        public Builder maxMessageSize(int bytes) {
            if (bytes < 1 || bytes > Wire.MAX_BODY)
                throw new IllegalArgumentException(
                        "maxMessageSize is " + bytes + ", must be from 1 to " + Wire.MAX_BODY);
            maxMessageSize = bytes;
            return this;
        }

        /** The most entries of a call's metadata; one more and it fails as RESOURCE_EXHAUSTED. 128 unless set. */
        public Builder maxMetadataEntries(int entries) {
            maxMetadataEntries = requirePositive("maxMetadataEntries", entries);
            return this;
        }

        /** The most bytes of a call's metadata as sent; one more and it fails as RESOURCE_EXHAUSTED. 8 KiB unless set. */
        public Builder maxMetadataBytes(int bytes) {
            maxMetadataBytes = requirePositive("maxMetadataBytes", bytes);
            return this;
        }

        /**
         * The most bytes of requests that are being received and served at once, in all. Those above 16 KiB are counted, as their
         * bytes arrive, until the call has ended. One that would go over the limit is not read to its end and fails as
         * RESOURCE_EXHAUSTED. 64 MiB unless set. The messages of a stream that wait for their handler are counted too, beyond the
         * first 16 KiB of each stream. (They wait in the server where other calls share the connection, at most 64 or 1 MiB and
         * one message for each stream; else in the kernel.) At half of the limit no more are read until handlers take some.
         */
        public Builder maxBytesInFlight(long bytes) {
            maxBytesInFlight = requirePositive("maxBytesInFlight", bytes);
            return this;
        }

        /** As {@link #maxBytesInFlight}, of one user's, where the kernel tells who it is. 16 MiB unless set. */
        public Builder maxBytesInFlightPerUser(long bytes) {
            maxBytesInFlightPerUser = requirePositive("maxBytesInFlightPerUser", bytes);
            return this;
        }

        /**
         * How soon after it has connected a client's first message is to be there; else the connection is closed. 10 s unless
         * set.
         *
         * @param length more than zero
         */
        public Builder firstFrameTimeout(Duration length) {
            firstFrameTimeout = requirePositive("firstFrameTimeout", length);
            return this;
        }

        /**
         * How soon after its first byte a message is to be there; else the connection is closed. 10 s unless set. Time in
         * which the server does not read, because the client's calls in flight are too many, does not count.
         *
         * @param length more than zero
         */
        public Builder frameTimeout(Duration length) {
            frameTimeout = requirePositive("frameTimeout", length);
            return this;
        }

        /**
         * How long a client may take no byte of what is sent to it; then the connection is closed. 30 s unless set.
         *
         * @param length more than zero
         */
        public Builder writeTimeout(Duration length) {
            writeTimeout = requirePositive("writeTimeout", length);
            return this;
        }

        private PeerLimits peerLimits() {
            return new PeerLimits(
                    maxMessageSize,
                    maxMetadataEntries,
                    maxMetadataBytes,
                    Deadline.boundedNanos(firstFrameTimeout),
                    Deadline.boundedNanos(frameTimeout),
                    Deadline.boundedNanos(writeTimeout));
        }

        private static int requirePositive(String name, int value) {
            return (int) requirePositive(name, (long) value);
        }

        private static long requirePositive(String name, long value) {
            if (value < 1) throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
            return value;
        }

        private static Duration requirePositive(String name, Duration length) {
            if (length.isNegative() || length.isZero())
                throw new IllegalArgumentException(name + " is " + length + ", must be more than zero");
            return length;
        }

        /**
         * Binds, listens, and serves.
         *
         * @throws IOException an {@link io.posixsocket.ErrnoException} mostly: EADDRINUSE naming who holds the address, ENOENT for
         *     a missing directory, EPERM for one that others may write to
         * @throws IllegalStateException if an address needs {@link #allowAnyLocalUser}, or is not of this machine alone, or that and
         *     {@link #authorize} were both said; if {@link #maxConnections} is more than half of the process's descriptors
         * @throws IllegalArgumentException if a service was added twice, or a descriptor that was given does not listen
         */
        public Server start() throws IOException {
            boolean started = false;
            try {
                addresses.forEach(this::requireAllowed);
                if (activated) takeActivated();
                Server server = new Server(this);
                server.start(this);
                started = true;
                return server;
            } finally {
                if (!started) given.forEach(OwnedFd::close);
            }
        }

        private void takeActivated() throws IOException {
            List<ActivatedSocket> sockets = SocketActivation.listenFds();
            if (sockets.isEmpty())
                throw new IOException("listenActivated: no socket was passed to this process (LISTEN_FDS):"
                        + " start it by a socket unit, or say listen(address)");
            for (ActivatedSocket socket : sockets) given.add(socket.fd());
        }

        private void requireAllowed(Sockaddr address) {
            boolean isUnix = address instanceof SockaddrUn;
            boolean isPath = address instanceof SockaddrUn un && !un.isAbstract();
            boolean decided = anyLocalUser || isPath || (isUnix && policy != null);
            if (!decided)
                throw new IllegalStateException("every user of this machine can connect to " + address
                        + ": say allowAnyLocalUser() if they may, " + (isUnix ? "authorize(...) who may, " : "")
                        + "or listen on a path");
            boolean loopback = !(address instanceof SockaddrIn in
                            && !in.address().isLoopbackAddress())
                    && !(address instanceof SockaddrIn6 in6 && !in6.address().isLoopbackAddress());
            if (!loopback)
                throw new IllegalStateException(
                        address + " is reachable from other machines, and nothing here encrypts or"
                                + " authenticates: listen on 127.0.0.1 or [::1]");
        }
    }
}

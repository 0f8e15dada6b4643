package io.posixsocket.rpc;

import io.posixsocket.OwnedFd;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A client's connections, each leased to one call at a time.
 *
 * <pre>
 *               connected               given back, CAS to take again
 *   (a place) ───────────▶ LEASED ◀──────────────────────────────────▶ IDLE
 *       ▲                    │ broken, its epoch is over, or closed      │ the keeper, or a caller that finds
 *       └────────────────────┴───────────────────────────────────────────┘ it ended, takes it and throws it away
 * </pre>
 *
 * <ul>
 *   <li>Connections and the one that is being made are never more than {@code maxConnections}.
 *   <li>Nobody waiting, a lease is one CAS and its return one write: no lock, nothing allocated.
 *   <li>Who finds no idle connection queues. The queue is served in order under the lock, whenever something changes: an idle
 *       connection goes to the first; so does the right to connect, while nobody else has it, save that those who wait for the
 *       server are passed over during a back-off.
 *   <li>No wake-up is lost: who queues writes {@code crowded} and then looks for idle connections; who gives back writes IDLE
 *       and then reads {@code crowded}. One of the two sees the other.
 *   <li>Nobody waits for itself: a thread that holds a lease is refused if there is no place left. So of those that hold all
 *       places never all wait.
 *   <li>A connection that the server ended ends its <em>epoch</em>: those made before it are thrown away when they are idle,
 *       because a server that restarts ends them all.
 * </ul>
 */
final class Pool implements ClientKeeper.Watched {
    /** The most slots of {@link #lastUsed}. */
    private static final int MOST_HOMES = 256;
    /** A connection is closed after the idle time, or that much of it later. */
    private static final int LOOKS_PER_IDLE_TIME = 4;

    private final Client client;
    private final Connector connector;
    private final Duration spin;
    private final int maxConnections;
    private final long idleNanos;
    private final ClientCounters counters = new ClientCounters();

    // All connections, leased or not. Copied on write under this object's lock, read without it.
    private volatile ClientConnection[] connections = {};
    // What a thread used last, by its id: a hint that is often right.
    private final AtomicReferenceArray<ClientConnection> lastUsed;
    // Raised by who finds that the server ended a connection of this epoch.
    private final AtomicInteger epoch = new AtomicInteger();
    // Somebody waits, or the pool is closed: nobody takes an idle connection past the queue. Written under the lock.
    private volatile boolean crowded;

    // Guarded by this object, a leaf but for ClientKeeper's lock; nothing blocks under it.
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private final BackOff backOff = new BackOff();
    private Thread connecting; // null: nobody
    private long attempts; // to connect, begun
    private IOException lastFailure; // of an attempt; null once a server has replied
    private boolean closed;

    private final Set<OwnedFd> opened = ConcurrentHashMap.newKeySet();
    private final Connector.Opening opening = new Connector.Opening() {
        @Override
        public void begin(OwnedFd fd) throws ClosedChannelException {
            opened.add(fd);
            if (isClosed()) throw new ClosedChannelException(); // entered before asked: close finds it, or is seen here
        }

        @Override
        public void end(OwnedFd fd) {
            opened.remove(fd);
        }
    };

    Pool(Client client, Connector connector, Duration spin, int maxConnections, Duration idleTimeout) {
        this.client = client;
        this.connector = connector;
        this.spin = spin;
        this.maxConnections = maxConnections;
        this.idleNanos = Deadline.saturatedNanos(idleTimeout);
        int homes = Math.min(MOST_HOMES, 2 * Integer.highestOneBit(Math.min(MOST_HOMES, maxConnections)));
        this.lastUsed = new AtomicReferenceArray<>(homes);
    }

    /**
     * A connection for one call, the calling thread's until {@link #giveBack}. Preferably the one that this thread had last.
     * Blocks while all are in use, while another caller connects, to connect, and with {@code waitForReady} until there is a
     * server.
     *
     * @param deadline null for none
     * @throws StatusException why there is none; the call did not run
     */
    ClientConnection lease(MethodDescriptor<?, ?> method, Deadline deadline, boolean waitForReady) {
        ClientConnection idle = crowded ? null : takeIdle(Thread.currentThread());
        return idle != null ? idle : queue(method, deadline, waitForReady);
    }

    /** Ends a lease, from whatever thread. The connection is kept if it can be used again, else closed. */
    void giveBack(ClientConnection connection) {
        Lease lease = connection.lease();
        IOException end = connection.endedByServer();
        if (end != null) epoch.compareAndSet(lease.epoch, lease.epoch + 1);
        if (!lease.proven) judge(lease, connection.hasReplied(), end);
        if (connection.isBroken()) {
            counters.discarded.increment();
            discard(connection);
        } else if (lease.epoch != epoch.get()) {
            counters.stale.increment();
            discard(connection);
        } else {
            connection.giveBack();
            if (crowded) serveAll();
        }
    }

    /** After the first call of a connection: only a reply proves that there is a server again. */
    private synchronized void judge(Lease lease, boolean replied, IOException end) {
        if (replied) {
            lease.proven = true;
            lastFailure = null;
            backOff.reset();
            serve();
        } else if (end != null) {
            failedToConnect(end);
        }
    }

    private ClientConnection takeIdle(Thread forThread) {
        int home = home(forThread);
        ClientConnection last = lastUsed.get(home);
        if (last != null && take(last, forThread)) return last;
        ClientConnection[] all = connections;
        for (int i = 0; i < all.length; i++) {
            ClientConnection one = all[(home + i) % all.length];
            if (one == last || !take(one, forThread)) continue;
            lastUsed.set(home, one);
            return one;
        }
        return null;
    }

    private int home(Thread thread) {
        return (int) thread.getId() & (lastUsed.length() - 1);
    }

    private boolean take(ClientConnection one, Thread forThread) {
        if (!one.lease().take(forThread)) return false;
        if (one.lease().epoch == epoch.get() && !isStale(one)) return true;
        counters.stale.increment();
        remove(one);
        if (crowded && !Thread.holdsLock(this)) serveAll(); // a place is free; under the lock somebody serves already
        return false;
    }

    private static boolean isStale(ClientConnection connection) {
        try {
            return connection.isStale();
        } catch (IOException e) {
            return true; // closed meanwhile
        }
    }

    private ClientConnection queue(MethodDescriptor<?, ?> method, Deadline deadline, boolean waitForReady) {
        Waiter waiter = null;
        for (; ; ) {
            try {
                waiter = enter(method, waitForReady, waiter != null);
                awaitService(waiter, deadline);
                ClientConnection connection = waiter.connection();
                return connection != null ? connection : connect(deadline);
            } catch (DeadlineException e) {
                throw expired(method, e);
            } catch (IOException e) {
                if (!waitForReady || !Unsent.mayPass(e)) throw Unsent.failed(method, client, e);
            }
        }
    }

    /** @param again it was at the head before: it goes there again */
    private synchronized Waiter enter(MethodDescriptor<?, ?> method, boolean waitForReady, boolean again)
            throws IOException {
        if (closed) throw new ClosedChannelException();
        Thread thread = Thread.currentThread();
        if (connecting == thread)
            throw new IllegalStateException(
                    "the peer policy of " + client + " makes a call on the client that asks it");
        Waiter waiter = new Waiter(waitForReady, attempts);
        if (again) waiters.addFirst(waiter);
        else waiters.addLast(waiter);
        try {
            serve();
            if (waiter.isServed()) return waiter;
            if (isExhausted() && holdsLease(thread)) {
                counters.exhausted.increment();
                throw Unsent.failed(
                        method,
                        client,
                        Status.RESOURCE_EXHAUSTED,
                        "thread " + VirtualThreads.currentName() + " is inside another call of this client, and "
                                + exhausted() + ": a nested call could wait for itself",
                        null);
            }
            if (!again) counters.leaseWaits.increment();
            return waiter;
        } catch (RuntimeException | Error e) { // exhausted; or no memory for the keeper's thread
            leave(waiter);
            throw e;
        }
    }

    private boolean isExhausted() {
        return connections.length + (connecting == null ? 0 : 1) >= maxConnections;
    }

    private String exhausted() {
        return "all " + maxConnections + " connections (maxConnections) are in use";
    }

    private boolean holdsLease(Thread thread) {
        for (ClientConnection one : connections) if (one.lease().isHeldBy(thread)) return true;
        return false;
    }

    private void awaitService(Waiter waiter, Deadline deadline) throws IOException {
        try {
            waiter.await(deadline);
        } catch (IOException e) {
            if (!abandon(waiter)) throw e;
            if (e instanceof DeadlineException) return; // served at the last moment: what it was given tells
            ClientConnection connection = waiter.connection();
            if (connection != null) giveBack(connection);
            else stopConnecting();
            throw e;
        }
    }

    /** Takes a waiter that gives up out of the queue. Whether it was served before. */
    private synchronized boolean abandon(Waiter waiter) {
        if (waiter.isServed()) return true;
        leave(waiter);
        return false;
    }

    private void leave(Waiter waiter) {
        waiters.remove(waiter);
        crowded = closed || !waiters.isEmpty();
    }

    private synchronized void stopConnecting() {
        connecting = null;
        serve();
    }

    private synchronized void serveAll() {
        serve();
    }

    /** Under the lock, after whatever change. */
    private void serve() {
        assert Thread.holdsLock(this);
        if (!waiters.isEmpty()) crowded = true; // before looking for idle ones
        while (!waiters.isEmpty()) {
            ClientConnection idle = takeIdle(waiters.peek().thread);
            if (idle == null) break;
            waiters.remove().serve(idle);
        }
        if (!waiters.isEmpty() && !isExhausted() && connecting == null) letOneConnect();
        crowded = closed || !waiters.isEmpty();
    }

    private void letOneConnect() {
        boolean now = backOff.isOver(System.nanoTime());
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
            Waiter waiter = each.next();
            if (waiter.waitsForReady && !now) continue;
            each.remove();
            connecting = waiter.thread;
            attempts++;
            waiter.mayConnect();
            return;
        }
        ClientKeeper.watch(this, backOff.until());
    }

    /** By who has the right to. */
    private ClientConnection connect(Deadline deadline) throws IOException {
        ClientConnection connection = null;
        IOException failure = null;
        int born = epoch.get(); // before: one that ends meanwhile may have met the same fate
        try {
            ClientKeeper.watch(this, System.nanoTime() + idleNanos / LOOKS_PER_IDLE_TIME);
            OwnedFd fd = connector.connect(deadline, opening);
            connection = new ClientConnection(client, fd, connector, spin);
            connection.lease().epoch = born;
        } catch (IOException e) {
            failure = e;
            throw e;
        } finally {
            connected(connection, failure);
        }
        if (isClosed()) {
            connection.close();
            throw new ClosedChannelException();
        }
        return connection;
    }

    private synchronized void connected(ClientConnection connection, IOException failure) {
        connecting = null;
        if (connection != null && !closed) {
            counters.connects.increment();
            ClientConnection[] more = Arrays.copyOf(connections, connections.length + 1);
            more[connections.length] = connection;
            connections = more;
            lastUsed.set(home(Thread.currentThread()), connection);
        }
        if (failure != null && !Unsent.isOwn(failure)) {
            failedToConnect(failure);
            waiters.removeIf(waiter -> shares(waiter, failure));
        }
        serve();
    }

    private void failedToConnect(IOException failure) {
        counters.failedConnects.increment();
        lastFailure = failure;
        backOff.failed();
    }

    /** One failure for all that came before the attempt began and do not wait for the server. */
    private boolean shares(Waiter waiter, IOException failure) {
        if (waiter.attemptsBefore >= attempts || (waiter.waitsForReady && Unsent.mayPass(failure))) return false;
        waiter.fail(failure);
        return true;
    }

    private StatusException expired(MethodDescriptor<?, ?> method, DeadlineException e) {
        String why = "deadline exceeded before the request was sent";
        synchronized (this) {
            if (connections.length >= maxConnections) {
                why += ": " + exhausted();
            } else if (lastFailure != null) {
                why += ": no server: " + lastFailure.getMessage();
                e.addSuppressed(lastFailure);
            }
        }
        return Unsent.failed(method, client, Status.DEADLINE_EXCEEDED, why, e);
    }

    private void discard(ClientConnection connection) {
        remove(connection);
        if (crowded) serveAll();
    }

    /** By who holds its lease. */
    private void remove(ClientConnection connection) {
        connection.close();
        for (int home = 0; home < lastUsed.length(); home++) lastUsed.compareAndSet(home, connection, null);
        synchronized (this) {
            connections =
                    Arrays.stream(connections).filter(c -> c != connection).toArray(ClientConnection[]::new);
        }
    }

    /** For the keeper: closes what has been idle for long, ends a back-off. When to look again. */
    @Override
    public long look(long now) {
        for (ClientConnection one : connections) {
            if (!one.lease().takeIfIdleFor(idleNanos, now)) continue;
            counters.idleClosed.increment();
            remove(one);
        }
        synchronized (this) {
            serve();
            if (connections.length == 0 && connecting == null && waiters.isEmpty()) ClientKeeper.forget(this);
        }
        return now + Math.max(1, idleNanos / LOOKS_PER_IDLE_TIME);
    }

    /** Wakes all who wait, ends all calls. Further calls do nothing. */
    void close() {
        ClientConnection[] all;
        synchronized (this) {
            closed = true;
            crowded = true;
            all = connections;
            connections = new ClientConnection[0];
            for (Waiter waiter : waiters) waiter.fail(new ClosedChannelException());
            waiters.clear();
            ClientKeeper.forget(this);
        }
        for (ClientConnection connection : all) connection.close();
        for (OwnedFd fd : opened) fd.close();
        connector.close();
        for (int home = 0; home < lastUsed.length(); home++) lastUsed.set(home, null);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    ClientCounters counters() {
        return counters;
    }

    synchronized ClientStats stats() {
        return counters.snapshot(connections.length, waiters.size());
    }
}

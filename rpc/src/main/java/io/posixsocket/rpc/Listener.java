package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.F_GETFL;
import static io.posixsocket.SocketConstants.F_SETFL;
import static io.posixsocket.SocketConstants.O_NONBLOCK;
import static io.posixsocket.SocketConstants.SHUT_RDWR;
import static io.posixsocket.SocketConstants.SOCK_NONBLOCK;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SOMAXCONN;
import static io.posixsocket.SocketConstants.SO_REUSEADDR;

import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixIo;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockOpt;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One listening socket of a server. Only the thread that took its one-shot event accepts. */
final class Listener implements Overload.Source {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());

    private static final long MIN_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MAX_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(100);
    /** Accepted in one go; then other sources have their turn. */
    private static final int BATCH = 64;
    /** Accepted when a given socket is left; no backlog is longer. */
    private static final int MAX_LAST = 4096;

    private final Server server;
    private final OwnedFd fd;
    private final SocketFile file; // null where the address is no path of ours
    private final boolean given; // already listening, and perhaps not to us alone
    private final Sockaddr address; // as bound: a port that was chosen is in it
    private long key;

    private final LogLimit failures = new LogLimit(LOG);
    private long backOff = MIN_BACK_OFF; // confined to who has the event
    // 0, or when to accept again: written by who had the event and did not arm, cleared by the keeper, who arms
    private volatile long resumeAt;

    private Listener(Server server, OwnedFd fd, SocketFile file, boolean given) throws IOException {
        this.server = server;
        this.fd = fd;
        this.file = file;
        this.given = given;
        this.address = fd.getsockname();
    }

    /** Binds and listens; nothing is accepted before {@link #start}. */
    static Listener bind(Server server, Sockaddr address, int pathMode) throws IOException {
        OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK, 0));
        SocketFile file = null;
        boolean listening = false;
        try {
            if (address instanceof SockaddrUn un && !un.isAbstract()) {
                file = SocketFile.bind(fd, un, pathMode);
            } else {
                if (address.family() != AF_UNIX) fd.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
                fd.bind(address);
            }
            fd.listen(SOMAXCONN);
            Listener listener = new Listener(server, fd, file, false);
            listening = true;
            return listener;
        } finally {
            if (!listening) {
                if (file != null) file.release();
                fd.close();
            }
        }
    }

    /**
     * Takes over a socket that listens already. Makes it non-blocking, for all who hold it. Its path, if it has one, is not ours
     * to remove. If this throws, the descriptor is still the caller's.
     */
    static Listener given(Server server, OwnedFd fd) throws IOException {
        if (!fd.getsockopt(SockOpt.SO_ACCEPTCONN) || fd.getsockopt(SockOpt.SO_TYPE) != SOCK_STREAM)
            throw new IllegalArgumentException(fd + " is no stream socket that listens: call listen(2) on it before");
        Listener listener = new Listener(server, fd, null, true);
        fd.lend(n -> PosixIo.fcntl(n, F_SETFL, PosixIo.fcntl(n, F_GETFL, 0) | O_NONBLOCK));
        return listener;
    }

    void start() throws IOException {
        key = server.poller().add(this);
        arm();
    }

    @Override
    public OwnedFd fd() {
        return fd;
    }

    Sockaddr address() {
        return address;
    }

    private void arm() {
        server.poller().arm(this, key, Poller.IN);
    }

    @Override
    public void ready(int events) {
        try {
            acceptWaiting(events);
        } catch (ClosedChannelException e) {
            close();
        } catch (ErrnoException e) {
            if (AcceptFailure.of(e.errno()) == AcceptFailure.NEVER) lost(e.toString());
            else pause(e);
        } catch (IOException | RuntimeException | Error e) { // no memory, mostly
            pause(e);
        }
    }

    /** Accepts only where that asks no policy of the user's. */
    @Override
    public boolean readyWhileBusy(int events) {
        if (!server.decidesAlone()) return false;
        ready(events);
        return true;
    }

    @Override
    public void watchAgain() {
        arm();
    }

    private void acceptWaiting(int events) throws IOException {
        int failures = 0;
        for (int i = 0; i < BATCH; i++) {
            OwnedFd accepted;
            try {
                accepted = fd.tryAccept();
            } catch (ErrnoException e) {
                if (AcceptFailure.of(e.errno()) != AcceptFailure.NEXT || ++failures == BATCH) throw e;
                server.counters().acceptErrors.increment();
                continue;
            }
            if (accepted == null) {
                if ((events & Poller.HUP) == 0) break;
                lost("it was shut down"); // and the backlog is empty: a non-blocking listener says EAGAIN to both
                return;
            }
            backOff = MIN_BACK_OFF;
            server.accepted(accepted, address);
        }
        arm();
    }

    /** It will not accept any more: as it should be when the server drains, else others go on without it. */
    private void lost(String why) {
        if (!server.isDraining()) {
            server.counters().acceptErrors.increment();
            LOG.log(System.Logger.Level.ERROR, () -> "no longer listening at " + address + ": " + why);
        }
        close();
    }

    /** No descriptors or no memory, mostly: that passes. What nobody foresaw is treated alike: the loop never ends by it. */
    private void pause(Throwable e) {
        long due = System.nanoTime() + backOff;
        backOff = Math.min(2 * backOff, MAX_BACK_OFF);
        server.counters().acceptErrors.increment();
        resumeAt = due == 0 ? 1 : due;
        server.keeper().wakeBy(due);
        failures.warn(() -> "cannot accept at " + address + ", trying again: " + e);
    }

    /** The keeper's look. Returns when to look again. */
    long look(long now) {
        long resume = resumeAt;
        if (resume == 0) return Keeper.never(now);
        if (resume - now > 0) return resume;
        resumeAt = 0;
        arm();
        return Keeper.never(now);
    }

    /**
     * No more connections: those that wait in the backlog are still accepted. The caller has marked the server as draining.
     * Closes itself, now or soon.
     */
    void drain() {
        if (given) {
            leave();
            return;
        }
        try {
            fd.shutdown(SHUT_RDWR);
        } catch (IOException e) {
            close(); // it was closed already, or cannot be woken
        }
    }

    /** A socket that others may hold too is not shut down: what waits in it now is ours, whoever comes later theirs. */
    private void leave() {
        server.poller().remove(this, key);
        List<OwnedFd> last = new ArrayList<>();
        try {
            OwnedFd accepted = fd.tryAccept();
            for (; accepted != null; accepted = last.size() < MAX_LAST ? fd.tryAccept() : null) last.add(accepted);
        } catch (IOException e) {
            failures.warn(() -> "what waits at " + address + " is left to others: " + e);
        }
        close(); // before they are served: a client that is sent elsewhere must not come back here
        for (OwnedFd accepted : last) server.accepted(accepted, address);
    }

    /** Unlinks the path, if it is still ours, and closes. */
    void close() {
        server.poller().remove(this, key);
        if (file != null) file.release();
        fd.close();
        server.ended(this);
    }

    @Override
    public String toString() {
        return address.toString();
    }
}

package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.POLLERR;
import static io.posixsocket.SocketConstants.POLLHUP;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.POLLOUT;

import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.Support;
import java.io.IOException;

/**
 * The set that all workers of a server wait in. Sources are armed one-shot: an event hands its source to one thread.
 *
 * <p>An event carries a key that is never used again, not a descriptor: one that comes late, for a source that was removed,
 * finds nobody.
 */
interface Poller {
    /** {@code epoll} or {@code poll}; unless it is set, epoll where there is one. */
    String PROPERTY = "io.posixsocket.rpc.poller";

    /** Bytes, a connection, or the end of the stream. */
    int IN = POLLIN;

    int OUT = POLLOUT;
    /** The peer's half close, where the platform tells it apart (Linux); elsewhere it is {@link #IN}. */
    int RDHUP = 0x2000;
    /** The peer has closed; reported even to who asks for nothing. */
    int HUP = POLLHUP | POLLERR;

    /** Something with a descriptor in the set. */
    interface Source {
        OwnedFd fd();

        /** Acts on an event, on a worker. Throws nothing. */
        void ready(int events);
    }

    /** One thread's place to wait. Confined to it. */
    interface Seat {
        /**
         * Waits for an event; {@link #source} is who it is for, {@link #events} what it says.
         *
         * @return false when the time is up
         */
        boolean await(int timeoutMillis) throws IOException;

        /** Null if it was removed meanwhile, and when the poller is woken for its end. */
        Source source();

        int events();
    }

    /** The one that the system property asks for, or the better one that the platform has. */
    static Poller open() throws IOException {
        String asked = System.getProperty(PROPERTY);
        boolean epoll = PosixSocket.capabilities().get("epoll_create1") == Support.NATIVE;
        if (asked == null) return epoll ? new EpollPoller() : new PollPoller();
        return switch (asked) {
            case "epoll" -> new EpollPoller();
            case "poll" -> new PollPoller();
            default -> throw new IllegalArgumentException(PROPERTY + " is '" + asked + "', must be epoll or poll");
        };
    }

    Seat seat();

    /** Adds a source, watched for hang-up alone. Its key is for {@link #arm} and {@link #remove}. */
    long add(Source source) throws IOException;

    /** Asks for one event; 0 for a hang-up alone. Nothing happens for a source that was removed or closed meanwhile. */
    void arm(Source source, long key, int events);

    /** Takes a source out, before its descriptor is closed. An event that is on its way finds nobody. */
    void remove(Source source, long key);

    /** Wakes all who wait, now and later: their seats have no source. */
    void wakeAll();

    /** When nobody waits any more. */
    void close();
}

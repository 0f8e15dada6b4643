package io.posixsocket;

/** One descriptor for {@link PosixSocket#poll}: what is asked of it and, after the call, what was found. */
public final class Pollfd {
    private final int fd;
    private int events;
    private int revents;

    /**
     * @param fd the descriptor; a negative one is skipped
     * @param events 0 or a sum of {@code POLLIN}, {@code POLLPRI}, {@code POLLOUT}, {@code POLLRDHUP}
     */
    public Pollfd(int fd, int events) {
        this.fd = fd;
        this.events = events;
    }

    /** The descriptor. */
    public int fd() {
        return fd;
    }

    /** The events asked for. */
    public int events() {
        return events;
    }

    /** Asks for other events in the next call. */
    public void events(int events) {
        this.events = events;
    }

    /** The events found: those asked for, and {@code POLLERR}, {@code POLLHUP}, {@code POLLNVAL} unasked. */
    public int revents() {
        return revents;
    }

    void revents(int revents) {
        this.revents = revents;
    }

    @Override
    public String toString() {
        return "Pollfd[fd=" + fd + ", events=0x" + Integer.toHexString(events) + ", revents=0x"
                + Integer.toHexString(revents) + "]";
    }
}

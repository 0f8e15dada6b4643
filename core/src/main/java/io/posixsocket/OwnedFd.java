package io.posixsocket;

import static io.posixsocket.SocketConstants.MSG_DONTWAIT;
import static io.posixsocket.SocketConstants.SHUT_RDWR;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.Arrays;

/**
 * The owner of a descriptor. Its calls are those of {@link PosixSocket} with the first argument gone, and using it after
 * {@link #close} is impossible: the number is closed only when no thread is inside a call.
 *
 * <p>Any thread may call anything at any time. {@code close} from another thread wakes a thread that blocks in a call on a
 * socket; that call throws {@link AsynchronousCloseException}. Calls after {@code close} throw
 * {@link ClosedChannelException}.
 *
 * <p>Interrupts: a descriptor from {@link #adopt} does not notice them. One from {@link #adoptInterruptible} follows NIO's
 * rule: when the thread is interrupted in a call that may block, or already was, the descriptor is closed, the call throws
 * {@link ClosedByInterruptException}, and the thread's flag stays set.
 */
public final class OwnedFd implements AutoCloseable {
    /** What {@link #tryRecv} and {@link #trySend} return instead of blocking. */
    public static final int WOULD_BLOCK = -1;

    private static final int EAGAIN = Errno.EAGAIN.number();

    private static final int CLOSED = Integer.MIN_VALUE;
    private static final VarHandle USERS;

    static {
        try {
            USERS = MethodHandles.lookup().findVarHandle(OwnedFd.class, "users", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** An operation on the bare number, for {@link #lend}. */
    @FunctionalInterface
    public interface Operation<T> {
        /** Uses {@code fd}, which stays open until this returns, and does not keep it. */
        T apply(int fd) throws IOException;
    }

    private final int fd;
    private final PolledIo io = new PolledIo();
    private final Connecting connecting = new Connecting();
    private final Interruption interruption; // null: not interruptible

    private enum Senders {
        UNKNOWN,
        SLEEP_HERE,
        SLEEP_ELSEWHERE
    }

    private Senders senders = Senders.UNKNOWN; // several threads may find it out, all the same

    // The threads inside a call, and CLOSED once close was called. Nobody enters after CLOSED; whoever brings the count
    // to
    // zero after it, closes the descriptor: exactly one thread sees that, and no thread is inside.
    @SuppressWarnings("UnusedVariable") // read and written through USERS
    private volatile int users;

    private OwnedFd(int fd, boolean interruptible) {
        if (fd < 0) throw new IllegalArgumentException("descriptor is " + fd + ", must be at least 0");
        this.fd = fd;
        this.interruption = interruptible ? new Interruption(this) : null;
    }

    /** Takes ownership of {@code fd}: nobody else may close it from now on. Interrupts do not touch it. */
    public static OwnedFd adopt(int fd) {
        return new OwnedFd(fd, false);
    }

    /**
     * Takes ownership of {@code fd}, which an interrupt of a thread inside a call closes. Meant for a connected socket that
     * one thread uses: an interrupt ends the descriptor for all.
     */
    public static OwnedFd adoptInterruptible(int fd) {
        return new OwnedFd(fd, true);
    }

    /** Whether {@link #close} has not been called. */
    public boolean isOpen() {
        return users >= 0;
    }

    /**
     * Closes the descriptor, or, if threads are inside a call, wakes them by {@code shutdown} and leaves it to the last one
     * of them to close it. Does not wait for them. Further calls do nothing.
     *
     * <p>A descriptor that is no socket has no shutdown: threads inside {@link #read} and {@link #write} notice within 50 ms,
     * others that block on it, in {@link #poll} or {@link #lend}, are not woken and keep it open.
     */
    @Override
    public void close() {
        if (interruption != null) interruption.closeQuietly();
        else markClosed();
    }

    private void markClosed() {
        int inside;
        do {
            inside = users;
            if (inside < 0) return;
        } while (!USERS.compareAndSet(
                this, inside, inside + 1 | CLOSED)); // inside: the number stays ours for the shutdown
        if (inside > 0) LibC.shutdown(fd, SHUT_RDWR); // ENOTCONN and ENOTSOCK: nobody blocks who could be woken
        exit();
    }

    /** The number, which stays ours between {@link #enter} and {@link #exit} only. */
    int number() {
        return fd;
    }

    void enter() throws ClosedChannelException {
        int inside;
        do {
            inside = users;
            if (inside < 0) throw new ClosedChannelException();
        } while (!USERS.compareAndSet(this, inside, inside + 1));
    }

    void exit() {
        if ((int) USERS.getAndAdd(this, -1) - 1 == CLOSED) {
            int result = LibC.close(fd); // once: after EINTR the number is gone all the same
            if (result == -Errno.EBADF.number())
                System.getLogger(OwnedFd.class.getName())
                        .log(System.Logger.Level.ERROR, "fd {0} was closed behind its owner''s back", fd);
        }
    }

    private boolean isClosed() {
        return users < 0;
    }

    /** Inside. Whether a full receiver makes senders sleep where our shutdown does not wake them. */
    private boolean sleepsElsewhere() throws ErrnoException {
        if (senders == Senders.UNKNOWN)
            senders = DatagramSend.isNeeded(fd) ? Senders.SLEEP_ELSEWHERE : Senders.SLEEP_HERE;
        return senders == Senders.SLEEP_ELSEWHERE;
    }

    /** Before a call that may block. */
    private void enterBlocking() throws ClosedChannelException {
        enter();
        if (interruption != null) interruption.enter();
    }

    /** After a call that may block. Throws if the descriptor was closed meanwhile and the call did not complete. */
    private void exitBlocking(boolean completed) throws AsynchronousCloseException {
        exit();
        if (interruption != null) interruption.exit(completed);
        if (!completed && users < 0) throw new AsynchronousCloseException();
    }

    /** NIO's begin and end need a subclass of its channel; a field, so that the rest of that class stays out of ours. */
    private static final class Interruption extends AbstractInterruptibleChannel {
        private final OwnedFd owner;

        Interruption(OwnedFd owner) {
            this.owner = owner;
        }

        void enter() {
            begin();
        }

        /**
         * From JDK 21 on an interrupt is in the thread's flag before it reaches the channel. A thread that saw and cleared the
         * flag in between loses the descriptor of its next call to it, and would find no flag that says why.
         */
        void exit(boolean completed) throws AsynchronousCloseException {
            try {
                end(completed);
            } catch (ClosedByInterruptException e) {
                Thread.currentThread().interrupt();
                throw e;
            }
        }

        /** Runs in the closing or the interrupting thread: marks and shuts down, and never waits. */
        @Override
        protected void implCloseChannel() {
            owner.markClosed();
        }

        private void closeQuietly() {
            try {
                close();
            } catch (IOException e) {
                throw new AssertionError("implCloseChannel throws none", e);
            }
        }
    }

    /**
     * Runs an operation on the bare number, which stays open until the operation returns. If the operation blocks,
     * {@link #close} wakes it where {@code shutdown} does.
     */
    public <T> T lend(Operation<T> operation) throws IOException {
        enter();
        try {
            return operation.apply(fd);
        } finally {
            exit();
        }
    }

    /**
     * Gives the descriptor up: from now on the caller owns the number, and this object is closed without closing it.
     *
     * @throws IllegalStateException while threads are inside calls
     * @throws ClosedChannelException if this is closed already
     */
    public int release() throws ClosedChannelException {
        // from 0 to CLOSED without a moment inside: nobody is there to bring the count back to zero and close
        while (!USERS.compareAndSet(this, 0, CLOSED)) {
            int inside = users;
            if (inside < 0) throw new ClosedChannelException();
            if (inside > 0)
                throw new IllegalStateException(
                        "fd " + fd + ": " + inside + " threads are inside calls, it cannot be given up");
        }
        return fd;
    }

    /**
     * Reads from what need not be a socket: a pipe, an eventfd, a file. Blocks until there is at least a byte, the other side
     * is closed, or this descriptor is closed or interrupted (up to 50 ms later), whatever {@code O_NONBLOCK} says. Where
     * another process or another descriptor reads from the same pipe, it can take the byte that this one waited for; the
     * descriptor should then be non-blocking, or closing it wakes nobody.
     *
     * @return bytes read; 0 at the end
     * @throws ErrnoException as {@link PosixIo#read}, save EAGAIN
     */
    public int read(ByteBuffer buf) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            int n = io.read(fd, buf, this::isClosed);
            completed = n > 0 || users >= 0; // our own shutdown looks like the end
            return n;
        } finally {
            exitBlocking(completed);
        }
    }

    /**
     * Writes to what need not be a socket: a pipe, an eventfd, a file. Blocks until a part is taken, nobody reads any more, or
     * this descriptor is closed or interrupted (up to 50 ms later), whatever {@code O_NONBLOCK} says. What {@link #read} says
     * of other processes is true here too.
     *
     * @return bytes taken, at most {@code PIPE_BUF} (4,096 on Linux): more would block where close does not wake it
     * @throws ErrnoException as {@link PosixIo#write}, save EAGAIN
     */
    public int write(ByteBuffer buf) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            int n = io.write(fd, buf, this::isClosed);
            completed = n > 0 || users >= 0;
            return n;
        } finally {
            exitBlocking(completed);
        }
    }

    /** As {@link PosixSocket#bind}. */
    public void bind(Sockaddr addr) throws IOException {
        enter();
        try {
            PosixSocket.bind(fd, addr);
        } finally {
            exit();
        }
    }

    /** As {@link PosixSocket#listen}. */
    public void listen(int backlog) throws IOException {
        enter();
        try {
            PosixSocket.listen(fd, backlog);
        } finally {
            exit();
        }
    }

    /**
     * As {@link PosixSocket#accept}: blocks until a connection comes or this descriptor is closed.
     *
     * @return the new descriptor, not interruptible
     */
    public OwnedFd accept() throws IOException {
        OwnedFd accepted = null;
        enterBlocking();
        try {
            accepted = adopt(PosixSocket.accept(fd));
        } finally {
            exitAccept(accepted);
        }
        return accepted;
    }

    /** An interrupt ends the call although a connection came; nobody but us knows that one. */
    private void exitAccept(OwnedFd accepted) throws AsynchronousCloseException {
        try {
            exitBlocking(accepted != null);
        } catch (AsynchronousCloseException e) {
            if (accepted != null) accepted.close();
            throw e;
        }
    }

    /**
     * As {@link #accept}, and tells who connected.
     *
     * @param flags 0 or {@code SOCK_NONBLOCK}, as {@link PosixSocket#acceptfrom}
     */
    public Accepted acceptfrom(int flags) throws IOException {
        Accepted accepted = null;
        enterBlocking();
        try {
            accepted = PosixSocket.acceptfrom(fd, flags);
        } finally {
            exitAccept(accepted == null ? null : accepted.fd());
        }
        return accepted;
    }

    /**
     * Accepts a connection if one waits. The socket must have been made with {@code SOCK_NONBLOCK}, else this blocks.
     *
     * @return the new descriptor, blocking and not interruptible; null if no connection waits
     * @throws ErrnoException EMFILE, ENFILE, ECONNABORTED, EINVAL after shutdown
     */
    public OwnedFd tryAccept() throws IOException {
        enter();
        try {
            int accepted = PosixSocket.tryAccept(fd);
            if (accepted == -EAGAIN) return null;
            if (accepted < 0) throw new ErrnoException("accept", "fd " + fd, -accepted);
            return adopt(accepted);
        } finally {
            exit();
        }
    }

    /** As {@link #connect(Sockaddr, long)}, without a limit. */
    public void connect(Sockaddr addr) throws IOException {
        connect(addr, -1);
    }

    /**
     * Connects the socket. Blocks until the peer's system has taken the connection, the time is up, or this descriptor is
     * closed or interrupted (on {@code AF_UNIX}, where the kernel cannot be woken, up to 30 ms later). Uses
     * {@code SO_SNDTIMEO} for its waits and puts it back. An {@code AF_UNIX} socket must be a blocking one.
     *
     * @param timeoutNanos negative: no limit
     * @throws ErrnoException ETIMEDOUT when the time is up, and all that {@link PosixSocket#connect} gives. After ETIMEDOUT a TCP
     *     handshake goes on in the kernel: close the socket
     */
    public void connect(Sockaddr addr, long timeoutNanos) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            completed = !isClosed() && connecting.connect(fd, addr, timeoutNanos, this::isClosed);
        } finally {
            exitBlocking(completed);
        }
    }

    /**
     * As {@link PosixSocket#send}: blocks while the peer's buffer is full, until this descriptor is closed.
     *
     * @return bytes taken, which may be fewer than there were
     */
    public int send(ByteBuffer buf, int flags) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            int n = sleepsElsewhere()
                    ? DatagramSend.send(fd, flags, false, this::isClosed, now -> PosixSocket.send(fd, buf, now))
                    : PosixSocket.send(fd, buf, flags);
            completed = n >= 0;
            return n;
        } finally {
            exitBlocking(completed);
        }
    }

    /**
     * As {@link PosixSocket#recv}: blocks until bytes arrive, the peer shuts down its side, or this descriptor is closed.
     *
     * @return bytes received; 0 at the end of the stream
     */
    public int recv(ByteBuffer buf, int flags) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            int n = PosixSocket.recv(fd, buf, flags);
            completed = n > 0 || users >= 0; // our own shutdown looks like the end of the stream
            return n;
        } finally {
            exitBlocking(completed);
        }
    }

    /** As {@link #send(ByteBuffer, int)}, from a part of an array. */
    public int send(byte[] buf, int offset, int length, int flags) throws IOException {
        return send(ByteBuffer.wrap(buf, offset, length), flags);
    }

    /** As {@link #recv(ByteBuffer, int)}, into a part of an array. */
    public int recv(byte[] buf, int offset, int length, int flags) throws IOException {
        return recv(ByteBuffer.wrap(buf, offset, length), flags);
    }

    /** As {@link PosixSocket#sendto}: blocks while the receiver's buffer is full, until this descriptor is closed. */
    public int sendto(ByteBuffer buf, int flags, Sockaddr addr) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            int n = sleepsElsewhere()
                    ? DatagramSend.send(fd, flags, true, this::isClosed, now -> PosixSocket.sendto(fd, buf, now, addr))
                    : PosixSocket.sendto(fd, buf, flags, addr);
            completed = n >= 0;
            return n;
        } finally {
            exitBlocking(completed);
        }
    }

    /** As {@link PosixSocket#recvfrom}: blocks until bytes arrive or this descriptor is closed. */
    public Received recvfrom(ByteBuffer buf, int flags) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            Received received = PosixSocket.recvfrom(fd, buf, flags);
            completed = received.count() > 0 || users >= 0;
            return received;
        } finally {
            exitBlocking(completed);
        }
    }

    /** As {@link PosixSocket#sendmsg}: blocks while the peer's buffer is full, until this descriptor is closed. */
    public int sendmsg(Message message, int flags) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            boolean addressed = message.name() != null;
            int n = sleepsElsewhere()
                    ? DatagramSend.send(
                            fd, flags, addressed, this::isClosed, now -> PosixSocket.sendmsg(fd, message, now))
                    : PosixSocket.sendmsg(fd, message, flags);
            completed = n >= 0;
            return n;
        } finally {
            exitBlocking(completed);
        }
    }

    /**
     * As {@link PosixSocket#recvmsg}: blocks until bytes arrive, the peer shuts down its side, or this descriptor is closed.
     *
     * @return bytes received; 0 at the end of the stream
     */
    public int recvmsg(Message message, int flags) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            int n = PosixSocket.recvmsg(fd, message, flags);
            completed = n > 0 || users >= 0;
            return n;
        } finally {
            exitRecvmsg(completed, message);
        }
    }

    /**
     * As {@link PosixSocket#sendmmsg}: blocks while the peer's buffer is full, until this descriptor is closed.
     *
     * @return how many were sent
     */
    public int sendmmsg(Message[] messages, int flags) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            int n = sleepsElsewhere()
                    ? DatagramSend.sendmmsg(fd, flags, this::isClosed, messages)
                    : PosixSocket.sendmmsg(fd, messages, flags);
            completed = n >= 0;
            return n;
        } finally {
            exitBlocking(completed);
        }
    }

    /**
     * As {@link PosixSocket#recvmmsg}: blocks until all are filled or this descriptor is closed.
     *
     * @return how many were received
     */
    public int recvmmsg(Message[] messages, int flags, Duration timeout) throws IOException {
        boolean completed = false;
        enterBlocking();
        try {
            int n = PosixSocket.recvmmsg(fd, messages, flags, timeout);
            completed = users >= 0 || Arrays.stream(messages, 0, n).anyMatch(message -> message.length() > 0);
            return n;
        } finally {
            exitRecvmsg(completed, messages);
        }
    }

    /** An interrupt ends the call although descriptors may have come; nobody but us knows those. */
    private void exitRecvmsg(boolean completed, Message... messages) throws AsynchronousCloseException {
        try {
            exitBlocking(completed);
        } catch (AsynchronousCloseException e) {
            for (Message message : messages) message.clear();
            throw e;
        }
    }

    /**
     * Sends what can be sent at once. Never blocks, and throws nothing for a full buffer.
     *
     * @return bytes taken, at least 1, or {@link #WOULD_BLOCK}
     * @throws IndexOutOfBoundsException if the range is not inside {@code buf}, or empty
     * @throws ErrnoException EPIPE, ECONNRESET, ENOBUFS
     */
    public int trySend(NativeBuffer buf, int offset, int length) throws IOException {
        checkRange(buf, offset, length);
        enter();
        try {
            int n = PosixSocket.send(fd, buf, buf.address() + offset, length, MSG_DONTWAIT);
            return n > 0 ? n : notTransferred("send", n);
        } finally {
            exit();
        }
    }

    /**
     * Receives what is there. Never blocks, and throws nothing when nothing is there.
     *
     * @return bytes received; 0 at the end of the stream; {@link #WOULD_BLOCK}
     * @throws IndexOutOfBoundsException if the range is not inside {@code buf}, or empty
     * @throws ErrnoException ECONNRESET
     */
    public int tryRecv(NativeBuffer buf, int offset, int length) throws IOException {
        checkRange(buf, offset, length);
        enter();
        try {
            int n = PosixSocket.recv(fd, buf, buf.address() + offset, length, MSG_DONTWAIT);
            return n > 0 ? n : notTransferred("recv", n);
        } finally {
            exit();
        }
    }

    /**
     * As {@link #tryRecv}, but waits: blocks until bytes arrive, the peer shuts down its side, this descriptor is closed, or the
     * time set by {@code SO_RCVTIMEO} is up.
     *
     * @return bytes received; 0 at the end of the stream; {@link #WOULD_BLOCK} when that time is up
     * @throws IndexOutOfBoundsException if the range is not inside {@code buf}, or empty
     * @throws ErrnoException ECONNRESET
     */
    public int awaitRecv(NativeBuffer buf, int offset, int length) throws IOException {
        checkRange(buf, offset, length);
        boolean completed = false;
        enterBlocking();
        try {
            int n = PosixSocket.recv(fd, buf, buf.address() + offset, length, 0);
            if (n <= 0) n = notTransferred("recv", n);
            completed = true;
            return n;
        } finally {
            exitBlocking(completed);
        }
    }

    /** Inside. Once closed, errors and ends are our own shutdown's. */
    private int notTransferred(String function, int result) throws IOException {
        if (users < 0) throw new AsynchronousCloseException();
        if (result == -EAGAIN) return WOULD_BLOCK;
        if (result < 0) throw new ErrnoException(function, "fd " + fd, -result);
        return result;
    }

    private static void checkRange(NativeBuffer buf, int offset, int length) {
        if (length < 1 || offset < 0 || offset > buf.capacity() - length)
            throw new IndexOutOfBoundsException(
                    "bytes " + offset + " to " + (offset + (long) length) + " of " + buf.capacity());
    }

    /**
     * Waits until this descriptor is ready. Never returns early; late by the time that the system needs to run the thread.
     *
     * @param events {@code POLLIN}, {@code POLLOUT} or both
     * @param timeoutNanos 0 returns at once, a negative one waits without limit
     * @return the events found, {@code POLLERR} and {@code POLLHUP} unasked; 0 when the time is up
     */
    public int poll(int events, long timeoutNanos) throws IOException {
        PosixSocket.requireDefined("poll", events, 0, 0);
        boolean completed = false;
        enterBlocking();
        try {
            int ready = Polling.one(fd, events, timeoutNanos);
            if (ready < 0) throw new ErrnoException("poll", "fd " + fd, -ready);
            completed = users >= 0;
            return ready;
        } finally {
            exitBlocking(completed);
        }
    }

    /** As {@link PosixSocket#shutdown}. */
    public void shutdown(int how) throws IOException {
        enter();
        try {
            PosixSocket.shutdown(fd, how);
        } finally {
            exit();
        }
    }

    /** As {@link PosixSocket#getsockname}. */
    public Sockaddr getsockname() throws IOException {
        return lend(PosixSocket::getsockname);
    }

    /** As {@link PosixSocket#getpeername}. */
    public Sockaddr getpeername() throws IOException {
        return lend(PosixSocket::getpeername);
    }

    /** As {@link PosixSocket#getsockopt}. */
    public int getsockopt(int level, int optname) throws IOException {
        enter();
        try {
            return PosixSocket.getsockopt(fd, level, optname);
        } finally {
            exit();
        }
    }

    /** As {@link PosixSocket#setsockopt(int, int, int, int)}. */
    public void setsockopt(int level, int optname, int optval) throws IOException {
        enter();
        try {
            PosixSocket.setsockopt(fd, level, optname, optval);
        } finally {
            exit();
        }
    }

    /** As {@link PosixSocket#getsockopt(int, int, int, int)}. */
    public byte[] getsockopt(int level, int optname, int maxlen) throws IOException {
        return lend(sockfd -> PosixSocket.getsockopt(sockfd, level, optname, maxlen));
    }

    /** As {@link PosixSocket#setsockopt(int, int, int, byte[])}. */
    public void setsockopt(int level, int optname, byte[] optval) throws IOException {
        enter();
        try {
            PosixSocket.setsockopt(fd, level, optname, optval);
        } finally {
            exit();
        }
    }

    /** As {@link PosixSocket#getsockopt(int, SockOpt)}. */
    public <T> T getsockopt(SockOpt<T> option) throws IOException {
        return lend(sockfd -> PosixSocket.getsockopt(sockfd, option));
    }

    /** As {@link PosixSocket#setsockopt(int, SockOpt, Object)}. */
    public <T> void setsockopt(SockOpt<T> option, T optval) throws IOException {
        enter();
        try {
            PosixSocket.setsockopt(fd, option, optval);
        } finally {
            exit();
        }
    }

    /** As {@link PosixSocket#sockatmark}. */
    public boolean sockatmark() throws IOException {
        return lend(PosixSocket::sockatmark);
    }

    /** As {@link PosixSocket#peerCredentials}. */
    public PeerCredentials peerCredentials() throws IOException {
        return lend(PosixSocket::peerCredentials);
    }

    /** As {@link PosixSocket#peerPidfd}. */
    public OwnedFd peerPidfd() throws IOException {
        return lend(PosixSocket::peerPidfd);
    }

    @Override
    public String toString() {
        return "fd " + fd + (isOpen() ? "" : " (closed)");
    }
}

package io.posixsocket;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A {@code struct msghdr}: an address, several buffers, ancillary data and flags, which {@link PosixSocket#sendmsg} sends and
 * {@link PosixSocket#recvmsg} fills, all in one call. Made once and used again and again; it keeps the memory that the system
 * reads and writes.
 *
 * <p>As in C one object serves both ways: what was received can be sent as it is, back to where it came from.
 *
 * <p>Received descriptors ({@link ControlMessage.ScmRights}, {@link ControlMessage.ScmPidfd}) belong to the message until
 * {@link #takeFds} gives them to the caller. Those that nobody took are closed by the next call that receives into this message,
 * by {@link #clear} and by {@link #close}: a peer cannot leave descriptors with a receiver that does not want them.
 *
 * <p>Not synchronized: one thread at a time. While a call runs its buffers belong to it, and another call with this message is
 * refused.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/sys_socket.h.html">POSIX struct msghdr</a>
 */
public final class Message implements AutoCloseable {
    private static final int CLOEXEC = orNone(SocketConstants.MSG_CMSG_CLOEXEC);
    private static final int CTRUNC = SocketConstants.MSG_CTRUNC;
    private static final int TRUNC = SocketConstants.MSG_TRUNC;

    private final NativeMessage memory = new NativeMessage();
    // While a call runs, what the system reads and writes hangs on this object alone: nothing of it may be exchanged.
    private final AtomicBoolean inCall = new AtomicBoolean();
    private List<ByteBuffer> buffers;
    private Sockaddr name;
    private List<ControlMessage> control = List.of();
    private List<OwnedFd> received = List.of(); // in control too, and ours to close
    private int controlCapacity;
    private int flags;
    private int length;

    /**
     * A message of these bytes, without address and ancillary data, and without room for any to be received.
     *
     * @param buffers direct ones are used as they lie, heap ones are copied; at most {@code IOV_MAX}, 1024 on Linux
     */
    public Message(ByteBuffer... buffers) {
        this.buffers = List.of(buffers);
    }

    /** The buffers that are sent or filled, one after the other, from their positions to their limits. */
    public List<ByteBuffer> buffers() {
        return buffers;
    }

    /** Sets the buffers. */
    public Message buffers(ByteBuffer... buffers) {
        if (inCall.get()) throw inUse();
        this.buffers = List.of(buffers);
        return this;
    }

    /**
     * Where the message goes to or came from. Null for a connected socket, and where the sender has no address or one of a
     * family that has no class here.
     */
    public Sockaddr name() {
        return name;
    }

    /** Sets where the message goes to; null for a connected socket. */
    public Message name(Sockaddr name) {
        this.name = name;
        return this;
    }

    /** The ancillary data set or received. The descriptors in what was received are the message's: {@link #takeFds}. */
    public List<ControlMessage> control() {
        return control;
    }

    /**
     * Gives the received descriptors to the caller, who closes them.
     *
     * @return those of {@link #control()} in their order; empty if there are none or they were taken
     */
    public List<OwnedFd> takeFds() {
        List<OwnedFd> taken = received;
        received = List.of();
        return taken;
    }

    /**
     * Sets the ancillary data that is sent, nothing for none. Closes received descriptors that nobody took: {@link #takeFds} before
     * they are sent on.
     */
    public Message control(ControlMessage... control) {
        closeReceived();
        this.control = List.of(control);
        return this;
    }

    /**
     * Sets the room for ancillary data when receiving, 0 at first: a sum of {@link ControlMessage#space}. What does not fit
     * is cut off and {@link #isControlTruncated} says so.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Message controlCapacity(int controlCapacity) {
        if (controlCapacity < 0)
            throw new IllegalArgumentException("controlCapacity is " + controlCapacity + ", must be at least 0");
        this.controlCapacity = controlCapacity;
        return this;
    }

    /** The flags received: a sum of {@code MSG_EOR}, {@code MSG_OOB}, {@code MSG_TRUNC}, {@code MSG_CTRUNC}. */
    public int flags() {
        return flags;
    }

    /** {@code msg_len}: the bytes that the last call took from or stored into this message. */
    public int length() {
        return length;
    }

    /** Whether the datagram received was longer than the buffers: the rest of it is lost. */
    public boolean isTruncated() {
        return (flags & TRUNC) != 0;
    }

    /**
     * Whether ancillary data was received that did not fit. Descriptors of SCM_RIGHTS are all or nothing: if any may be missing,
     * those that came are closed already. An SCM_PIDFD that came whole stays.
     */
    public boolean isControlTruncated() {
        return (flags & CTRUNC) != 0;
    }

    /** Forgets address, ancillary data and flags, and closes received descriptors that nobody took. Keeps the buffers. */
    public void clear() {
        closeReceived();
        control = List.of();
        name = null;
        flags = 0;
        length = 0;
    }

    /** As {@link #clear}. The message can be used again. */
    @Override
    public void close() {
        clear();
    }

    private void closeReceived() {
        takeFds().forEach(OwnedFd::close);
    }

    /** Keeps the descriptors that go along open, and adds them to {@code lent}. */
    void lendRights(List<OwnedFd> lent) throws ClosedChannelException {
        for (OwnedFd fd : ControlCodec.fds(control)) {
            fd.enter();
            lent.add(fd);
        }
    }

    /** Before a call. {@link #end} comes after it, whatever came of it. */
    void begin() {
        if (!inCall.compareAndSet(false, true)) throw inUse();
    }

    private static IllegalStateException inUse() {
        return new IllegalStateException("the message is in use by another call");
    }

    void end() {
        memory.giveWindow();
        inCall.set(false);
    }

    NativeMessage memory() {
        return memory;
    }

    /** After {@link #begin}; the descriptors are lent already. */
    void prepareToSend() {
        for (ControlMessage message : control) {
            if ((message.level() | message.type()) < 0)
                throw new UnsupportedOperationException("sendmsg: " + Platform.NAME + " lacks "
                        + message.getClass().getSimpleName());
        }
        memory.putSent(name, buffers, ControlCodec.encode(control));
    }

    /** After a call that took {@code length} bytes. */
    void sent(int length) {
        this.length = length;
        NativeMessage.skip(buffers, length);
    }

    /** After {@link #begin}. */
    void prepareToReceive() {
        for (ByteBuffer buffer : buffers) if (buffer.isReadOnly()) throw new ReadOnlyBufferException();
        clear();
        memory.putRoom(buffers, controlCapacity);
    }

    /** After a call that filled the header at {@code offset} and stored {@code length} bytes. */
    void received(ByteBuffer header, int offset, int length) throws ErrnoException {
        flags = header.getInt(offset + MsghdrLayout.FLAGS) & ~CLOEXEC;
        List<ControlMessage> arrived = memory.control(header, offset);
        if (isControlTruncated()) {
            List<ControlMessage> parts = arrived.stream()
                    .filter(ControlMessage.ScmRights.class::isInstance)
                    .toList();
            ControlCodec.fds(parts).forEach(OwnedFd::close);
            arrived =
                    arrived.stream().filter(message -> !parts.contains(message)).toList();
        }
        control = arrived;
        received = List.copyOf(ControlCodec.fds(arrived));
        name = memory.name(header, offset);
        memory.store(buffers, length);
        this.length = length;
        if (CLOEXEC == 0) for (OwnedFd fd : received) PosixSocket.setCloseOnExec("recvmsg", fd.number());
    }

    static int orNone(int flag) {
        return flag == SocketConstants.NOT_DEFINED ? 0 : flag;
    }

    @Override
    public String toString() {
        return "Message[name=" + name + ", " + buffers.size() + " buffers, control=" + control + ", flags=0x"
                + Integer.toHexString(flags) + "]";
    }
}

package io.posixsocket.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Writes frames to a connection, envelope and message in one pass. A small frame is encoded into an array, copied to a direct
 * window once and sent by one call; a large one streams through the window while it is encoded, so that the receiver starts
 * meanwhile and no message-sized buffer is made.
 *
 * <p>Small frames of streams are gathered: they wait in the window until it holds {@link #FLUSH_AT}, until a frame of another
 * kind follows, or until {@link #flush}.
 *
 * <p>Confined to whoever may write: a connection's caller, or the holder of its lock.
 */
final class FrameWriter {
    /** Waits until the connection takes bytes again. */
    interface Flow {
        /** Returns when it may be tried again; throws what ends the frame, and with it the connection. */
        void awaitWritable() throws IOException;
    }

    /** Gathered frames of so many bytes are sent. */
    static final int FLUSH_AT = 16 * 1024;

    /** Of one frame. Who takes longer is waited for as usual, where deadlines and cancellations are seen. */
    private static final long LONGEST_SPIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int SMALL = 16 * 1024; // FLUSH_AT and one such frame fit into the window
    /** Twice 64 KiB, which is what a piece of a file mostly is, so that such a piece goes by one send, its envelope included. */
    static final int WINDOW = 128 * 1024;

    private static final class Buffer {
        final NativeBuffer window = NativeBuffer.allocate(WINDOW);
        final byte[] array = new byte[SMALL];
        private WindowStream stream;
        private CodedOutputStream streaming;

        /** An encoder whose bytes go through the window to {@code writer}; its own buffer is made once. */
        CodedOutputStream streamTo(FrameWriter writer) {
            if (stream == null) {
                stream = new WindowStream(window);
                streaming = CodedOutputStream.newInstance(stream, SMALL);
            }
            stream.begin(writer);
            return streaming;
        }
    }

    private static final Spare<Buffer> SPARE = new Spare<>(Buffer::new);

    private final OwnedFd fd;
    private final Flow flow;
    private final Spin spin; // how a large frame waits for room: its peer is reading it
    private long taken; // bytes of the frame that the kernel has
    private long lookedNanos; // for room, for this frame

    private Buffer gathered; // what is not sent lies in its window; null if there is nothing
    private int unsent; // where that begins
    private int filled; // and where it ends

    FrameWriter(OwnedFd fd, Flow flow) {
        this(fd, flow, new Spin(Duration.ZERO));
    }

    FrameWriter(OwnedFd fd, Flow flow, Spin spin) {
        this.fd = fd;
        this.flow = flow;
        this.spin = spin;
    }

    /** Whether the kernel took any byte of the last frame. */
    boolean begun() {
        return taken > 0;
    }

    /** Field 100: a bool that is true. */
    private static final int PROMISE_TAG = Wire.ONE_CALL_AT_A_TIME << 3;

    private static final int PROMISE_SIZE = 3;

    /**
     * Writes a Request.
     *
     * @param flags for a streaming method
     * @param message null for none
     * @param timeoutNanos 0 for none
     * @param promise whether to say that this connection has one call at a time
     * @throws OversizedException before anything is sent
     */
    void request(
            int streamId,
            int flags,
            MethodDescriptor<?, ?> method,
            MessageLite message,
            long timeoutNanos,
            Metadata metadata,
            boolean promise)
            throws IOException {
        byte[] names = method.names();
        byte[] entries = metadata.isEmpty() ? null : metadata.encoded();
        int size = message == null ? 0 : message.getSerializedSize();
        long body = names.length
                + payloadSize(Wire.PAYLOAD, size)
                + (timeoutNanos == 0 ? 0 : CodedOutputStream.computeInt64Size(Wire.TIMEOUT_NANO, timeoutNanos))
                + (entries == null ? 0 : entries.length)
                + (promise ? PROMISE_SIZE : 0);
        Buffer buffer = begin(body);
        CodedOutputStream to = encoder(buffer, body);
        header(to, (int) body, streamId, Wire.REQUEST, flags);
        to.writeRawBytes(names);
        payload(to, Wire.PAYLOAD, size, message);
        if (timeoutNanos != 0) to.writeInt64(Wire.TIMEOUT_NANO, timeoutNanos);
        if (entries != null) to.writeRawBytes(entries);
        if (promise) {
            to.writeUInt32NoTag(PROMISE_TAG);
            to.writeRawByte(1);
        }
        finish(buffer, to, body, false);
    }

    /**
     * Writes a Response with status OK.
     *
     * @throws OversizedException before anything is sent
     */
    void reply(int streamId, MessageLite message) throws IOException {
        int size = message.getSerializedSize();
        long body = payloadSize(Wire.REPLY, size);
        Buffer buffer = begin(body);
        CodedOutputStream to = encoder(buffer, body);
        header(to, (int) body, streamId, Wire.RESPONSE, 0);
        payload(to, Wire.REPLY, size, message);
        finish(buffer, to, body, false);
    }

    /** Writes a Response with another status. Details that do not fit are left out, then the text is cut. */
    void failure(int streamId, Status status, String description, List<Detail> details) throws IOException {
        byte[] rpcStatus = StatusCodec.encode(status, description, details);
        if (rpcStatus.length > Wire.MAX_BODY - 16)
            rpcStatus = StatusCodec.encode(
                    status, description.substring(0, Math.min(1024, description.length())), List.of());
        ByteString value = com.google.protobuf.UnsafeByteOperations.unsafeWrap(rpcStatus);
        long body = CodedOutputStream.computeBytesSize(Wire.STATUS, value);
        Buffer buffer = begin(body);
        CodedOutputStream to = encoder(buffer, body);
        header(to, (int) body, streamId, Wire.RESPONSE, 0);
        to.writeBytes(Wire.STATUS, value);
        finish(buffer, to, body, false);
    }

    /**
     * Writes a message of a stream.
     *
     * @param gather whether it may wait for others
     * @throws OversizedException before anything is sent
     */
    void data(int streamId, MessageLite message, boolean gather) throws IOException {
        long body = message.getSerializedSize();
        Buffer buffer = begin(body);
        CodedOutputStream to = encoder(buffer, body);
        header(to, (int) body, streamId, Wire.DATA, 0);
        message.writeTo(to);
        finish(buffer, to, body, gather);
    }

    /** Writes the end of a stream's messages. */
    void closeStream(int streamId) throws IOException {
        Buffer buffer = begin(0);
        CodedOutputStream to = encoder(buffer, 0);
        header(to, 0, streamId, Wire.DATA, Wire.REMOTE_CLOSED | Wire.NO_DATA);
        finish(buffer, to, 0, false);
    }

    /** Bytes that wait to be sent. */
    int gathered() {
        return filled - unsent;
    }

    /** Sends what was gathered. */
    void flush() throws IOException {
        while (!tryFlush()) flow.awaitWritable();
    }

    /** Sends what was gathered as far as the kernel takes it, without waiting; whether that was all. */
    boolean tryFlush() throws IOException {
        while (unsent < filled) {
            int n = fd.trySend(gathered.window, unsent, filled - unsent);
            if (n == OwnedFd.WOULD_BLOCK) return false;
            unsent += n;
            taken += n;
        }
        dropGathered();
        return true;
    }

    /** Forgets what was gathered; false if the kernel has a part of a frame, which cannot be taken back. */
    boolean dropGathered() {
        boolean whole = unsent == filled || unsent == 0;
        if (gathered != null) SPARE.give(gathered);
        gathered = null;
        unsent = filled = 0;
        return whole;
    }

    /** proto3: an empty message is no field at all. */
    private static long payloadSize(int field, int size) {
        return size == 0
                ? 0
                : CodedOutputStream.computeTagSize(field)
                        + (long) CodedOutputStream.computeUInt32SizeNoTag(size)
                        + size;
    }

    private static void payload(CodedOutputStream to, int field, int size, MessageLite message) throws IOException {
        if (size == 0) return;
        to.writeUInt32NoTag(field << 3 | 2);
        to.writeUInt32NoTag(size);
        message.writeTo(to);
    }

    private static void header(CodedOutputStream to, int body, int streamId, int type, int flags) throws IOException {
        to.writeFixed32NoTag(Integer.reverseBytes(body)); // protobuf's fixed32 is little-endian
        to.writeFixed32NoTag(Integer.reverseBytes(streamId));
        to.writeRawByte((byte) type);
        to.writeRawByte((byte) flags);
    }

    private Buffer begin(long body) throws IOException {
        if (body > Wire.MAX_BODY || body < 0) throw new OversizedException(body);
        // a large one needs the window for itself; what was sent in part is not at its beginning
        if (!isSmall(body) || filled > WINDOW - SMALL) flush();
        taken = 0;
        lookedNanos = 0;
        return gathered != null ? gathered : SPARE.take();
    }

    private static boolean isSmall(long body) {
        return body + Wire.HEADER <= SMALL;
    }

    private CodedOutputStream encoder(Buffer buffer, long body) {
        return isSmall(body)
                ? CodedOutputStream.newInstance(buffer.array, 0, (int) body + Wire.HEADER)
                : buffer.streamTo(this);
    }

    /** A buffer whose large frame failed is not given back: its encoder may still hold a part of it. */
    private void finish(Buffer buffer, CodedOutputStream encoder, long body, boolean gather) throws IOException {
        encoder.flush();
        if (isSmall(body)) {
            encoder.checkNoSpaceLeft();
            int total = (int) body + Wire.HEADER;
            buffer.window.bytes().put(filled, buffer.array, 0, total);
            gathered = buffer;
            filled += total;
            if (!gather || gathered() >= FLUSH_AT) flush();
        } else {
            int left = buffer.stream.filled;
            if (taken + left != body + Wire.HEADER)
                throw new IllegalStateException("a message wrote another number of bytes than its serialized size");
            send(buffer.window, left);
            buffer.stream.begin(null); // a spare buffer keeps no connection
            SPARE.give(buffer);
        }
    }

    private void send(NativeBuffer window, int length) throws IOException {
        int sent = 0;
        while (sent < length) {
            int n = fd.trySend(window, sent, length - sent);
            if (n == OwnedFd.WOULD_BLOCK) n = spin(window, sent, length - sent);
            if (n == OwnedFd.WOULD_BLOCK) {
                flow.awaitWritable();
            } else {
                spin.carried(n);
                sent += n;
                taken += n;
            }
        }
    }

    /** Tries again for a while, if that pays; a virtual thread does not: it would keep its carrier from the others. */
    private int spin(NativeBuffer window, int offset, int length) throws IOException {
        if (VirtualThreads.isCurrent() || lookedNanos >= LONGEST_SPIN_NANOS) return OwnedFd.WOULD_BLOCK;
        long nanos = Math.min(spin.begin(), LONGEST_SPIN_NANOS - lookedNanos);
        if (nanos == 0) return OwnedFd.WOULD_BLOCK;
        long begin = System.nanoTime();
        for (; ; ) {
            int n = fd.trySend(window, offset, length);
            long took = System.nanoTime() - begin;
            if (n == OwnedFd.WOULD_BLOCK && took < nanos) {
                spin.pause();
                continue;
            }
            lookedNanos += took;
            if (n == OwnedFd.WOULD_BLOCK) spin.fruitless(took);
            else spin.paid(took);
            return n;
        }
    }

    /** Fills the window and sends it each time it is full; what is left is {@link #finish}'s. */
    private static final class WindowStream extends OutputStream {
        private final NativeBuffer window;
        private FrameWriter writer;
        private int filled;

        WindowStream(NativeBuffer window) {
            this.window = window;
        }

        void begin(FrameWriter writer) {
            this.writer = writer;
            this.filled = 0;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int from = offset;
            int left = length;
            while (left > 0) {
                if (filled == WINDOW) {
                    writer.send(window, WINDOW);
                    filled = 0;
                }
                int n = Math.min(left, WINDOW - filled);
                window.bytes().put(filled, bytes, from, n);
                filled += n;
                from += n;
                left -= n;
            }
        }
    }
}

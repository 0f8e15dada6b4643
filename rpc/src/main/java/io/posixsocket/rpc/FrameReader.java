package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.POLLIN;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Reads frames from a connection: what the kernel has goes into a direct window, one body at a time from there into an array,
 * where it stays valid until the next frame is asked for. Confined to the holder of the reading role.
 */
final class FrameReader {
    /** What {@link #next} and {@link #await} found. */
    enum Result {
        /** A frame: its parts are in the accessors. */
        FRAME,
        /** No whole frame, nothing more to read for now. */
        NOTHING,
        /** The end of the stream. A frame cut short by it is dropped. */
        END
    }

    /** Twice 64 KiB, which is what a piece of a file mostly is, so that such a piece comes by one receive, its envelope included. */
    static final int WINDOW = 128 * 1024;
    /** A peer that sends byte by byte does not keep a thread looking for longer. */
    private static final long LONGEST_SPIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final class Buffer {
        final NativeBuffer window = NativeBuffer.allocate(WINDOW);
        byte[] body = new byte[WINDOW];
    }

    private static final Spare<Buffer> SPARE = new Spare<>(Buffer::new);
    private static final int KEPT_IN_BUFFER = 2 * WINDOW;
    private static final SpareArrays LONG_ARRAYS =
            new SpareArrays(Runtime.getRuntime().availableProcessors());

    /**
     * The bytes of longer frames are charged. Those of shorter ones are bounded by the number of connections: 4,096 of 16 KiB
     * are 64 MiB, what {@link BytesInFlight} allows in all; so a call of ordinary size touches nothing that is shared. What came
     * behind a frame in one receive is not charged before it is looked at: a window at most.
     */
    static final int FREE = 16 * 1024;

    /** Who pays for the bytes of a frame while they arrive. */
    interface Budget {
        /** Null, or which limit they would exceed: then nothing is charged. */
        String charge(int bytes);

        void discharge(int bytes);

        /** Nobody counts. */
        Budget NONE = new Budget() {
            @Override
            public String charge(int bytes) {
                return null;
            }

            @Override
            public void discharge(int bytes) {}
        };
    }

    private static final byte[] NOTHING_HELD = {};

    private final OwnedFd fd;
    private final Spin spin;
    private final int maxBody;
    private final Budget budget;
    private final SpareArrays spareArrays;

    // Null while nobody reads, unless a whole frame is in it. What has come of a frame is then in body or head, and no
    // larger.
    private Buffer buffer;
    private byte[] head = NOTHING_HELD; // the begin of a frame that nobody has looked at, while there is no buffer
    private int start; // of the bytes in the window that were not looked at
    private int end;

    private byte[] body = NOTHING_HELD; // the buffer's, or a longer one, or what is kept of a frame while nobody reads
    private int charged; // for the frame in body
    private int longest; // of the bodies that came whole
    private boolean lookedLong; // for the frame that is not whole yet: the rest is waited for
    private String overBudget; // which limit the frame would have exceeded; null for none

    private boolean inBody; // the header is read, the body is not whole
    private int received; // bytes of the body so far
    private int toSkip; // bytes of a body too long to take that are still to come

    private int length;
    private int streamId;
    private int type;
    private int flags;
    private boolean oversized;
    private int waits;

    FrameReader(OwnedFd fd, Spin spin) {
        this(fd, spin, Wire.MAX_BODY, Budget.NONE);
    }

    /** @param maxBody the longest body to take, at most {@link Wire#MAX_BODY} */
    FrameReader(OwnedFd fd, Spin spin, int maxBody, Budget budget) {
        this(fd, spin, maxBody, budget, LONG_ARRAYS);
    }

    /** @param spareArrays for long bodies */
    FrameReader(OwnedFd fd, Spin spin, int maxBody, Budget budget, SpareArrays spareArrays) {
        this.fd = fd;
        this.spareArrays = spareArrays;
        this.spin = spin;
        this.maxBody = maxBody;
        this.budget = budget;
    }

    /** Unsigned. */
    int streamId() {
        return streamId;
    }

    int type() {
        return type;
    }

    int flags() {
        return flags;
    }

    /** The body's bytes are those from 0 to {@link #length()}. */
    byte[] body() {
        return body;
    }

    int length() {
        return length;
    }

    /** The body is longer than the limit: it was not read, {@link #body} is not to be looked at. */
    boolean oversized() {
        return oversized;
    }

    /** How often a thread has blocked here. */
    int waits() {
        return waits;
    }

    /** How its sender is told. */
    String oversizedText() {
        return Wire.oversized(length, maxBody);
    }

    /** Which limit of the {@link Budget} the body would exceed: it was not read. Null if it was. */
    String overBudget() {
        return overBudget;
    }

    /** Charges the whole frame, however short it is. Null, or which limit that would exceed. */
    String chargeAll() {
        return limitOf(length);
    }

    /** What was charged for the frame; to discharge it is the caller's from here on. */
    int takeCharge() {
        int taken = charged;
        charged = 0;
        return taken;
    }

    /** Whether a frame has begun that is not whole. */
    boolean isPartial() {
        if (inBody || toSkip > 0 || head.length > 0) return true;
        return start < end && !hasFrame();
    }

    /** The next frame, as far as it is there. Never blocks. */
    Result next() throws IOException {
        for (; ; ) {
            if (parse()) return Result.FRAME;
            int n = fd.tryRecv(window(), end, WINDOW - end);
            if (n == OwnedFd.WOULD_BLOCK) return Result.NOTHING;
            if (n == 0) return Result.END;
            spin.carried(n);
            end += n;
        }
    }

    /**
     * The next frame. Spins if that pays, then blocks as long as {@code SO_RCVTIMEO} says; a peer that sends byte by byte does
     * not make that longer.
     *
     * @param limitNanos the time set by {@code SO_RCVTIMEO}
     * @return NOTHING when that time is up
     */
    Result awaitAtMost(long limitNanos) throws IOException {
        long end = System.nanoTime() + limitNanos;
        Result result = spin(limitNanos);
        if (result != Result.NOTHING) return result;
        for (; ; ) {
            result = block();
            if (result != null) return result;
            long left = end - System.nanoTime();
            if (left <= 0) return Result.NOTHING;
            result = spin(left);
            if (result != Result.NOTHING) return result;
        }
    }

    /** The next frame. Spins if that pays, then blocks without limit. */
    private Result await() throws IOException {
        for (; ; ) {
            Result result = spin(Long.MAX_VALUE);
            if (result != Result.NOTHING) return result;
            result = block();
            if (result != null) return result;
        }
    }

    /** One blocking receive. Null if a part of a frame came. */
    private Result block() throws IOException {
        NativeBuffer window = window();
        int n;
        waits++;
        try {
            n = fd.awaitRecv(window, end, WINDOW - end);
        } finally {
            spin.woke();
        }
        if (n == OwnedFd.WOULD_BLOCK) return Result.NOTHING;
        if (n == 0) return Result.END;
        spin.carried(n);
        end += n;
        return parse() ? Result.FRAME : null;
    }

    /**
     * The next frame. Spins if that pays, then blocks until the deadline.
     *
     * @param deadline null for none
     * @return NOTHING when it has passed
     */
    Result await(Deadline deadline) throws IOException {
        if (deadline == null) return await(); // no SO_RCVTIMEO is set on a client's connection: never NOTHING
        for (; ; ) {
            Result result = spin(deadline.remainingNanos());
            if (result != Result.NOTHING) return result;
            if (!readable(deadline)) return Result.NOTHING;
            result = next();
            if (result != Result.NOTHING) return result;
        }
    }

    /** Blocks until there is something to read; false when the deadline has passed. */
    private boolean readable(Deadline deadline) throws IOException {
        waits++;
        try {
            return fd.poll(POLLIN, Math.max(0, deadline.remainingNanos())) != 0;
        } finally {
            spin.woke();
        }
    }

    /**
     * Looks for the next frame as long as that pays: for a while from its begin, and from each part of it that comes, for then
     * the peer is writing the rest. NOTHING also when spinning does not pay.
     */
    private Result spin(long limitNanos) throws IOException {
        if (parse()) return Result.FRAME;
        if (lookedLong) return Result.NOTHING;
        boolean partial = isPartial();
        long first = 0; // when the first part of the frame was there
        for (; ; ) {
            long nanos = Math.min(spin.begin(), partial ? Math.min(limitNanos, LONGEST_SPIN_NANOS) : limitNanos);
            if (nanos <= 0) return Result.NOTHING;
            long begin = System.nanoTime();
            if (partial && first == 0) first = begin;
            lookedLong = partial && begin - first > LONGEST_SPIN_NANOS;
            if (lookedLong) return Result.NOTHING;
            int n = spin(begin, nanos);
            if (n == OwnedFd.WOULD_BLOCK) return Result.NOTHING;
            if (n == 0) return Result.END;
            end += n;
            if (parse()) return Result.FRAME;
            partial = true;
        }
    }

    private int spin(long begin, long nanos) throws IOException {
        NativeBuffer window = window();
        boolean last = false;
        for (; ; ) {
            int n = fd.tryRecv(window, end, WINDOW - end);
            long took = System.nanoTime() - begin;
            if (n != OwnedFd.WOULD_BLOCK) {
                spin.paid(took);
                spin.carried(n);
                return n;
            }
            if (last || Thread.currentThread().isInterrupted()) { // which ends a call where it blocks
                spin.fruitless(took);
                return n;
            }
            last = took >= nanos; // once more: a thread that was held up may have missed it
            spin.pause();
        }
    }

    /**
     * Whether a frame can be had without reading: bytes in user space wake nobody. A thread that has just given the role may
     * ask while another one ends the connection; any answer will do then.
     */
    boolean hasFrame() {
        Buffer held = buffer;
        int from = start + toSkip;
        int bytes = end - from;
        if (held == null || inBody || bytes < Wire.HEADER) return false;
        int announced = bigEndian(held.window.bytes().getInt(from));
        return announced < 0 || announced > maxBody || bytes - Wire.HEADER >= announced;
    }

    /**
     * Gives the memory back, save what has come of a frame; whole frames stay where they are, somebody is about to read them. The
     * last frame's body is gone with it.
     */
    void release() {
        if (buffer == null) return;
        try {
            if (!inBody) leaveFrame();
            if (hasFrame()) return;
            keep();
        } catch (OutOfMemoryError e) {
            return; // it stays where it is
        }
        start = end = 0;
        SPARE.give(buffer);
        buffer = null;
    }

    private void keep() {
        byte[] begin = start < end ? new byte[end - start] : NOTHING_HELD;
        if (!inBody) {
            body = NOTHING_HELD;
        } else if (body == buffer.body || received <= WINDOW) { // another one, and so long, is charged as it is
            byte[] kept = Arrays.copyOf(body, received);
            leaveBody();
            body = kept;
        }
        buffer.window.bytes().get(start, begin);
        head = begin;
    }

    /** The last frame is not looked at any more. */
    private void leaveFrame() {
        dropCharge();
        leaveBody();
        body = buffer.body;
    }

    /** The body is not looked at any more: its array is of use to the next one, here or elsewhere. It must not stay here. */
    private void leaveBody() {
        if (body == buffer.body) return;
        if (body.length > KEPT_IN_BUFFER) spareArrays.give(body);
        else if (body.length > buffer.body.length) buffer.body = body;
    }

    /** The connection has ended: what is left is of no use. */
    void discard() {
        start = end = 0;
        inBody = false;
        dropCharge();
        head = body = NOTHING_HELD;
        release();
    }

    private void dropCharge() {
        if (charged > 0) budget.discharge(takeCharge());
    }

    private void resume() {
        buffer = SPARE.take();
        if (!inBody) body = buffer.body;
        if (head.length == 0) return;
        buffer.window.bytes().put(0, head);
        end = head.length;
        head = NOTHING_HELD;
    }

    private NativeBuffer window() {
        if (buffer == null) resume();
        if (start == end) {
            start = end = 0;
        } else if (end == WINDOW) { // a part of a header, at most 9 bytes: everything else is taken out at once
            buffer.window.bytes().put(0, buffer.window.bytes().duplicate(), start, end - start);
            end -= start;
            start = 0;
        }
        return buffer.window;
    }

    /** Takes the next frame out of the window; false if it is not whole. */
    private boolean parse() throws ProtocolException {
        if (toSkip > 0) {
            int skipped = Math.min(toSkip, end - start);
            start += skipped;
            toSkip -= skipped;
            if (toSkip > 0) return false;
        }
        if (!inBody) {
            if (end - start < Wire.HEADER) return false;
            parseHeader();
            if (oversized) return true;
        }
        int taken = Math.min(length - received, end - start);
        if (taken > 0) {
            int whole = received + taken;
            if (body.length >= whole || buffer.body.length >= whole) {
                if (length > FREE && !charge(whole)) return true;
                if (body.length < whole) growTo(buffer.body);
            } else if (!grow(capacity(whole))) {
                return true;
            }
            buffer.window.bytes().get(start, body, received, taken);
            start += taken;
            received = whole;
        }
        inBody = received < length;
        if (inBody) return false;
        if (length > longest) longest = length;
        lookedLong = false;
        return true;
    }

    /**
     * With what arrived, not with what was announced, by fours, to copy little; at once, if as long a body has come before. More than
     * the buffer has is charged in any case.
     */
    private int capacity(int whole) {
        return length <= longest ? length : Math.max(whole, Math.min(length, 4 * body.length));
    }

    /** False if the frame would exceed a limit: the whole array is charged, what is not used of it too. */
    private boolean grow(int capacity) {
        byte[] spare = capacity > KEPT_IN_BUFFER ? spareArrays.take(capacity) : null;
        if (spare != null && limitOf(spare.length) != null) { // it is longer than what is needed, which may be free
            spareArrays.give(spare);
            spare = null;
        }
        if (!charge(spare == null ? capacity : spare.length)) return false;
        growTo(spare == null ? new byte[capacity] : spare);
        return true;
    }

    private void growTo(byte[] larger) {
        System.arraycopy(body, 0, larger, 0, received);
        leaveBody();
        body = larger;
    }

    /** False if the frame would exceed a limit: then it is dropped, and what is to come of it will be skipped. */
    private boolean charge(int bytes) {
        overBudget = limitOf(bytes);
        if (overBudget == null) return true;
        leaveFrame();
        toSkip = length - received;
        inBody = false;
        return false;
    }

    /** Charges so many bytes in all. Null, or which limit that would exceed. */
    private String limitOf(int bytes) {
        if (bytes <= charged) return null;
        String limit = budget.charge(bytes - charged);
        if (limit == null) charged = bytes;
        return limit;
    }

    private void parseHeader() throws ProtocolException {
        ByteBuffer bytes = buffer.window.bytes();
        int announced = bigEndian(bytes.getInt(start));
        streamId = bigEndian(bytes.getInt(start + 4));
        type = bytes.get(start + 8) & 0xff;
        flags = bytes.get(start + 9) & 0xff;
        if (announced < 0 || announced >= Wire.RESERVED_LENGTH)
            throw new ProtocolException(
                    "not ttRPC: a frame begins with byte 0x" + Integer.toHexString(announced >>> 24) + ", must be 0x0");
        start += Wire.HEADER;
        leaveFrame(); // the one before
        overBudget = null;
        length = announced;
        received = 0;
        oversized = announced > maxBody;
        if (oversized) toSkip = announced;
        else inBody = true;
    }

    /** The window is in native order. */
    private static int bigEndian(int nativeOrder) {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? nativeOrder : Integer.reverseBytes(nativeOrder);
    }
}

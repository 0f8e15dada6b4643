package io.posixsocket;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The memory behind one {@link Message}: its {@code msghdr}, the address, the iovecs and the control data, in one block that
 * is kept from call to call. Heap buffers go through a window that it holds during a call only.
 */
final class NativeMessage {
    private static final int NAME = MsghdrLayout.MMSGHDR;
    private static final int IOV = NAME + SockaddrLayout.LENGTH_OFFSET;

    private NativeBuffer block = NativeBuffer.allocate(IOV + MsghdrLayout.IOVEC);
    private NativeBuffer window; // null between calls, and when there are direct buffers alone
    private int nameLength;
    private int iovLength;
    private int controlOffset;
    private int controlLength;

    /** Fills in what is sent. */
    void putSent(Sockaddr name, List<ByteBuffer> buffers, byte[] control) {
        reserve(buffers.size(), control.length);
        nameLength = name == null ? 0 : SockaddrLayout.encode(name, name());
        putBuffers(buffers, true);
        block.bytes().put(controlOffset, control);
    }

    /** Fills in where what is received goes. */
    void putRoom(List<ByteBuffer> buffers, int controlCapacity) {
        reserve(buffers.size(), controlCapacity);
        nameLength = SockaddrLayout.LENGTH_OFFSET;
        putBuffers(buffers, false);
    }

    private void reserve(int buffers, int controlLength) {
        iovLength = buffers;
        controlOffset = (IOV + buffers * MsghdrLayout.IOVEC + 7) & ~7;
        this.controlLength = controlLength;
        if (block.capacity() < controlOffset + controlLength)
            block = NativeBuffer.allocate(controlOffset + controlLength);
    }

    private void putBuffers(List<ByteBuffer> buffers, boolean copy) {
        int onHeap = 0;
        for (ByteBuffer buffer : buffers) if (!buffer.isDirect()) onHeap = Math.addExact(onHeap, buffer.remaining());
        if (onHeap > 0) window = BufferPool.WINDOWS.take(onHeap);
        int copied = 0;
        for (int i = 0; i < buffers.size(); i++) {
            ByteBuffer buffer = buffers.get(i);
            int length = buffer.remaining();
            long address = 0; // of an empty heap buffer
            if (buffer.isDirect()) {
                address = NativeBuffer.addressOf(buffer) + buffer.position();
            } else if (length > 0) {
                address = window.address() + copied;
                if (copy) window.bytes().put(copied, buffer, buffer.position(), length);
                copied += length;
            }
            MsghdrLayout.putIovec(block.bytes(), IOV + i * MsghdrLayout.IOVEC, address, length);
        }
    }

    /** Writes the {@code msghdr} to its own place, the start of the block. */
    NativeBuffer header() {
        putHeader(block.bytes(), 0);
        return block;
    }

    /** Writes the {@code msghdr} at {@code offset}. Once before every attempt: the system writes to it. */
    void putHeader(ByteBuffer to, int offset) {
        long control = controlLength == 0 ? 0 : block.address() + controlOffset;
        MsghdrLayout.put(
                to,
                offset,
                block.address() + NAME,
                nameLength,
                block.address() + IOV,
                iovLength,
                control,
                controlLength);
    }

    ByteBuffer headerBytes() {
        return block.bytes();
    }

    /** Null if the system told none. */
    Sockaddr name(ByteBuffer header, int offset) {
        int length = header.getInt(offset + MsghdrLayout.NAMELEN);
        return SockaddrLayout.decodeOrNull(name(), Math.min(length, SockaddrLayout.LENGTH_OFFSET));
    }

    private ByteBuffer name() {
        return block.bytes().slice(NAME, SockaddrLayout.LENGTH_OFFSET);
    }

    List<ControlMessage> control(ByteBuffer header, int offset) {
        int length = Math.min(controlLength, MsghdrLayout.count(header, offset + MsghdrLayout.CONTROLLEN));
        if (length == 0) return List.of();
        ByteBuffer control =
                block.bytes().slice(controlOffset, length).order(block.bytes().order());
        return ControlCodec.decode(control, length);
    }

    /** Advances the buffers past {@code length} bytes in all, which a receiving call has stored. */
    void store(List<ByteBuffer> buffers, int length) {
        int left = length;
        int copied = 0;
        for (ByteBuffer buffer : buffers) {
            int n = Math.min(left, buffer.remaining());
            if (!buffer.isDirect()) {
                int room = buffer.remaining();
                if (n > 0) buffer.put(buffer.position(), window.bytes(), copied, n);
                copied += room;
            }
            buffer.position(buffer.position() + n);
            left -= n;
        }
    }

    /** Advances the buffers past {@code length} bytes in all, which a sending call has taken. */
    static void skip(List<ByteBuffer> buffers, int length) {
        int left = length;
        for (ByteBuffer buffer : buffers) {
            int n = Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + n);
            left -= n;
        }
    }

    /** After a call, whatever came of it. */
    void giveWindow() {
        if (window != null) BufferPool.WINDOWS.give(window);
        window = null;
    }
}

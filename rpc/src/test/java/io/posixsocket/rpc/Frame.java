package io.posixsocket.rpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A frame as bytes, made and taken apart by protobuf's own coder and not by the code under test. */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode look at the bytes
record Frame(int streamId, int type, int flags, byte[] body) {
    private static final byte[] PROMISE = {(byte) 0xa0, 0x06, 0x01}; // field 100, bool, true

    static Frame request(int streamId, MethodDescriptor<?, ?> method, MessageLite message) {
        return request(streamId, method.service(), method.method(), message.toByteArray(), 0);
    }

    static Frame request(int streamId, MethodDescriptor<?, ?> method, MessageLite message, long timeoutNanos) {
        return request(streamId, method.service(), method.method(), message.toByteArray(), timeoutNanos);
    }

    static Frame request(
            int streamId, String service, String method, byte[] payload, long timeoutNanos, String... metadata) {
        return new Frame(streamId, 1, 0, coded(to -> {
            to.writeString(1, service);
            to.writeString(2, method);
            if (payload.length > 0) to.writeByteArray(3, payload);
            if (timeoutNanos != 0) to.writeInt64(4, timeoutNanos);
            for (int i = 0; i < metadata.length; i += 2) to.writeByteArray(5, entry(metadata[i], metadata[i + 1]));
        }));
    }

    private static byte[] entry(String key, String value) {
        return coded(to -> {
            to.writeString(1, key);
            to.writeString(2, value);
        });
    }

    static Frame reply(int streamId, MessageLite message) {
        byte[] payload = message.toByteArray();
        return new Frame(streamId, 2, 0, coded(to -> {
            if (payload.length > 0) to.writeByteArray(2, payload);
        }));
    }

    static Frame failure(int streamId, int code, String message) {
        return new Frame(
                streamId,
                2,
                0,
                coded(to -> to.writeByteArray(1, coded(status -> {
                    status.writeInt32(1, code);
                    status.writeString(2, message);
                }))));
    }

    /** A frame whose header announces more than follows, or whatever else no writer would write. */
    static byte[] header(int length, int streamId, int type) {
        return ByteBuffer.allocate(10)
                .putInt(length)
                .putInt(streamId)
                .put((byte) type)
                .put((byte) 0)
                .array();
    }

    static Frame parse(String hex) {
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        byte[] body = new byte[bytes.getInt()];
        int streamId = bytes.getInt();
        int type = bytes.get();
        int flags = bytes.get();
        bytes.get(body);
        if (bytes.hasRemaining()) throw new IllegalArgumentException(hex + " is longer than its frame");
        return new Frame(streamId, type, flags, body);
    }

    interface Coding {
        void code(CodedOutputStream to) throws IOException;
    }

    static byte[] coded(Coding coding) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream to = CodedOutputStream.newInstance(bytes);
        try {
            coding.code(to);
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    Frame withFlags(int other) {
        return new Frame(streamId, type, other, body);
    }

    Frame withId(int other) {
        return new Frame(other, type, flags, body);
    }

    /** With the promise that our own clients give in their first request. */
    Frame withPromise() {
        byte[] longer = Arrays.copyOf(body, body.length + PROMISE.length);
        System.arraycopy(PROMISE, 0, longer, body.length, PROMISE.length);
        return new Frame(streamId, type, flags, longer);
    }

    boolean hasPromise() {
        int at = body.length - PROMISE.length;
        return at >= 0 && Arrays.equals(body, at, body.length, PROMISE, 0, PROMISE.length);
    }

    Frame withoutPromise() {
        if (!hasPromise()) throw new AssertionError("no promise in " + this);
        return new Frame(streamId, type, flags, Arrays.copyOf(body, body.length - PROMISE.length));
    }

    byte[] bytes() {
        return ByteBuffer.allocate(10 + body.length)
                .putInt(body.length)
                .putInt(streamId)
                .put((byte) type)
                .put((byte) flags)
                .put(body)
                .array();
    }

    static byte[] join(List<Frame> frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Frame frame : frames) bytes.writeBytes(frame.bytes());
        return bytes.toByteArray();
    }

    String hex() {
        return HexFormat.of().formatHex(bytes());
    }

    /** Whether the body contains this text, as a string field has it. */
    boolean contains(String text) {
        return new String(body, StandardCharsets.ISO_8859_1)
                .contains(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Frame frame && Arrays.equals(frame.bytes(), bytes());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes());
    }

    @Override
    public String toString() {
        return body.length > 1000 ? "frame " + streamId + " of " + body.length + " bytes" : hex();
    }
}

package io.posixsocket.rpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Walks the top-level fields of a serialized message, making no object. For envelopes, which come from anybody: whoever walks
 * decides what is kept, and how much of it. One per connection, used again for each frame.
 */
final class Envelope {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED32 = 5;

    /** The bytes are not a protobuf message, or a field of the envelope has another type. */
    static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int at;
    private int limit;

    private int field;
    private int wireType;
    private long number;
    private int start;
    private int length;

    /** Starts over with {@code bytes[from..to)}. */
    void walk(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.limit = to;
    }

    /** Lets go of the bytes: a parked connection keeps none. */
    void leave() {
        bytes = NOTHING;
        at = limit = 0;
    }

    /** Steps to the next field; false at the end. */
    boolean next() throws MalformedException {
        if (at == limit) return false;
        long tag = varint();
        if (tag >>> 3 == 0 || tag >>> 32 != 0) throw new MalformedException("field number out of range at byte " + at);
        field = (int) (tag >>> 3);
        wireType = (int) tag & 7;
        switch (wireType) {
            case VARINT -> number = varint();
            case FIXED64 -> skip(8);
            case FIXED32 -> skip(4);
            case DELIMITED -> {
                long announced = varint();
                if (announced < 0 || announced > limit - at)
                    throw new MalformedException("field " + field + " is cut short: " + announced + " bytes announced, "
                            + (limit - at) + " left");
                start = at;
                length = (int) announced;
                at += length;
            }
            default -> throw new MalformedException("wire type " + wireType + " of field " + field);
        }
        return true;
    }

    int field() {
        return field;
    }

    /** The value of a number. */
    long number() throws MalformedException {
        require(VARINT);
        return number;
    }

    /** Where the value of a string, of bytes or of a message begins. */
    int start() throws MalformedException {
        require(DELIMITED);
        return start;
    }

    /** How long the value of a string, of bytes or of a message is. */
    int length() throws MalformedException {
        require(DELIMITED);
        return length;
    }

    private void require(int wanted) throws MalformedException {
        if (wireType != wanted)
            throw new MalformedException("field " + field + " has wire type " + wireType + ", must be " + wanted);
    }

    private void skip(int n) throws MalformedException {
        if (limit - at < n) throw new MalformedException("field " + field + " is cut short");
        at += n;
    }

    private long varint() throws MalformedException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == limit) throw new MalformedException("cut short within a number");
            byte b = bytes[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) return value;
        }
        throw new MalformedException("number of more than 10 bytes at byte " + at);
    }

    /** {@code bytes[from..from+length)} as a string, which proto3 requires to be UTF-8. */
    static String string(byte[] bytes, int from, int length, String what) throws MalformedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, length))
                    .toString();
        } catch (CharacterCodingException e) {
            MalformedException malformed = new MalformedException(what + " is not UTF-8");
            malformed.initCause(e);
            throw malformed;
        }
    }
}

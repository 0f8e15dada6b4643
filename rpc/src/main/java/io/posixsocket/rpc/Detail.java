package io.posixsocket.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.util.Objects;

/**
 * One of the messages that a status carries beside its text: {@code google.protobuf.Any} on the wire.
 *
 * @param typeUrl names the message's type, as {@code type.googleapis.com/google.rpc.RetryInfo}
 * @param value the serialized message
 */
public record Detail(String typeUrl, ByteString value) {
    /** Requires both. */
    public Detail {
        Objects.requireNonNull(typeUrl, "typeUrl");
        Objects.requireNonNull(value, "value");
    }

    /** Packs a message under its own type's name. */
    public static Detail of(Message message) {
        String typeName = message.getDescriptorForType().getFullName();
        return new Detail("type.googleapis.com/" + typeName, message.toByteString());
    }

    /** Whether {@link #typeUrl} names the type of {@code prototype}, whatever host precedes it. */
    public boolean is(Message prototype) {
        return typeUrl.endsWith("/" + prototype.getDescriptorForType().getFullName());
    }

    /**
     * Reads the message.
     *
     * @throws IllegalArgumentException if the bytes are not such a message. Other bytes of another type may well be:
     *     ask {@link #is} first
     */
    public <T extends MessageLite> T unpack(Parser<T> parser) {
        try {
            return parser.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(
                    "status detail " + typeUrl + " of " + value.size() + " bytes cannot be read: " + e.getMessage(), e);
        }
    }
}

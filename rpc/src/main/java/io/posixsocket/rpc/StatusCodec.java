package io.posixsocket.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** google.rpc.Status: code 1, message 2, details 3 (Any: type_url 1, value 2). Coded by hand: rpc ships no generated code. */
final class StatusCodec {
    private static final int CODE = 1;
    private static final int MESSAGE = 2;
    private static final int DETAILS = 3;
    private static final int TYPE_URL = 1;
    private static final int VALUE = 2;
    /** A peer that sends more is not believed: each is an object here. */
    private static final int MAX_DETAILS = 128;

    private StatusCodec() {}

    static byte[] encode(Status status, String message, List<Detail> details) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream to = CodedOutputStream.newInstance(bytes);
        try {
            to.writeInt32(CODE, status.code());
            if (!message.isEmpty()) to.writeString(MESSAGE, utf8(message));
            for (Detail detail : details) {
                to.writeUInt32NoTag(DETAILS << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
                to.writeUInt32NoTag(CodedOutputStream.computeStringSize(TYPE_URL, detail.typeUrl())
                        + CodedOutputStream.computeBytesSize(VALUE, detail.value()));
                to.writeString(TYPE_URL, detail.typeUrl());
                to.writeBytes(VALUE, detail.value());
            }
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to be written", e);
        }
        return bytes.toByteArray();
    }

    /** An exception's message may be any string; the wire takes UTF-8 alone. */
    private static String utf8(String message) {
        return new String(
                message.getBytes(java.nio.charset.StandardCharsets.UTF_8), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The status as an exception; null if its code is 0. */
    static StatusException decode(CodedInputStream from) throws IOException {
        int code = 0;
        String message = "";
        List<Detail> details = new ArrayList<>();
        for (int tag = from.readTag(); tag != 0; tag = from.readTag()) {
            switch (tag) {
                case CODE << 3 -> code = from.readInt32();
                case MESSAGE << 3 | 2 -> message = from.readString();
                case DETAILS << 3 | 2 -> {
                    int limit = from.pushLimit(from.readRawVarint32());
                    Detail detail = decodeDetail(from);
                    from.popLimit(limit);
                    if (details.size() < MAX_DETAILS) details.add(detail);
                }
                default -> from.skipField(tag);
            }
        }
        return code == 0 ? null : new StatusException(Status.of(code), message, details, Executed.MAYBE, null);
    }

    private static Detail decodeDetail(CodedInputStream from) throws IOException {
        String typeUrl = "";
        ByteString value = ByteString.EMPTY;
        for (int tag = from.readTag(); tag != 0; tag = from.readTag()) {
            switch (tag) {
                case TYPE_URL << 3 | 2 -> typeUrl = from.readString();
                case VALUE << 3 | 2 -> value = from.readBytes();
                default -> from.skipField(tag);
            }
        }
        return new Detail(typeUrl, value);
    }
}

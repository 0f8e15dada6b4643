package io.posixsocket.rpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.IOException;

/** Reads the Response envelope. */
final class Response {
    private Response() {}

    /**
     * The reply in {@code body[0..bodyLength)}.
     *
     * @throws StatusException the status that it carries, if that is not OK
     * @throws IOException if envelope or reply cannot be read
     */
    static <R extends MessageLite> R decode(Envelope envelope, byte[] body, int bodyLength, Parser<R> parser)
            throws IOException {
        int statusAt = 0;
        int statusLength = 0;
        int replyAt = 0;
        int replyLength = 0;
        envelope.walk(body, 0, bodyLength);
        while (envelope.next()) {
            if (envelope.field() == Wire.STATUS) {
                statusAt = envelope.start();
                statusLength = envelope.length();
            } else if (envelope.field() == Wire.REPLY) {
                replyAt = envelope.start();
                replyLength = envelope.length();
            }
        }
        if (statusLength > 0) { // first: a failure's payload means nothing
            StatusException failure = StatusCodec.decode(CodedInputStream.newInstance(body, statusAt, statusLength));
            if (failure != null) throw failure;
        }
        return parser.parseFrom(body, replyAt, replyLength);
    }
}

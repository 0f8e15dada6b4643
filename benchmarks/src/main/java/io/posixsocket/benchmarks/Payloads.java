package io.posixsocket.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Arrays;

/** The bodies as messages. */
final class Payloads {
    private final Payload[] payloads;

    Payloads(int size) {
        payloads = Arrays.stream(Bodies.of(size))
                .map(body ->
                        Payload.newBuilder().setBody(ByteString.copyFrom(body)).build())
                .toArray(Payload[]::new);
    }

    /** What call {@code number} sends. */
    Payload request(int number) {
        return payloads[number % Bodies.COUNT];
    }

    /** Throws unless {@code reply} is that to call {@code number}. */
    void verifyReply(Payload reply, int number) {
        if (!reply.getBody().equals(request(number).getBody())) throw WrongReplyException.to(number);
    }

    /** What one of them takes on the heap of who receives it, in bytes. */
    double messageBytes() {
        byte[] bytes = payloads[0].toByteArray();
        return AllocatedBytes.of(Math.max(10, 10_000_000 / (bytes.length + 100)), () -> parse(bytes));
    }

    private static void parse(byte[] bytes) {
        try {
            parsed = Payload.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unused") // so that the compiler cannot leave the message out
    private static Payload parsed;
}

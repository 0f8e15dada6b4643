package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.AbstractParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.Int64Value;
import io.posixsocket.SockaddrUn;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A wake-up that must not be lost: on a shared connection one message fills its stream's inbox, so the reader halts, while the
 * handler takes that message and so makes room at once. The test's thread is the reader, of a real connection and stream; the
 * messages come from nowhere, so that the two meet as often as they can.
 */
@Timeout(600)
@ExtendWith(NoLeaks.class)
class InboxRaceTest {
    private static final int MESSAGES = Integer.getInteger("posixsocket.inbox.messages", 300_000);
    private static final int JITTER_NANOS = 3_000;
    private static final long SEED = Long.getLong("posixsocket.seed", System.nanoTime());
    private static final BytesValue FULL = BytesValue.of(ByteString.copyFrom(new byte[ServerStream.INBOX_BYTES]));
    private static final MethodDescriptor<BytesValue, Int64Value> TAKE = MethodDescriptor.clientStreaming(
            Streamer.SERVICE,
            "Take",
            new AbstractParser<>() {
                @Override
                public BytesValue parsePartialFrom(CodedInputStream from, ExtensionRegistryLite registry) {
                    return FULL;
                }
            },
            Int64Value.parser());

    @TempDir
    Path directory;

    @Test
    void readerThatHaltsWhileTheOneMessageIsTakenGoesOn() throws Exception {
        System.out.println("InboxRaceTest: -Dposixsocket.seed=" + SEED);
        Path path = directory.resolve("s");
        SynchronousQueue<Iterable<BytesValue>> begun = new SynchronousQueue<>();
        try (Server server = Server.builder()
                        .listen(SockaddrUn.path(path))
                        .service(ServiceDefinition.builder(Streamer.SERVICE)
                                .clientStreaming(TAKE, messages -> Int64Value.of(takeAll(begun, messages)))
                                .build())
                        .start();
                ScriptedPeer peer = ScriptedPeer.connect(path)) {
            peer.send(Frame.request(1, TAKE.service(), TAKE.method(), new byte[0], 0)
                    .withFlags(0x06));
            ServerStream<?, ?> stream = (ServerStream<?, ?>) begun.poll(60, TimeUnit.SECONDS);
            ServerConnection connection = (ServerConnection) field(stream, "connection");
            ReadingRole role = (ReadingRole) field(connection, "role");
            FrameReader in = (FrameReader) field(connection, "in");
            Random random = new Random(SEED + 1);
            int halts = 0;
            for (int i = 0; i < MESSAGES; i++) {
                claim(role, i);
                spin(random);
                stream.deliver(in, 0, 0, false);
                if (connection.pressure()) {
                    halts++;
                    role.halt();
                } else {
                    role.watch();
                }
            }
            claim(role, MESSAGES);
            role.watch();
            assertThat(halts).as("times that the reader halted").isPositive();
            peer.send(new Frame(1, 3, 0x05, new byte[0]));
            peer.expect(Frame.reply(1, Int64Value.of(MESSAGES)));
            assertThat(server.isDraining()).isFalse();
        }
    }

    private static long takeAll(SynchronousQueue<Iterable<BytesValue>> begun, Iterable<BytesValue> messages) {
        try {
            begun.put(messages);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        long count = 0;
        Random random = new Random(SEED);
        for (BytesValue ignored : messages) {
            count++;
            spin(random);
        }
        return count;
    }

    /** So that each comes before the other now and then, or at the same time. */
    private static void spin(Random random) {
        long end = System.nanoTime() + random.nextInt(JITTER_NANOS);
        while (System.nanoTime() - end < 0) Thread.onSpinWait();
    }

    /** The peer sends nothing meanwhile, so nobody else wants it. */
    private static void claim(ReadingRole role, int messages) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!role.claim()) {
            assertThat(System.nanoTime() - end)
                    .as("after message %d nobody makes the reader go on: %s", messages, role)
                    .isNegative();
            Thread.onSpinWait();
        }
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }
}

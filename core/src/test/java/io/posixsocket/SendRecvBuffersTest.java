package io.posixsocket;

import static io.posixsocket.SocketConstants.MSG_DONTWAIT;
import static io.posixsocket.SocketConstants.MSG_PEEK;
import static io.posixsocket.SocketConstants.MSG_TRUNC;
import static io.posixsocket.SocketConstants.MSG_WAITALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bytes of which buffer are sent and received. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class SendRecvBuffersTest {
    private static final int SIZE = 24;

    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    /** Buffers of every kind that have room for {@link #SIZE} bytes around their middle. */
    static Stream<ByteBuffer> buffers() {
        return Stream.of(
                ByteBuffer.allocate(SIZE),
                ByteBuffer.allocateDirect(SIZE),
                ByteBuffer.allocate(SIZE + 10).position(5).slice(),
                ByteBuffer.allocateDirect(SIZE + 10).position(5).slice(),
                ByteBuffer.allocateDirect(SIZE + 10)
                        .position(5)
                        .limit(20)
                        .slice()
                        .slice(3, 12),
                ByteBuffer.wrap(new byte[SIZE + 10], 7, SIZE - 7),
                NativeBuffer.allocate(SIZE).bytes());
    }

    @ParameterizedTest
    @MethodSource("buffers")
    void sendTakesTheBytesFromPositionToLimit(ByteBuffer buf) throws Exception {
        int[] pair = fds.streamPair();
        for (int i = 0; i < buf.capacity(); i++) buf.duplicate().clear().put(i, (byte) (100 + i));
        buf.position(buf.position() + 2).limit(buf.limit() - 3);
        int first = 100 + buf.position();
        int length = buf.remaining();
        int limit = buf.limit();

        for (ByteBuffer sent : new ByteBuffer[] {buf.asReadOnlyBuffer(), buf}) {
            assertThat(PosixSocket.send(pair[0], sent, 0)).isEqualTo(length);
            assertThat(sent.position()).isEqualTo(limit);
            assertThat(sent.limit()).isEqualTo(limit);
            byte[] got = new byte[SIZE * 2];
            assertThat(PosixSocket.recv(pair[1], ByteBuffer.wrap(got), 0)).isEqualTo(length);
            for (int i = 0; i < length; i++) assertThat(got[i]).isEqualTo((byte) (first + i));
        }
    }

    @ParameterizedTest
    @MethodSource("buffers")
    void recvFillsFromThePositionAndTouchesNothingElse(ByteBuffer buf) throws Exception {
        int[] pair = fds.streamPair();
        for (int i = 0; i < buf.capacity(); i++) buf.duplicate().clear().put(i, (byte) 1);
        int position = buf.position() + 2;
        buf.position(position).limit(buf.limit() - 3);
        int limit = buf.limit();
        PosixSocket.send(pair[0], Fds.direct(50, 51, 52, 53), 0);

        assertThat(PosixSocket.recv(pair[1], buf, 0)).isEqualTo(4);
        assertThat(buf.position()).isEqualTo(position + 4);
        assertThat(buf.limit()).isEqualTo(limit);
        for (int i = 0; i < buf.capacity(); i++) {
            int expected = i >= position && i < position + 4 ? 50 + i - position : 1;
            assertThat(buf.clear().get(i)).as("byte %d", i).isEqualTo((byte) expected);
        }
    }

    @ParameterizedTest
    @MethodSource("buffers")
    void recvTakesNoMoreThanRemains(ByteBuffer buf) throws Exception {
        int[] pair = fds.datagramPair();
        buf.limit(buf.position() + 3);
        PosixSocket.send(pair[0], Fds.direct(1, 2, 3, 4, 5), 0);
        assertThat(PosixSocket.recv(pair[1], buf, 0)).isEqualTo(3);
        assertThat(buf.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void buffersBeyondTheWindowOfTheHeapCopyArriveWhole(boolean direct) throws Exception {
        int[] pair = fds.streamPair();
        int size = 3 * 64 * 1024 + 17;
        byte[] bytes = new byte[size];
        new Random(42).nextBytes(bytes);
        ByteBuffer out = direct ? ByteBuffer.allocateDirect(size).put(bytes).flip() : ByteBuffer.wrap(bytes);
        Caller<Integer> sender = Caller.start(() -> {
            while (out.hasRemaining()) PosixSocket.send(pair[0], out, 0);
            return out.position();
        });
        ByteBuffer in = direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
        assertThat(PosixSocket.recv(pair[1], in, MSG_WAITALL)).isEqualTo(size);
        assertThat(in.flip()).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(sender.result()).isEqualTo(size);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void peekLeavesTheBytesForTheNextRecv(boolean direct) throws Exception {
        int[] pair = fds.streamPair();
        PosixSocket.send(pair[0], Fds.direct(1, 2), 0);
        for (int flags : new int[] {MSG_PEEK, MSG_PEEK | MSG_DONTWAIT, 0}) {
            ByteBuffer buf = direct ? ByteBuffer.allocateDirect(2) : ByteBuffer.allocate(2);
            assertThat(PosixSocket.recv(pair[1], buf, flags)).isEqualTo(2);
            assertThat(buf.flip()).isEqualTo(ByteBuffer.wrap(Fds.array(1, 2)));
        }
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> PosixSocket.recv(pair[1], ByteBuffer.allocate(2), MSG_DONTWAIT));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void truncTellsTheLengthOfADatagramThatDoesNotFit(boolean direct) throws Exception {
        int[] pair = fds.datagramPair();
        PosixSocket.send(pair[0], Fds.direct(1, 2, 3, 4, 5), 0);
        ByteBuffer buf = (direct ? ByteBuffer.allocateDirect(4) : ByteBuffer.allocate(4))
                .position(1)
                .limit(3);
        assertThat(PosixSocket.recv(pair[1], buf, MSG_TRUNC)).isEqualTo(5);
        assertThat(buf.position()).isEqualTo(3);
        assertThat(buf.clear()).isEqualTo(ByteBuffer.wrap(Fds.array(0, 1, 2, 0)));
    }

    @Test
    void waitallWaitsForAllBytes() throws Exception {
        int[] pair = fds.streamPair();
        ByteBuffer buf = ByteBuffer.allocate(4);
        PosixSocket.send(pair[0], Fds.direct(1, 2), 0);
        Caller<Integer> receiver =
                Caller.start(() -> PosixSocket.recv(pair[1], buf, MSG_WAITALL)).awaitBlockedIn("recv");
        PosixSocket.send(pair[0], Fds.direct(3, 4), 0);
        assertThat(receiver.result()).isEqualTo(4);
        assertThat(buf.flip()).isEqualTo(ByteBuffer.wrap(Fds.array(1, 2, 3, 4)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReadOnlyBufferIsRefusedBeforeAnyByteIsTaken(boolean direct) throws Exception {
        int[] pair = fds.streamPair();
        PosixSocket.send(pair[0], Fds.direct(9), 0);
        ByteBuffer buf = (direct ? ByteBuffer.allocateDirect(4) : ByteBuffer.allocate(4)).asReadOnlyBuffer();
        assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> PosixSocket.recv(pair[1], buf, 0));
        assertThat(PosixSocket.recv(pair[1], ByteBuffer.allocate(1), MSG_DONTWAIT))
                .isEqualTo(1);
    }

    @Test
    void emptyDatagramsAreSentAndReceived() throws Exception {
        int[] pair = fds.datagramPair();
        assertThat(PosixSocket.send(pair[0], ByteBuffer.allocate(0), 0)).isZero();
        assertThat(PosixSocket.recv(pair[1], ByteBuffer.allocate(5), MSG_DONTWAIT))
                .isZero();
    }

    @Test
    void sendTakesWhatFitsAndSaysHowMuch() throws Exception {
        int[] pair = fds.streamPair();
        ByteBuffer buf = ByteBuffer.allocate(16 << 20);
        int n = PosixSocket.send(pair[0], buf, MSG_DONTWAIT);
        assertThat(n).isPositive().isLessThan(buf.capacity());
        assertThat(buf.position()).isEqualTo(n);
    }

    @Test
    void aNativeBufferIsDirectInNativeOrderAndItsAddressDoesNotMove() {
        NativeBuffer buffer = NativeBuffer.allocate(32);
        assertThat(buffer.capacity()).isEqualTo(32);
        assertThat(buffer.bytes().isDirect()).isTrue();
        assertThat(buffer.bytes().order()).isEqualTo(java.nio.ByteOrder.nativeOrder());
        buffer.bytes().position(7);
        assertThat(NativeBuffer.addressOf(buffer.bytes())).isEqualTo(buffer.address());
        assertThat(NativeBuffer.addressOf(buffer.bytes().slice())).isEqualTo(buffer.address() + 7);
        assertThat(buffer).hasToString("NativeBuffer[32 bytes]");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> NativeBuffer.allocate(-1))
                .withMessage("capacity is -1, must be at least 0");
    }
}

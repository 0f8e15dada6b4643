package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@ExtendWith(NoLeaks.class)
class FrameReaderTest {
    private static final int WINDOW = FrameReader.WINDOW;
    private static final int MANY = 1 << 20;

    /** What was charged, at most so much. */
    private static final class Purse implements FrameReader.Budget {
        private final int max;
        private int charged;

        Purse(int max) {
            this.max = max;
        }

        @Override
        public String charge(int bytes) {
            if (charged + bytes > max) return "empty";
            charged += bytes;
            return null;
        }

        @Override
        public void discharge(int bytes) {
            charged -= bytes;
        }
    }

    private final NativeBuffer outgoing = NativeBuffer.allocate(WINDOW);
    private OwnedFd near;
    private OwnedFd far;
    private FrameReader reader;

    @BeforeEach
    void connect() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        near = OwnedFd.adopt(pair[0]);
        far = OwnedFd.adopt(pair[1]);
        reader = reader(new Purse(Integer.MAX_VALUE));
    }

    @AfterEach
    void close() {
        reader.discard();
        near.close();
        far.close();
    }

    private FrameReader reader(FrameReader.Budget budget) {
        return new FrameReader(near, new Spin(Duration.ZERO), Wire.MAX_BODY, budget);
    }

    private static byte[] body(int length, int seed) {
        byte[] body = new byte[length];
        new Random(seed).nextBytes(body);
        return body;
    }

    private static byte[] frames(byte[]... bodies) {
        int total = 0;
        for (byte[] body : bodies) total += Wire.HEADER + body.length;
        ByteBuffer frames = ByteBuffer.allocate(total);
        int id = 1;
        for (byte[] body : bodies) {
            frames.putInt(body.length)
                    .putInt(id)
                    .put((byte) Wire.REQUEST)
                    .put((byte) 0)
                    .put(body);
            id += 2;
        }
        return frames.array();
    }

    /** Sends a part of the bytes, while the reader takes what comes; the bodies that became whole. */
    private List<byte[]> pass(byte[] bytes, int from, int to) throws IOException {
        List<byte[]> whole = new ArrayList<>();
        int at = from;
        while (at < to) {
            int n = Math.min(to - at, WINDOW);
            outgoing.bytes().put(0, bytes, at, n);
            int sent = far.trySend(outgoing, 0, n);
            if (sent != OwnedFd.WOULD_BLOCK) at += sent;
            take(whole);
        }
        take(whole);
        return whole;
    }

    private void take(List<byte[]> whole) throws IOException {
        while (reader.next() == FrameReader.Result.FRAME) whole.add(Arrays.copyOf(reader.body(), reader.length()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, FrameReader.FREE, WINDOW, 2 * WINDOW, 4 * WINDOW, 9 * WINDOW, Wire.MAX_BODY})
    void bodiesOfAboutThisLengthComeWhole(int about) throws Exception {
        for (int length = Math.max(0, about - 22); length <= Math.min(Wire.MAX_BODY, about + 12); length++) {
            byte[] first = body(length, length);
            byte[] second = body(17, length);
            byte[] bytes = frames(first, second);
            assertThat(pass(bytes, 0, bytes.length)).containsExactly(first, second);
            reader.release();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFrameMayBeCutAnywhere(boolean parked) throws Exception {
        byte[] first = body(2 * WINDOW + 5, 1);
        byte[] second = body(300, 2);
        byte[] bytes = frames(first, second);
        for (int cut : cuts(WINDOW, 2 * WINDOW, bytes.length - 310, bytes.length)) {
            if (cut < 0 || cut > bytes.length) continue;
            List<byte[]> whole = pass(bytes, 0, cut);
            assertThat(reader.isPartial()).isEqualTo(cut % bytes.length != 0 && cut != bytes.length - 310);
            if (parked) reader.release();
            whole.addAll(pass(bytes, cut, bytes.length));
            assertThat(whole).as("cut at %d", cut).containsExactly(first, second);
            assertThat(reader.isPartial()).isFalse();
            if (parked) reader.release();
        }
    }

    private static List<Integer> cuts(int... places) {
        List<Integer> cuts = new ArrayList<>();
        for (int i = 0; i <= 24; i++) cuts.add(i);
        for (int place : places) for (int i = -24; i <= 24; i++) cuts.add(place + i);
        return cuts;
    }

    @Test
    void whatIsAnnouncedIsNotCharged() throws Exception {
        Purse purse = new Purse(Integer.MAX_VALUE);
        reader = reader(purse);
        byte[] bytes = frames(body(Wire.MAX_BODY, 1));
        int arrived = 0;
        for (int part : new int[] {Wire.HEADER, 100, WINDOW / 2, WINDOW, 3 * WINDOW, 9 * WINDOW}) {
            assertThat(pass(bytes, arrived, arrived + part)).isEmpty();
            arrived += part;
            assertThat(purse.charged)
                    .isLessThan(Math.max(WINDOW + 1, 8 * arrived)); // a spare array may be twice as long
        }
        reader.discard();
        assertThat(purse.charged).isZero();
    }

    @Test
    void aLengthThatCameBeforeIsHadAtOnceButOnlyWhenTheBufferIsFull() throws Exception {
        Purse purse = new Purse(Integer.MAX_VALUE);
        reader = reader(purse);
        byte[] body = body(MANY, 1);
        byte[] bytes = frames(body);
        assertThat(pass(bytes, 0, bytes.length)).containsExactly(body);
        reader.release();
        assertThat(purse.charged).isZero();

        pass(bytes, 0, WINDOW / 2);
        reader.release();
        pass(bytes, WINDOW / 2, WINDOW);
        assertThat(purse.charged).isLessThanOrEqualTo(WINDOW);
        pass(bytes, WINDOW, 3 * WINDOW);
        assertThat(purse.charged).isBetween(MANY, 2 * MANY); // a spare array may be longer
        assertThat(pass(bytes, 3 * WINDOW, bytes.length)).containsExactly(body);
    }

    @Test
    void aFrameThatFitsIsNotRefusedBecauseTheSpareArrayIsLonger() throws Exception {
        SpareArrays spare = new SpareArrays(1);
        spare.give(new byte[MANY]);
        Purse purse = new Purse(MANY - 1);
        reader = new FrameReader(near, new Spin(Duration.ZERO), Wire.MAX_BODY, purse, spare);
        byte[] body = body(MANY - WINDOW, 2);
        byte[] bytes = frames(body);
        assertThat(pass(bytes, 0, bytes.length)).containsExactly(body);
        assertThat(purse.charged).isEqualTo(body.length);
        assertThat(spare.take(MANY)).as("given back").hasSize(MANY);
    }

    /** Of all that a released reader has held, another one may get all but what has come of a frame. */
    @ParameterizedTest
    @ValueSource(ints = {WINDOW / 2, WINDOW + 1000, 2 * WINDOW - 1000, 3 * WINDOW, 9 * WINDOW})
    void aPartOfAFrameIsNobodyElses(int arrived) throws Exception {
        for (int length : new int[] {arrived + 1000, 2 * arrived}) {
            FrameReader first = reader;
            byte[] before = frames(body(length, 1));
            assertThat(pass(before, 0, before.length)).hasSize(1); // the buffer has as long an array from now on
            first.release();

            FrameReader parked = reader(new Purse(Integer.MAX_VALUE));
            reader = parked;
            byte[] body = body(length, 2);
            byte[] bytes = frames(body);
            assertThat(pass(bytes, 0, arrived)).isEmpty();
            parked.release();

            FrameReader other = reader(new Purse(Integer.MAX_VALUE));
            reader = other;
            byte[] others = frames(body(length, 3));
            assertThat(pass(others, 0, others.length)).hasSize(1);

            reader = parked;
            assertThat(pass(bytes, arrived, bytes.length)).containsExactly(body);
            other.discard();
            parked.discard();
            reader = first;
        }
    }

    @Test
    void aLongBodyIsNotKeptBehindAWholeFrame() throws Exception {
        Purse purse = new Purse(Integer.MAX_VALUE);
        reader = reader(purse);
        byte[] bytes = frames(body(MANY, 1), body(100, 2));
        List<byte[]> whole = pass(bytes, 0, bytes.length - 200);
        assertThat(whole).isEmpty();
        for (int at = bytes.length - 200; at < bytes.length; ) {
            outgoing.bytes().put(0, bytes, at, bytes.length - at);
            at += far.trySend(outgoing, 0, bytes.length - at);
        }
        assertThat(reader.next()).isEqualTo(FrameReader.Result.FRAME);
        assertThat(reader.hasFrame()).isTrue();
        assertThat(purse.charged).isPositive();
        reader.release();
        assertThat(purse.charged).isZero();
        assertThat(reader.body().length).isLessThanOrEqualTo(2 * WINDOW);
        assertThat(reader.next()).isEqualTo(FrameReader.Result.FRAME);
        assertThat(reader.length()).isEqualTo(100);
    }

    @Test
    void aFrameThatExceedsTheBudgetIsSkippedAndTheNextOneComes() throws Exception {
        Purse purse = new Purse(MANY);
        reader = reader(purse);
        byte[] second = body(WINDOW, 2);
        byte[] bytes = frames(body(2 * MANY, 1), second);
        int refused = 0;
        List<byte[]> whole = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += WINDOW) {
            outgoing.bytes().put(0, bytes, at, Math.min(WINDOW, bytes.length - at));
            for (int sent = 0; sent < Math.min(WINDOW, bytes.length - at); ) {
                int n = far.trySend(outgoing, sent, Math.min(WINDOW, bytes.length - at) - sent);
                if (n != OwnedFd.WOULD_BLOCK) sent += n;
                while (reader.next() == FrameReader.Result.FRAME) {
                    if (reader.overBudget() != null) refused++;
                    else whole.add(Arrays.copyOf(reader.body(), reader.length()));
                }
            }
        }
        assertThat(refused).isEqualTo(1);
        assertThat(whole).containsExactly(second);
        assertThat(purse.charged).isEqualTo(WINDOW);
    }
}

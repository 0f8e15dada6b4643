package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SHUT_RD;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Waits in the process's poller, here of platform threads: nothing in them is special to virtual ones. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ReadinessTest {
    private static final long LONG = TimeUnit.HOURS.toNanos(1);
    private static final int ROUNDS = 500;

    private OwnedFd fd;
    private OwnedFd peer;
    private Readiness readiness;

    @BeforeEach
    void pair() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        fd = OwnedFd.adoptInterruptible(pair[0]);
        peer = OwnedFd.adopt(pair[1]);
        readiness = new Readiness(fd);
    }

    @AfterEach
    void close() {
        fd.close();
        peer.close();
    }

    /** Returns when it is parked. */
    private Background<Integer> begin(int events) {
        return parked(Background.run(() -> readiness.await(events, LONG)));
    }

    private Background<Integer> parked(Background<Integer> wait) {
        Eventually.get(() -> LockSupport.getBlocker(wait.thread()), blocker -> blocker == readiness);
        return wait;
    }

    /** Nothing more can be sent until the peer reads. */
    private void fill() throws IOException {
        NativeBuffer bytes = NativeBuffer.allocate(1 << 16);
        int sent = 0;
        while (sent != OwnedFd.WOULD_BLOCK) sent = fd.trySend(bytes, 0, bytes.capacity());
    }

    private void drain() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
        while (peer.poll(Poller.IN, 0) != 0) {
            peer.recv(bytes, 0);
            bytes.clear();
        }
    }

    @Test
    void returnsWhatIsThere() throws Exception {
        assertThat(readiness.await(Poller.OUT, -1)).isEqualTo(Poller.OUT);
        peer.send(ByteBuffer.wrap(new byte[1]), 0);
        assertThat(readiness.await(Poller.IN, -1)).isEqualTo(Poller.IN);
    }

    @Test
    void endsWithItsTime() throws Exception {
        assertThat(readiness.await(Poller.IN, 0)).isZero();
        assertThat(readiness.await(Poller.IN, 1_000_000)).isZero();
    }

    @Test
    void bytesAndEndWakeAndItWaitsAgain() throws Exception {
        Background<Integer> wait = begin(Poller.IN);
        peer.send(ByteBuffer.wrap(new byte[1]), 0);
        assertThat(wait.result()).isEqualTo(Poller.IN);
        fd.recv(ByteBuffer.allocate(1), 0);
        wait = begin(Poller.IN);
        peer.close();
        assertThat(wait.result() & Poller.IN).isNotZero();
    }

    @Test
    void closeWakesAllWhoWait() throws Exception {
        fill();
        List<Background<Integer>> waits = new ArrayList<>(List.of(begin(Poller.IN), begin(Poller.OUT)));
        fd.close();
        for (Background<Integer> wait : waits)
            assertThat(wait.result() & Poller.HUP).isNotZero();
        assertThatThrownBy(() -> readiness.await(Poller.IN, LONG)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void interruptClosesAndWakesTheOtherToo() throws Exception {
        fill();
        Background<Integer> other = begin(Poller.OUT);
        Background<Integer> wait = begin(Poller.IN);
        wait.thread().interrupt();
        assertThatThrownBy(wait::result).isInstanceOf(ClosedByInterruptException.class);
        assertThat(other.result() & Poller.HUP).isNotZero();
        assertThat(fd.isOpen()).isFalse();
    }

    @Test
    void twoWaitForDifferentThingsAndEachIsWokenByItsOwn() throws Exception {
        fill();
        Background<Integer> receiver = begin(Poller.IN);
        Background<Integer> sender = begin(Poller.OUT);
        peer.send(ByteBuffer.wrap(new byte[1]), 0);
        assertThat(receiver.result()).isEqualTo(Poller.IN);
        fd.recv(ByteBuffer.allocate(1), 0);
        receiver = begin(Poller.IN);
        drain();
        assertThat(sender.result()).isEqualTo(Poller.OUT);
        parked(receiver);
        peer.send(ByteBuffer.wrap(new byte[1]), 0);
        assertThat(receiver.result()).isEqualTo(Poller.IN);
    }

    /** On AF_UNIX nothing tells who waits for room that the peer reads no more: writers wait in slices. */
    @Test
    void endOfThePeersReadingIsNotSeen() throws Exception {
        fill();
        peer.shutdown(SHUT_RD);
        assertThat(readiness.await(Poller.OUT, 1_000_000)).isZero();
    }

    @Test
    void threadIsThereWhileSomebodyWaitsAndNoClientNeedsIt() throws Exception {
        Background<Integer> wait = begin(Poller.IN);
        assertThat(pollers()).isEqualTo(1);
        peer.close();
        wait.result();
        Eventually.get(ReadinessTest::pollers, count -> count == 0);
    }

    /** With no client each moment without a wait ends the poller, and each wait after it starts another. */
    @Test
    void noWaitIsLostWhilePollersComeAndGo() throws Exception {
        List<Background<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) all.add(Background.run(ReadinessTest::waitAgainAndAgain));
        for (Background<Integer> one : all) assertThat(one.result()).isEqualTo(ROUNDS);
        Eventually.get(ReadinessTest::pollers, count -> count == 0);
    }

    private static int waitAgainAndAgain() throws IOException {
        int woken = 0;
        for (int i = 0; i < ROUNDS; i++) {
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            try (OwnedFd one = OwnedFd.adopt(pair[0]);
                    OwnedFd other = OwnedFd.adopt(pair[1])) {
                other.send(ByteBuffer.wrap(new byte[1]), 0);
                if (new Readiness(one).await(Poller.IN, LONG) == Poller.IN) woken++;
            }
        }
        return woken;
    }

    private static long pollers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("posixsocket-client-poller"))
                .count();
    }
}

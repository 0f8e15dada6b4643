package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SHUT_WR;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What workers rely on, of both ways to wait. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class PollerTest {
    private static final int LONG = 60_000;

    enum Kind {
        EPOLL {
            @Override
            Poller make() throws IOException {
                return new EpollPoller();
            }
        },
        POLL {
            @Override
            Poller make() throws IOException {
                return new PollPoller();
            }
        };

        abstract Poller make() throws IOException;
    }

    /** One end is in the poller, the test has the other. */
    private static final class Pair implements Poller.Source, AutoCloseable {
        private final NativeBuffer one = NativeBuffer.allocate(1);
        final OwnedFd fd;
        final OwnedFd peer;
        long key;

        Pair() throws IOException {
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            fd = OwnedFd.adopt(pair[0]);
            peer = OwnedFd.adopt(pair[1]);
        }

        @Override
        public OwnedFd fd() {
            return fd;
        }

        @Override
        public void ready(int events) {
            throw new AssertionError("nobody calls this here");
        }

        void send() throws IOException {
            assertThat(peer.trySend(NativeBuffer.allocate(1), 0, 1)).isEqualTo(1);
        }

        int take() throws IOException {
            return fd.tryRecv(one, 0, 1);
        }

        @Override
        public void close() {
            fd.close();
            peer.close();
        }
    }

    private Poller poller;
    private final List<Pair> pairs = new ArrayList<>();

    private Pair added(Kind kind) throws IOException {
        if (poller == null) poller = kind.make();
        Pair pair = new Pair();
        pairs.add(pair);
        pair.key = poller.add(pair);
        return pair;
    }

    @AfterEach
    void close() {
        pairs.forEach(Pair::close);
        if (poller != null) poller.close();
    }

    private void expect(Poller.Seat seat, Pair pair, int events) throws IOException {
        assertThat(seat.await(LONG)).isTrue();
        assertThat(seat.source()).isSameAs(pair);
        assertThat(seat.events()).isEqualTo(events);
    }

    @ParameterizedTest
    @EnumSource
    void anArmIsAnsweredByOneEvent(Kind kind) throws IOException {
        Pair pair = added(kind);
        Poller.Seat seat = poller.seat();
        pair.send();
        assertThat(seat.await(0)).as("bytes, and nobody asked").isFalse();
        poller.arm(pair, pair.key, Poller.IN);
        expect(seat, pair, Poller.IN);
        assertThat(seat.await(0)).as("a second event").isFalse();
        poller.arm(pair, pair.key, Poller.IN | Poller.OUT);
        expect(seat, pair, Poller.IN | Poller.OUT);
    }

    @ParameterizedTest
    @EnumSource
    void laterArmTakesThePlaceOfAnEarlierOne(Kind kind) throws IOException {
        Pair pair = added(kind);
        poller.arm(pair, pair.key, Poller.IN);
        poller.arm(pair, pair.key, 0);
        pair.send();
        assertThat(poller.seat().await(0)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void hangUpIsToldToWhoAskedForNothing(Kind kind) throws IOException {
        Pair pair = added(kind);
        Poller.Seat seat = poller.seat();
        pair.peer.shutdown(SHUT_WR);
        assertThat(seat.await(0)).as("a half close is no hang-up").isFalse();
        poller.arm(pair, pair.key, Poller.IN | Poller.RDHUP);
        expect(seat, pair, Poller.IN | Poller.RDHUP);
        poller.arm(pair, pair.key, 0);
        pair.peer.close();
        assertThat(seat.await(LONG)).isTrue();
        assertThat(seat.source()).isSameAs(pair);
        assertThat(seat.events() & Poller.HUP).isNotZero();
    }

    /** Again and again, so that the arm comes before, in and after the other thread's wait. */
    @ParameterizedTest
    @EnumSource
    void armIsHeededByWhoWaitsAlready(Kind kind) throws Exception {
        Pair pair = added(kind);
        for (int i = 0; i < 300; i++) {
            Background<Poller.Source> waiting = Background.run(() -> {
                Poller.Seat seat = poller.seat();
                return seat.await(LONG) ? seat.source() : null;
            });
            pair.send();
            poller.arm(pair, pair.key, Poller.IN);
            assertThat(waiting.result()).isSameAs(pair);
            assertThat(pair.take()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void removedSourceIsClosedAlthoughOthersWaitInThePoller(Kind kind) throws Exception {
        for (int i = 0; i < 100; i++) {
            Pair pair = added(kind);
            Pair other = added(kind);
            poller.arm(other, other.key, Poller.IN);
            Background<Poller.Source> waiting = Background.run(() -> {
                Poller.Seat seat = poller.seat();
                return seat.await(LONG) ? seat.source() : null;
            });
            poller.remove(pair, pair.key);
            pair.fd.close();
            try (ScriptedPeer peer = new ScriptedPeer(pair.peer)) {
                peer.expectEnd();
            }
            poller.arm(pair, pair.key, Poller.IN); // too late, and heeded by nobody
            other.send();
            assertThat(waiting.result()).isSameAs(other);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eventOnItsWayToARemovedSourceFindsNobody(Kind kind) throws IOException {
        Pair pair = added(kind);
        Pair other = added(kind);
        for (Pair each : List.of(pair, other)) {
            each.send();
            poller.arm(each, each.key, Poller.IN);
        }
        Poller.Seat seat = poller.seat();
        assertThat(seat.await(LONG)).isTrue(); // the other event may have been found with this one
        Pair second = seat.source() == pair ? other : pair;
        poller.remove(second, second.key);
        second.fd.close();
        if (seat.await(0)) assertThat(seat.source()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void endWakesAllWhoWaitAndWhoComesLater(Kind kind) throws Exception {
        added(kind);
        CountDownLatch there = new CountDownLatch(3);
        List<Background<Poller.Source>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++)
            waiting.add(Background.run(() -> {
                Poller.Seat seat = poller.seat();
                there.countDown();
                assertThat(seat.await(LONG)).isTrue();
                return seat.source();
            }));
        there.await();
        poller.wakeAll();
        for (Background<Poller.Source> one : waiting) assertThat(one.result()).isNull();
        assertThat(poller.seat().await(LONG)).isTrue();
    }

    /** Each token goes round alone: an event that is lost, or told twice, ends this test at its timeout or by the count. */
    @ParameterizedTest
    @EnumSource
    void noEventIsLostAmongManyThreads(Kind kind) throws Exception {
        int sources = 20;
        int rounds = 500;
        for (int i = 0; i < sources; i++) added(kind);
        AtomicInteger taken = new AtomicInteger();
        Set<Thread> takers = ConcurrentHashMap.newKeySet();
        CountDownLatch all = new CountDownLatch(sources * rounds);
        List<Background<Void>> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++)
            workers.add(Background.run(() -> {
                Poller.Seat seat = poller.seat();
                while (seat.await(LONG) && all.getCount() > 0) {
                    if (!(seat.source() instanceof Pair pair)) continue;
                    assertThat(pair.take()).as("the token, once").isEqualTo(1);
                    takers.add(Thread.currentThread());
                    if (taken.incrementAndGet() <= (rounds - 1) * sources) pair.send();
                    poller.arm(pair, pair.key, Poller.IN);
                    all.countDown();
                }
                return null;
            }));
        for (Pair pair : pairs) {
            poller.arm(pair, pair.key, Poller.IN);
            pair.send();
        }
        all.await();
        poller.wakeAll();
        for (Background<Void> worker : workers) worker.result();
        assertThat(taken).hasValue(sources * rounds);
        assertThat(takers).hasSizeGreaterThan(1);
    }

    /** So that a run of the tests under the property is what it says. */
    @Test
    void thePropertyChooses() throws IOException {
        String asked = System.getProperty(Poller.PROPERTY);
        poller = Poller.open();
        assertThat(poller).isInstanceOf("poll".equals(asked) ? PollPoller.class : EpollPoller.class);
        try {
            System.setProperty(Poller.PROPERTY, "kqueue");
            assertThatIllegalArgumentException()
                    .isThrownBy(Poller::open)
                    .withMessage("io.posixsocket.rpc.poller is 'kqueue', must be epoll or poll");
        } finally {
            if (asked == null) System.clearProperty(Poller.PROPERTY);
            else System.setProperty(Poller.PROPERTY, asked);
        }
    }
}

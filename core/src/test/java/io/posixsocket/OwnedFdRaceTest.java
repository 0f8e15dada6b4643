package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** Descriptors that are closed by one thread while others use them, and whose numbers are given out again at once. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class OwnedFdRaceTest {
    // docs/TESTING.md has the long form's command
    private static final int THREADS = Integer.getInteger("posixsocket.race.threads", 16);
    private static final int ROUNDS = Integer.getInteger("posixsocket.race.rounds", 1_500);

    /** For each thread; JUnit's own is as long as the long form needs. */
    private static final Duration LIMIT = ROUNDS > 10_000 ? Duration.ofHours(1) : Duration.ofSeconds(30);

    /** Each thread exchanges its tag over a pair of its own, while the others close that pair under it. */
    private static final class Tags {
        final AtomicReferenceArray<OwnedFd> open = new AtomicReferenceArray<>(THREADS * 2);
        final AtomicLong exchanged = new AtomicLong();
        final AtomicInteger closedByOthers = new AtomicInteger();

        Void run(int id, Random random) throws IOException {
            NativeBuffer out = NativeBuffer.allocate(8);
            NativeBuffer in = NativeBuffer.allocate(64);
            for (int round = 0; round < ROUNDS; round++) {
                long tag = (long) id << 32 | round;
                int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
                try (OwnedFd a = OwnedFd.adopt(pair[0]);
                        OwnedFd b = OwnedFd.adopt(pair[1])) {
                    open.set(id * 2, a);
                    open.set(id * 2 + 1, b);
                    for (int i = 0; i < 4; i++) {
                        out.bytes().putLong(0, tag);
                        a.send(out.bytes().clear(), 0);
                        if (random.nextInt(8) == 0) closeSomebodys(random);
                        if (b.awaitRecv(in, 0, 8) == 0) break; // the end: somebody closed a
                        assertThat(in.bytes().getLong(0))
                                .as("bytes of another socket")
                                .isEqualTo(tag);
                        exchanged.incrementAndGet();
                    }
                } catch (ClosedChannelException e) {
                    closedByOthers.incrementAndGet();
                } catch (ErrnoException e) {
                    // the other end was closed: its reader or its writer is told so; anything else is a number that
                    // went astray
                    assertThat(e.errno()).as(e.getMessage()).isIn(Errno.EPIPE, Errno.ECONNRESET);
                    closedByOthers.incrementAndGet();
                }
            }
            return null;
        }

        private void closeSomebodys(Random random) {
            OwnedFd victim = open.get(random.nextInt(open.length()));
            if (victim != null) victim.close();
        }
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void noByteReachesASocketThatItWasNotSentTo() throws Exception {
        long seed = System.nanoTime();
        System.out.println("OwnedFdRaceTest seed " + seed);
        Tags tags = new Tags();
        List<Caller<Void>> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int id = i;
            threads.add(Caller.start(() -> tags.run(id, new Random(seed + id))));
        }
        for (Caller<Void> thread : threads)
            assertThat(thread.failure(LIMIT)).as("seed %d", seed).isNull();
        System.out.println("OwnedFdRaceTest: " + THREADS + " threads x " + ROUNDS + " rounds, " + tags.exchanged
                + " tags exchanged, " + tags.closedByOthers + " calls hit by a close");
        assertThat(tags.exchanged).hasValueGreaterThan((long) THREADS * ROUNDS);
        assertThat(tags.closedByOthers).as("calls that a close hit").hasValueGreaterThan(ROUNDS / 10);
    }

    @Test
    void aCloseAmongManyUsersEndsEachOfThemAndClosesOnce() throws Exception {
        for (int round = 0; round < 100; round++) {
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            String target = Descriptors.target(pair[0]);
            OwnedFd fd = OwnedFd.adopt(pair[0]);
            try (OwnedFd peer = OwnedFd.adopt(pair[1])) {
                CountDownLatch busy = new CountDownLatch(THREADS);
                AtomicLong calls = new AtomicLong();
                List<Caller<Void>> users = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    int kind = i % 6;
                    users.add(Caller.start(() -> {
                        busy.countDown();
                        for (; ; calls.incrementAndGet()) use(fd, kind);
                    }));
                }
                OwnedFdTest.await(busy);
                assertThat(peer.isOpen()).isTrue();
                fd.close();
                for (Caller<Void> user : users)
                    assertThat(user.failure()).as("after %s calls", calls).isInstanceOf(ClosedChannelException.class);
                assertThat(Descriptors.target(pair[0])).isNotEqualTo(target);
            }
        }
    }

    private static void use(OwnedFd fd, int kind) throws IOException {
        switch (kind) {
            case 0 -> fd.recv(ByteBuffer.allocate(1), 0);
            case 1 -> fd.awaitRecv(NativeBuffer.allocate(1), 0, 1);
            case 2 -> fd.poll(POLLIN, 1_000_000);
            case 3 -> fd.getsockname();
            case 4 -> fd.tryRecv(NativeBuffer.allocate(1), 0, 1);
            default -> fd.peerCredentials();
        }
    }
}

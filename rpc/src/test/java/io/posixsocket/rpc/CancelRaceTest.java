package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deadlines and hang-ups that come about when a handler ends. Each cancels its own call or nothing: no other call is ever
 * interrupted, and each that nobody cancels is answered, though its handler returns with the interrupt flag set.
 */
@Timeout(3600)
@ExtendWith(NoLeaks.class)
class CancelRaceTest {
    private static final int CALLS = Integer.getInteger("posixsocket.cancel.calls", 20_000);
    private static final int CALLERS = 4;
    private static final int BATCH = 16;
    private static final int SPREAD_NANOS = 100_000;

    /** What becomes of a call; the first character of its text. */
    private enum Kind {
        /** Nobody cancels it. */
        PLAIN,
        /** Nor this one, whose handler interrupts itself. */
        MARKED,
        /** Its handler ends when its time is up, give or take. */
        TIMED,
        /** Its caller is interrupted, or hangs up, when its handler is about to end. */
        LEFT
    }

    private record Caller(Thread thread, Semaphore interrupted) {}

    @TempDir
    Path directory;

    private final long seed = Long.getLong("posixsocket.seed", System.nanoTime());
    private final AtomicInteger strays = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicInteger survived = new AtomicInteger(); // calls that were to be cancelled, and came too early
    private final List<Caller> callers = new ArrayList<>();
    private final LinkedBlockingQueue<Caller> toInterrupt = new LinkedBlockingQueue<>();
    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = Server.builder()
                .listen(SockaddrUn.path(directory.resolve("s")))
                .service(Hello.service(this::handle))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Hello handle(Hello request) {
        boolean interrupted = Thread.interrupted();
        CallContext call = CallContext.current();
        Kind kind = Kind.valueOf(request.text().split(" ", -1)[0]);
        boolean target = kind == Kind.TIMED || kind == Kind.LEFT;
        if (interrupted && !(target && call.isCancelled())) strays.incrementAndGet();
        switch (kind) {
            case PLAIN -> {}
            case MARKED -> Thread.currentThread().interrupt();
            case TIMED -> {
                Deadline deadline = call.deadline().orElseThrow();
                for (long left = deadline.remainingNanos(); left > request.number() && !call.isCancelled(); ) {
                    if (left > 2 * SPREAD_NANOS) LockSupport.parkNanos(left - 2 * SPREAD_NANOS);
                    else Thread.onSpinWait();
                    left = deadline.remainingNanos();
                }
            }
            case LEFT -> {
                String[] words = request.text().split(" ", -1);
                if (words.length > 1) toInterrupt.add(callers.get(Integer.parseInt(words[1])));
                long end = System.nanoTime() + request.number();
                while (System.nanoTime() - end < 0) Thread.onSpinWait();
            }
        }
        if (target) (call.isCancelled() ? cancelled : survived).incrementAndGet();
        return Hello.greet(request);
    }

    private static Kind kind(Random random) {
        int n = random.nextInt(10);
        return n < 4 ? Kind.PLAIN : n < 6 ? Kind.MARKED : n < 8 ? Kind.TIMED : Kind.LEFT;
    }

    private void expectBothOutcomesAndNoStray(String what) {
        System.out.println(what + ": " + CALLS + " calls, " + cancelled + " cancelled, " + survived
                + " ended before they were, -Dposixsocket.seed=" + seed);
        assertThat(strays).as("interrupts that came to another call").hasValue(0);
        assertThat(cancelled).as("calls that were cancelled").hasPositiveValue();
        assertThat(survived).as("calls that ended before that").hasPositiveValue();
    }

    @Test
    void noOtherCallOfAnExclusiveConnectionIsInterrupted() throws Exception {
        try (Client client =
                Client.builder(SockaddrUn.path(directory.resolve("s"))).build()) {
            List<Background<Integer>> running = new ArrayList<>();
            Semaphore begin = new Semaphore(0);
            for (int i = 0; i < CALLERS; i++) {
                int number = i;
                Random random = new Random(seed + i);
                Background<Integer> one = Background.run(() -> {
                    begin.acquire();
                    return makeCalls(client, number, random);
                });
                callers.add(new Caller(one.thread(), new Semaphore(0)));
                running.add(one);
            }
            Background<Void> canceller = Background.run(() -> {
                for (Caller caller = toInterrupt.take(); caller.thread != null; caller = toInterrupt.take()) {
                    caller.thread.interrupt();
                    caller.interrupted.release();
                }
                return null;
            });
            begin.release(CALLERS);
            for (Background<Integer> one : running) {
                one.thread().join();
                assertThat(one.result()).isPositive();
            }
            toInterrupt.add(new Caller(null, null));
            canceller.result();
        }
        expectBothOutcomesAndNoStray("exclusive");
    }

    private int makeCalls(Client client, int number, Random random) {
        int replies = 0;
        for (int i = 0; i < CALLS / CALLERS; i++) {
            Kind kind = kind(random);
            String text = kind == Kind.LEFT ? kind + " " + number : kind.toString();
            long moment = random.nextInt(2 * SPREAD_NANOS);
            try {
                Channel channel = client;
                if (kind == Kind.TIMED) {
                    moment -= SPREAD_NANOS;
                    channel = client.withTimeout(Duration.ofNanos(300_000));
                }
                assertThat(channel.call(Hello.SAY_HELLO, new Hello(text, moment))
                                .text())
                        .isEqualTo("Hello " + text);
                replies++;
            } catch (StatusException e) {
                Status expected = switch (kind) {
                    case PLAIN, MARKED -> Status.OK;
                    case TIMED -> Status.DEADLINE_EXCEEDED;
                    case LEFT -> Status.CANCELLED;
                };
                assertThat(e.status()).as(kind + ": " + e.getMessage()).isEqualTo(expected);
            }
            if (kind == Kind.LEFT) {
                callers.get(number).interrupted.acquireUninterruptibly();
                Thread.interrupted();
            }
        }
        return replies;
    }

    @Test
    void noOtherCallOfASharedConnectionIsInterrupted() throws Exception {
        List<Background<Integer>> running = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Random random = new Random(seed + i);
            running.add(Background.run(() -> exchange(random)));
        }
        for (Background<Integer> one : running) {
            one.thread().join();
            assertThat(one.result()).isPositive();
        }
        Eventually.get(() -> server.stats().connections(), open -> open == 0);
        expectBothOutcomesAndNoStray("shared");
    }

    /** Several calls in flight; now and then their peer hangs up on all of them. */
    private int exchange(Random random) throws IOException {
        ScriptedPeer peer = ScriptedPeer.connect(directory.resolve("s"));
        int id = 1;
        int answers = 0;
        try {
            for (int i = 0; i < CALLS / CALLERS; i += BATCH) {
                boolean leave = random.nextInt(8) == 0;
                List<Frame> requests = new ArrayList<>();
                Set<Integer> timed = new HashSet<>();
                for (int n = 0; n < BATCH; n++, id += 2) {
                    Kind kind = kind(random);
                    if (leave) kind = Kind.LEFT;
                    else if (kind == Kind.LEFT) kind = Kind.PLAIN;
                    long moment = random.nextInt(2 * SPREAD_NANOS);
                    if (kind == Kind.TIMED) {
                        timed.add(id);
                        moment -= SPREAD_NANOS;
                    }
                    requests.add(Frame.request(
                            id, Hello.SAY_HELLO, new Hello(kind.toString(), moment), kind == Kind.TIMED ? 300_000 : 0));
                }
                peer.send(Frame.join(requests));
                if (leave) {
                    LockSupport.parkNanos(random.nextInt(2 * SPREAD_NANOS));
                    peer.close();
                    peer = ScriptedPeer.connect(directory.resolve("s"));
                    id = 1;
                    continue;
                }
                for (int n = 0; n < BATCH; n++, answers++) {
                    Frame answer = peer.receive();
                    if (timed.contains(answer.streamId()) && answer.contains("context deadline exceeded")) continue;
                    assertThat(answer.contains("Hello ")).as(answer.toString()).isTrue();
                }
            }
        } finally {
            peer.close();
        }
        return answers;
    }
}

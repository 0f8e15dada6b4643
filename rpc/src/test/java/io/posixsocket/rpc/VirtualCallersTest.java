package io.posixsocket.rpc;

import static io.posixsocket.rpc.Streamer.COUNT;
import static io.posixsocket.rpc.Streamer.ECHO;
import static io.posixsocket.rpc.Streamer.ECHO_BYTES;
import static io.posixsocket.rpc.Streamer.SUM_UP;
import static io.posixsocket.rpc.Streamer.item;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Int64Value;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrUn;
import io.posixsocket.SocketConstants;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Callers on virtual threads: whatever they wait for, they keep no carrier from others. */
@Timeout(300)
@ExtendWith({NewerJvm.class, NoLeaks.class})
class VirtualCallersTest {
    private static final int CARRIERS = Runtime.getRuntime().availableProcessors();
    /** Enough to hold every carrier, were they held. */
    private static final int SOME = 2 * CARRIERS + 2;

    @TempDir
    Path directory;

    private SockaddrUn address() {
        return SockaddrUn.path(directory.resolve("s"));
    }

    private ScriptedPeer.Listening listen() throws IOException {
        return ScriptedPeer.listen(directory.resolve("s"));
    }

    private Client client(int maxConnections) {
        return Client.builder(address()).maxConnections(maxConnections).build();
    }

    private static Hello call(Channel channel) {
        return channel.call(Hello.SAY_HELLO, Hello.of("x"));
    }

    private static <T> List<Background<T>> begin(int count, Callable<T> what) {
        List<Background<T>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) all.add(Background.runVirtual(what));
        return all;
    }

    /** A virtual thread that goes on only while a carrier is free now and then. */
    private static final class Heartbeat implements AutoCloseable {
        private final AtomicLong beats = new AtomicLong();
        private volatile boolean over;

        Heartbeat() {
            Background.runVirtual(() -> {
                while (!over) {
                    Thread.sleep(1);
                    beats.incrementAndGet();
                }
                return null;
            });
        }

        /** Long enough for whoever is about to wait to have begun. */
        void goesOn() {
            long now = beats.get();
            Eventually.get(beats::get, later -> later > now + 50);
        }

        @Override
        public void close() {
            over = true;
        }
    }

    private static long threadsOfOthers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("posixsocket-server-"))
                .count();
    }

    // --- unary calls -------------------------------------------------------------------------------------------------

    @Test
    void aThousandCallersWaitForTheirRepliesAndOthersGoOn() throws Exception {
        int callers = 1_000;
        CountDownLatch inside = new CountDownLatch(callers);
        CountDownLatch go = new CountDownLatch(1);
        try (Heartbeat heart = new Heartbeat();
                Server server = Server.builder()
                        .listen(address())
                        .maxWorkers(callers + 2)
                        .service(Hello.service(request -> {
                            inside.countDown();
                            ServerConcurrencyTest.await(go);
                            return Hello.greet(request);
                        }))
                        .start();
                Client client = client(callers)) {
            heart.goesOn(); // its carriers are there
            long before = threadsOfOthers();
            List<Background<Hello>> calls = begin(callers, () -> call(client));
            inside.await();
            heart.goesOn();
            assertThat(threadsOfOthers()).as("platform threads").isLessThanOrEqualTo(before + 8);
            go.countDown();
            for (Background<Hello> call : calls) assertThat(call.result()).isEqualTo(Hello.of("Hello x"));
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void callersBeyondTheCapQueue() throws Exception {
        int callers = 200;
        CountDownLatch inside = new CountDownLatch(4);
        CountDownLatch go = new CountDownLatch(1);
        try (Heartbeat heart = new Heartbeat();
                Server server = Server.builder()
                        .listen(address())
                        .service(Hello.service(request -> {
                            inside.countDown();
                            ServerConcurrencyTest.await(go);
                            return Hello.greet(request);
                        }))
                        .start();
                Client client = client(4)) {
            List<Background<Hello>> calls = begin(callers, () -> call(client));
            inside.await();
            Eventually.get(client::stats, stats -> stats.waiting() == callers - 4);
            heart.goesOn();
            go.countDown();
            for (Background<Hello> call : calls) assertThat(call.result()).isEqualTo(Hello.of("Hello x"));
            assertThat(client.stats().connects()).isEqualTo(4);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void deadlineEndsAParkedCall() throws Exception {
        try (Heartbeat heart = new Heartbeat();
                ScriptedPeer.Listening silent = listen();
                Client client = client(SOME)) {
            Channel timed = client.withTimeout(Duration.ofMillis(200));
            for (Background<Hello> call : begin(SOME, () -> call(timed))) {
                StatusException failure = call.failure();
                assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
                assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
            }
            heart.goesOn();
            assertThat(silent.hasClient()).isTrue();
        }
    }

    @Test
    void interruptEndsAParkedCallAndStays() throws Exception {
        try (Heartbeat heart = new Heartbeat();
                ScriptedPeer.Listening listening = listen();
                Client client = client(1)) {
            Callable<String> interrupted = () -> {
                try {
                    return "returned " + call(client).text();
                } catch (StatusException e) {
                    return e.status() + " " + e.executed() + " " + Thread.interrupted();
                }
            };
            Background<String> calling = Background.runVirtual(interrupted);
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                Background<String> queued = Background.runVirtual(interrupted);
                Eventually.get(client::stats, stats -> stats.waiting() == 1);
                heart.goesOn();
                queued.thread().interrupt();
                assertThat(queued.result()).isEqualTo("CANCELLED NO true");
                calling.thread().interrupt();
                assertThat(calling.result()).isEqualTo("CANCELLED MAYBE true");
                server.expectEnd();
            }
        }
    }

    @Test
    void closeOfTheClientEndsParkedCalls() throws Exception {
        try (Heartbeat heart = new Heartbeat();
                ScriptedPeer.Listening listening = listen()) {
            Client client = client(SOME);
            List<Background<Hello>> calls = begin(SOME, () -> call(client));
            List<ScriptedPeer> servers = new ArrayList<>();
            for (int i = 0; i < SOME; i++) servers.add(listening.accept());
            for (ScriptedPeer server : servers) server.receive();
            heart.goesOn();
            client.close();
            for (Background<Hello> call : calls) {
                StatusException failure = call.failure();
                assertThat(failure.status()).isEqualTo(Status.CANCELLED);
                assertThat(failure.description()).endsWith(": the client was closed");
            }
            for (ScriptedPeer server : servers) server.close();
        }
    }

    @Test
    void endOfTheServerEndsParkedCalls() throws Exception {
        try (Heartbeat heart = new Heartbeat();
                ScriptedPeer.Listening listening = listen();
                Client client = client(1)) {
            Background<Hello> call = Background.runVirtual(() -> call(client));
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                heart.goesOn();
            }
            assertThat(call.failure().status()).isEqualTo(Status.UNAVAILABLE);
        }
    }

    @Test
    void largeRequestsAndRepliesPark() throws Exception {
        Hello large = Hello.ofSize(3 << 20);
        try (Heartbeat heart = new Heartbeat();
                ScriptedPeer.Listening listening = listen();
                Client client = client(SOME)) {
            List<Background<Hello>> calls = begin(SOME, () -> client.call(Hello.SAY_HELLO, large));
            List<ScriptedPeer> servers = new ArrayList<>();
            for (int i = 0; i < SOME; i++) servers.add(listening.accept());
            heart.goesOn(); // nobody reads yet
            for (ScriptedPeer server : servers) server.receive();
            byte[] reply = Frame.reply(1, large).bytes();
            for (ScriptedPeer server : servers) server.send(reply);
            for (Background<Hello> call : calls) assertThat(call.result()).isEqualTo(large);
            for (ScriptedPeer server : servers) server.close();
        }
    }

    @Test
    void virtualAndPlatformThreadsTakeTurnsOnAConnection() throws Exception {
        try (Server server = Server.builder()
                        .listen(address())
                        .service(Hello.service())
                        .start();
                Client client = client(1)) {
            for (int i = 0; i < 20; i++) {
                assertThat(Background.runVirtual(() -> call(client)).result()).isEqualTo(Hello.of("Hello x"));
                assertThat(Background.run(() -> call(client)).result()).isEqualTo(Hello.of("Hello x"));
            }
            assertThat(client.stats().connects()).isEqualTo(1);
            assertThat(server.isDraining()).isFalse();
        }
    }

    // --- connecting --------------------------------------------------------------------------------------------------

    /** A backlog of one, and so many in it that no more are taken. */
    private List<OwnedFd> fill() throws IOException {
        List<OwnedFd> queued = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM, 0));
            fd.connect(address());
            queued.add(fd);
        }
        return queued;
    }

    @Test
    void fullBacklogParksTheConnectingUntilThereIsRoom() throws Exception {
        OwnedFd listening = OwnedFd.adopt(PosixSocket.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM, 0));
        listening.bind(address());
        listening.listen(1);
        List<OwnedFd> queued = fill();
        List<Client> clients = new ArrayList<>();
        try (Heartbeat heart = new Heartbeat();
                Client timed = client(1);
                Client other = client(1)) {
            Channel soon = timed.withTimeout(Duration.ofMillis(100));
            StatusException late = Background.runVirtual(() -> call(soon)).failure();
            assertThat(late.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
            assertThat(late.executed()).isEqualTo(Executed.NO);

            Background<Hello> interrupted = Background.runVirtual(() -> call(other));
            heart.goesOn();
            interrupted.thread().interrupt();
            assertThat(interrupted.failure().status()).isEqualTo(Status.CANCELLED);

            List<Background<Hello>> calls = new ArrayList<>();
            for (int i = 0; i < SOME; i++) {
                Client client = client(1);
                clients.add(client);
                calls.add(Background.runVirtual(() -> call(client)));
            }
            heart.goesOn();
            clients.get(0).close();
            assertThat(calls.get(0).failure().description()).endsWith(": the client is closed");
            for (int i = 0; i < queued.size(); i++) listening.accept().close();
            for (int i = 1; i < SOME; i++) {
                try (ScriptedPeer server = new ScriptedPeer(listening.accept())) {
                    server.receive();
                    server.send(Frame.reply(1, Hello.of("in")));
                }
            }
            for (Background<Hello> call : calls.subList(1, SOME))
                assertThat(call.result()).isEqualTo(Hello.of("in"));
        } finally {
            for (Client client : clients) client.close();
            for (OwnedFd fd : queued) fd.close();
            listening.close();
        }
    }

    @Test
    void tcpConnectsAndIsRefused() throws Exception {
        Sockaddr local;
        try (Server server = Server.builder()
                .listen("ipv4:127.0.0.1:0")
                .allowAnyLocalUser()
                .service(Hello.service())
                .start()) {
            local = server.addresses().get(0);
            try (Client client = Client.builder(local).allowAnyLocalUser().build()) {
                for (Background<Hello> call : begin(SOME, () -> call(client)))
                    assertThat(call.result()).isEqualTo(Hello.of("Hello x"));
            }
        }
        try (Client client = Client.builder(local).allowAnyLocalUser().build()) {
            StatusException failure = Background.runVirtual(() -> call(client)).failure();
            assertThat(failure.getMessage())
                    .startsWith("UNAVAILABLE (did not run)")
                    .contains("connect(" + local + "): ECONNREFUSED");
        }
    }

    // --- streams -----------------------------------------------------------------------------------------------------

    private Server streams(Streamer streamer) throws IOException {
        return Server.builder().listen(address()).service(streamer.service()).start();
    }

    @Test
    void lockOfTheCallerIsItsOwnInsideAConsumerThatWaits() throws Exception {
        Streamer streamer = new Streamer();
        CountDownLatch go = new CountDownLatch(1);
        streamer.count = (upTo, items) -> {
            items.accept(item(1));
            ServerConcurrencyTest.await(go);
            items.accept(item(2));
        };
        try (Heartbeat heart = new Heartbeat();
                Server server = streams(streamer);
                Client client = client(SOME)) {
            ReentrantLock lock = new ReentrantLock();
            CountDownLatch first = new CountDownLatch(1);
            Background<List<Boolean>> holds = Background.runVirtual(() -> {
                List<Boolean> held = new ArrayList<>();
                Thread caller = Thread.currentThread();
                lock.lock();
                try {
                    client.callServerStreaming(COUNT, item(2), reply -> {
                        first.countDown();
                        held.add(lock.isHeldByCurrentThread() && Thread.currentThread() == caller);
                    });
                } finally {
                    lock.unlock();
                }
                return held;
            });
            first.await();
            heart.goesOn();
            assertThat(lock.isLocked()).isTrue();
            go.countDown();
            assertThat(holds.result()).containsExactly(true, true);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void requestsOfACallBothWaysAreWalkedByAVirtualThread() throws Exception {
        try (Server server = streams(new Streamer());
                Client client = client(SOME)) {
            List<Background<Long>> calls = begin(SOME, () -> {
                AtomicLong sum = new AtomicLong();
                AtomicInteger strays = new AtomicInteger();
                Iterable<Int64Value> requests = () -> LongStream.rangeClosed(1, 5_000)
                        .peek(n -> {
                            if (!VirtualThreads.isCurrent()) strays.incrementAndGet();
                        })
                        .mapToObj(Streamer::item)
                        .iterator();
                client.callBidiStreaming(ECHO, requests, reply -> sum.addAndGet(reply.getValue()));
                return strays.get() == 0 ? sum.get() : -1;
            });
            for (Background<Long> call : calls) assertThat(call.result()).isEqualTo(5_000L * 5_001 / 2);
            assertThat(server.isDraining()).isFalse();
        }
    }

    @Test
    void clientStreamParksUntilItsReplyIsThere() throws Exception {
        Streamer streamer = new Streamer();
        CountDownLatch go = new CountDownLatch(1);
        var sum = streamer.sumUp;
        streamer.sumUp = items -> {
            ServerConcurrencyTest.await(go);
            return sum.apply(items);
        };
        try (Heartbeat heart = new Heartbeat();
                Server server = streams(streamer);
                Client client = client(SOME)) {
            // more than the socket takes: some park to send
            Iterable<Int64Value> requests = () ->
                    LongStream.rangeClosed(1, 100_000).mapToObj(Streamer::item).iterator();
            List<Background<Long>> calls = begin(
                    SOME, () -> client.callClientStreaming(SUM_UP, requests).getSeconds());
            heart.goesOn();
            go.countDown();
            for (Background<Long> call : calls) assertThat(call.result()).isEqualTo(100_000L * 100_001 / 2);
            assertThat(server.isDraining()).isFalse();
        }
    }

    /** Both wait for the same descriptor: one for room, one for a reply. */
    @Test
    void oneThreadParksToSendWhileAnotherParksToReceive() throws Exception {
        BytesValue large = BytesValue.of(ByteString.copyFrom(new byte[64 * 1024]));
        int messages = 64;
        try (Heartbeat heart = new Heartbeat();
                ScriptedPeer.Listening listening = listen();
                Client client = client(1)) {
            CountDownLatch started = new CountDownLatch(1);
            List<Call<BytesValue, BytesValue>> one = new ArrayList<>();
            Background<Boolean> sending = Background.runVirtual(() -> {
                Call<BytesValue, BytesValue> call = client.start(ECHO_BYTES);
                one.add(call);
                started.countDown();
                for (int i = 0; i < messages; i++) call.send(large);
                call.closeSend();
                return true;
            });
            started.await();
            Background<Integer> receiving = Background.runVirtual(() -> {
                int count = 0;
                while (one.get(0).receive() != null) count++;
                return count;
            });
            try (ScriptedPeer server = listening.accept()) {
                Frame request = server.receive();
                heart.goesOn(); // nobody reads and nobody writes
                server.send(new Frame(request.streamId(), Wire.DATA, 0, new byte[0]));
                heart.goesOn();
                for (int i = 0; i < messages; i++)
                    assertThat(server.receive().type()).isEqualTo(Wire.DATA);
                assertThat(server.receive().flags()).isEqualTo(Wire.REMOTE_CLOSED | Wire.NO_DATA);
                assertThat(sending.result()).isTrue();
                heart.goesOn();
                server.send(new Frame(request.streamId(), Wire.DATA, Wire.REMOTE_CLOSED | Wire.NO_DATA, new byte[0]));
                assertThat(receiving.result()).isEqualTo(1);
            }
        }
    }

    @Test
    void closeFromAnotherThreadEndsAParkedConversation() throws Exception {
        try (Heartbeat heart = new Heartbeat();
                Server server = streams(new Streamer());
                Client client = client(1)) {
            Call<Int64Value, Int64Value> call = client.start(ECHO);
            Background<Int64Value> receiving = Background.runVirtual(call::receive);
            heart.goesOn();
            call.close();
            assertThat(receiving.failure().status()).isEqualTo(Status.CANCELLED);
            assertThat(server.isDraining()).isFalse();
        }
    }
}

package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a server takes from one peer and from all, and how long it waits: each limit is hit, named and counted. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class ServerLimitsTest {
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration LATER = Duration.ofMinutes(5);
    private static final long UID = PosixSocket.geteuid();

    @TempDir
    Path directory;

    private final Logged logged = new Logged();
    private final List<ScriptedPeer> peers = new ArrayList<>();
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger collected = new AtomicInteger();
    private Server server;
    private Path path;

    private Server.Builder builder() {
        path = directory.resolve("s");
        return Server.builder().listen(SockaddrUn.path(path)).service(Hello.service(request -> {
            if (request.text().startsWith("wait")) {
                running.countDown();
                ServerConcurrencyTest.await(go);
                return Hello.DEFAULT;
            }
            if (request.text().equals("large")) return Hello.ofSize(1 << 20);
            return Hello.greet(request);
        }));
    }

    private ScriptedPeer connect() throws IOException {
        ScriptedPeer peer = ScriptedPeer.connect(path);
        peers.add(peer);
        return peer;
    }

    @AfterEach
    void stop() {
        go.countDown();
        peers.forEach(ScriptedPeer::close);
        if (server != null) server.close();
        logged.close();
    }

    private static Frame request(int id, String text) {
        return Frame.request(id, Hello.SAY_HELLO, Hello.of(text));
    }

    /** A request whose body has this many bytes. */
    private static Frame requestOf(int id, int length) {
        Frame frame = request(id, "x".repeat(length));
        return request(id, "x".repeat(2 * length - frame.body().length));
    }

    private static byte[] allButTheEnd(Frame frame) {
        return Arrays.copyOf(frame.bytes(), frame.bytes().length - 1);
    }

    private void expectAlive(ScriptedPeer peer, int id) throws IOException {
        peer.send(request(id, "y")).expect(Frame.reply(id, Hello.of("Hello y")));
    }

    private ServerStats awaitStats(java.util.function.Predicate<ServerStats> expected) {
        return Eventually.get(server::stats, expected);
    }

    private void expectNothingInFlight() {
        Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes == 0);
    }

    @Test
    void longestMessageIsTheServersChoice() throws IOException {
        server = builder().maxMessageSize(1000).start();
        ScriptedPeer peer = connect();
        Frame longest = requestOf(1, 1000);
        assertThat(longest.body()).hasSize(1000);
        peer.send(longest);
        assertThat(peer.receive().contains("Hello xxx")).isTrue();
        peer.send(requestOf(3, 1001));
        peer.expect(Frame.failure(3, 8, "message length 1001 exceed maximum message size of 1000"));
        expectAlive(peer, 5);
        assertThat(awaitStats(stats -> stats.answered() == 2)).returns(1L, ServerStats::oversized);
    }

    @Test
    void manyTooLongMessagesAndAGoodOneMayComeInOneWrite() throws IOException {
        server = builder().maxMessageSize(200).start();
        for (boolean promise : new boolean[] {false, true}) {
            ScriptedPeer peer = connect();
            List<Frame> frames = new ArrayList<>();
            frames.add(promise ? request(1, "y").withPromise() : request(1, "y"));
            for (int id = 3; id < 403; id += 2) frames.add(requestOf(id, 201));
            frames.add(request(403, "y"));
            peer.send(Frame.join(frames));
            List<Frame> answers = new ArrayList<>();
            for (Frame ignored : frames) answers.add(peer.receive());
            assertThat(answers)
                    .contains(Frame.reply(1, Hello.of("Hello y")), Frame.reply(403, Hello.of("Hello y")))
                    .contains(Frame.failure(401, 8, "message length 201 exceed maximum message size of 200"));
        }
    }

    @Test
    void metadataIsBoundedAsTheServerSays() throws IOException {
        server = builder().maxMetadataEntries(1).maxMetadataBytes(20).start();
        ScriptedPeer peer = connect();
        byte[] none = {};
        peer.send(Frame.request(1, Hello.SERVICE, "SayHello", none, 0, "a", "1", "b", "2"));
        peer.expect(Frame.failure(1, 8, "metadata has more than 1 entries (maxMetadataEntries)"));
        peer.send(Frame.request(3, Hello.SERVICE, "SayHello", none, 0, "a", "12345678901234567890"));
        peer.expect(Frame.failure(3, 8, "metadata is longer than 20 bytes (maxMetadataBytes)"));
        expectAlive(peer, 5);
        assertThat(awaitStats(stats -> stats.answered() == 1)).returns(2L, ServerStats::refused);
    }

    @Test
    void aUsersPartsOfFramesAreSixteenMebibytesAtMost() throws IOException {
        server = builder().start();
        byte[] part = allButTheEnd(requestOf(1, 4_000_000));
        for (int i = 0; i < 4; i++) {
            connect().send(part);
            long frames = i + 1L;
            // an array that an earlier frame has left may be a little longer, and is charged as it is
            long charged = Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes >= frames * 4_000_000);
            assertThat(charged).isLessThanOrEqualTo(frames * Wire.MAX_BODY);
        }
        ScriptedPeer fifth = connect();
        fifth.send(requestOf(1, 4_000_000)); // it is discarded as it comes
        Frame refused = fifth.receive(); // it tells how many, which is by what came in one read
        assertThat(refused.streamId()).isOne();
        assertThat(refused.contains("requests being received from uid " + UID + " and served have 16"))
                .isTrue();
        assertThat(refused.contains(" bytes, maxBytesInFlightPerUser is 16777216"))
                .isTrue();
        expectAlive(fifth, 3);
        assertThat(awaitStats(stats -> stats.answered() == 1)).returns(1L, ServerStats::refused);
        for (int i = 0; i < 4; i++) peers.get(i).send(new byte[] {'x'});
        for (int i = 0; i < 4; i++)
            assertThat(peers.get(i).receive().streamId()).isOne();
        expectNothingInFlight();
        fifth.send(requestOf(5, 4_000_000));
        assertThat(fifth.receive().contains("Hello xxx")).isTrue();
        expectNothingInFlight();
    }

    @Test
    void partsOfFramesOfConnectionsThatEndCountNoMore() throws IOException {
        server = builder().maxBytesInFlight(1_000_000).start();
        for (int i = 0; i < 20; i++) {
            ScriptedPeer peer = connect();
            peer.send(allButTheEnd(requestOf(1, 600_000)));
            Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes >= 600_000);
            ScriptedPeer other = connect();
            other.send(requestOf(1, 600_000));
            Frame refused = other.receive();
            assertThat(refused.contains("maxBytesInFlight is 1000000")).isTrue();
            other.close();
            peer.close();
            expectNothingInFlight();
        }
    }

    @Test
    void requestsCountUntilTheyAreAnswered() throws IOException {
        server = builder().maxBytesInFlightPerUser(1_000_000).start();
        for (boolean promise : new boolean[] {false, true}) {
            ScriptedPeer busy = connect();
            Frame request = request(1, "wait" + "x".repeat(600_000));
            busy.send(promise ? request.withPromise() : request);
            ServerConcurrencyTest.await(running);
            if (!promise) {
                ScriptedPeer other = connect();
                other.send(requestOf(1, 600_000));
                assertThat(other.receive().contains("maxBytesInFlightPerUser is 1000000"))
                        .isTrue();
                go.countDown();
            }
            busy.expect(Frame.reply(1, Hello.DEFAULT));
            expectNothingInFlight();
        }
    }

    private static final MethodDescriptor<Hello, Hello> COLLECT =
            MethodDescriptor.clientStreaming("demo.Collector", "Collect", Hello.PARSER, Hello.PARSER);

    private Server.Builder collector() {
        path = directory.resolve("s");
        return Server.builder()
                .listen(SockaddrUn.path(path))
                .service(ServiceDefinition.builder("demo.Collector")
                        .clientStreaming(COLLECT, requests -> {
                            ServerConcurrencyTest.await(go);
                            int count = 0;
                            for (Hello ignored : requests) {
                                count++;
                                collected.incrementAndGet();
                            }
                            return new Hello("", count);
                        })
                        .build());
    }

    private static Frame open(int id) {
        Frame request = Frame.request(id, "demo.Collector", "Collect", new byte[0], 0);
        return new Frame(id, Wire.REQUEST, Wire.REMOTE_OPEN | Wire.NO_DATA, request.body());
    }

    private static Frame message(int id, int length) {
        return new Frame(id, Wire.DATA, 0, Hello.ofSize(length).toByteArray());
    }

    private static Frame close(int id) {
        return new Frame(id, Wire.DATA, Wire.REMOTE_CLOSED | Wire.NO_DATA, new byte[0]);
    }

    @Test
    void messagesThatWaitInAnInboxCountAndTheRestWaitsForTheHandler() throws Exception {
        long half = 150_000;
        server = collector().maxBytesInFlightPerUser(2 * half).start();
        ScriptedPeer peer = connect();
        Background<Boolean> sending = Background.run(() -> {
            peer.send(open(1));
            for (int i = 0; i < 40; i++) peer.send(message(1, 10_000)); // no single one is counted
            peer.send(close(1));
            return true;
        });
        Eventually.get(() -> server.bytesInFlight().bytes(), bytes -> bytes > half - (1 << 16));
        assertThat(server.bytesInFlight().bytes()).isLessThanOrEqualTo(half);
        go.countDown();
        peer.expect(Frame.reply(1, new Hello("", 40)));
        assertThat(sending.result()).isTrue();
        expectNothingInFlight();
    }

    @Test
    void aLongMessageOfAStreamCountsOnce() throws IOException {
        server = collector().maxBytesInFlightPerUser(300_000).start();
        go.countDown();
        ScriptedPeer peer = connect();
        peer.send(open(1)).send(message(1, 200_000));
        Eventually.get(collected::get, count -> count == 1); // its handler has it: it counts no more
        peer.send(message(1, 200_000)).send(close(1));
        peer.expect(Frame.reply(1, new Hello("", 2)));
        expectNothingInFlight();
    }

    @Test
    void manyStreamsOfOneUserAreHeldBackAndNotFailed() throws Exception {
        server = collector().start();
        List<Background<Frame>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ScriptedPeer peer = connect();
            answers.add(Background.run(() -> {
                peer.send(open(1));
                for (int n = 0; n < 60; n++) peer.send(message(1, 16_000));
                peer.send(close(1));
                return peer.receive();
            }));
        }
        Eventually.get(
                () -> server.bytesInFlight().bytes(),
                bytes -> bytes > BytesInFlight.DEFAULT_MAX_PER_USER / 2 - (1 << 16));
        go.countDown();
        for (Background<Frame> answer : answers)
            assertThat(answer.result()).isEqualTo(Frame.reply(1, new Hello("", 60)));
        expectNothingInFlight();
    }

    @Test
    void peerThatNeverSaysAnythingIsHungUpOn() throws IOException {
        server = builder().firstFrameTimeout(SOON).frameTimeout(LATER).start();
        ScriptedPeer silent = connect();
        silent.expectEnd();
        ScriptedPeer mumbling = connect();
        mumbling.send(new byte[] {0, 0});
        mumbling.expectEnd();
        assertThat(awaitStats(stats -> stats.timedOut() == 2)).isNotNull();
        assertThat(logged.lines()).first().asString().contains("firstFrameTimeout", "frameTimeout");
    }

    @Test
    void frameThatComesByteByByteIsCutOff() throws Exception {
        server = builder().frameTimeout(SOON).start();
        Frame promised = request(1, "y").withPromise();
        for (Frame first : List.of(request(1, "y"), promised)) {
            long before = server.stats().timedOut();
            ScriptedPeer peer = connect();
            peer.send(first).expect(Frame.reply(1, Hello.of("Hello y")));
            byte[] slow = requestOf(3, 1_000_000).bytes();
            Background<Integer> dripping = Background.run(() -> {
                int sent = 0;
                try {
                    for (; sent < slow.length; sent++) {
                        peer.send(new byte[] {slow[sent]});
                        TimeUnit.MILLISECONDS.sleep(1);
                    }
                } catch (IOException e) {
                    return sent; // it was hung up on
                }
                return sent;
            });
            assertThat(dripping.result()).isBetween(1, slow.length - 1);
            awaitStats(stats -> stats.timedOut() == before + 1);
        }
        assertThat(logged.lines()).isNotEmpty().first().asString().contains("frameTimeout");
        awaitStats(stats -> stats.connections() == 0);
    }

    @Test
    void aDiscardedFrameHasItsTimeToo() throws IOException {
        server = builder().frameTimeout(SOON).start();
        ScriptedPeer peer = connect();
        peer.send(Frame.header(5_000_000, 1, 1));
        peer.expect(Frame.failure(1, 8, "message length 5000000 exceed maximum message size of 4194304"));
        peer.expectEnd();
        assertThat(awaitStats(stats -> stats.timedOut() == 1)).returns(1L, ServerStats::oversized);
    }

    /** Time passes here while a third connection's runs out. */
    @Test
    void aCallThatTakesItsTimeIsNoLateFrame() throws IOException {
        server = builder().firstFrameTimeout(SOON).frameTimeout(SOON).start();
        for (boolean promise : new boolean[] {false, true}) {
            ScriptedPeer peer = connect();
            byte[] frame = (promise ? request(1, "wait").withPromise() : request(1, "wait")).bytes();
            peer.send(Arrays.copyOf(frame, 15));
            peer.send(Arrays.copyOfRange(frame, 15, frame.length));
            ServerConcurrencyTest.await(running);
            connect().expectEnd();
            connect().expectEnd();
            go.countDown();
            peer.expect(Frame.reply(1, Hello.DEFAULT));
            connect().expectEnd();
            expectAlive(peer, 3); // nor is one between two calls
        }
    }

    /** Time passes here until the other connection, which was accepted later, is hung up on. */
    @Test
    void whatWaitsToBeReadIsNotLate() throws IOException {
        server = builder()
                .firstFrameTimeout(Duration.ofSeconds(2))
                .maxWorkers(1)
                .overloadAfter(LATER)
                .start();
        ScriptedPeer waiting = connect();
        awaitStats(stats -> stats.connections() == 1);
        ScriptedPeer silent = connect();
        connect().send(request(1, "wait"));
        ServerConcurrencyTest.await(running);
        waiting.send(request(1, "y"));
        silent.expectEnd();
        go.countDown();
        waiting.expect(Frame.reply(1, Hello.of("Hello y")));
    }

    @Test
    void peerThatTakesNoAnswerIsHungUpOn() throws IOException {
        server = builder().writeTimeout(SOON).start();
        for (boolean promise : new boolean[] {false, true}) {
            long before = server.stats().timedOut();
            ScriptedPeer peer = connect();
            peer.send(promise ? request(1, "large").withPromise() : request(1, "large"));
            awaitStats(stats -> stats.timedOut() == before + 1 && stats.connections() == 0);
        }
        assertThat(logged.lines()).first().asString().contains("took no byte for PT0.2S (writeTimeout)");
    }

    @Test
    void everyOutcomeIsCounted() throws IOException {
        server = builder().start();
        ScriptedPeer peer = connect();
        peer.send(Frame.request(1, "No.Such", "M", new byte[0], 0)).receive();
        peer.send(Frame.request(2, Hello.SAY_HELLO, Hello.DEFAULT)).receive();
        peer.send(new Frame(3, 1, 0, new byte[] {(byte) 0xff})).receive();
        peer.send(Frame.request(5, Hello.SERVICE, "SayHello", new byte[] {(byte) 0xff}, 0))
                .receive();
        peer.send(Frame.request(7, Hello.SAY_HELLO, Hello.of("wait"), 1_000_000))
                .receive(); // its time passes
        peer.send(Frame.request(9, Hello.SAY_HELLO, Hello.DEFAULT, -1)).receive();
        expectAlive(peer, 11);
        go.countDown();
        ServerStats stats = awaitStats(now -> now.started() == now.answered() + now.failed() + now.cancelled());
        assertThat(stats)
                .returns(1L, ServerStats::unimplemented)
                .returns(3L, ServerStats::malformed)
                .returns(3L, ServerStats::started)
                .returns(1L, ServerStats::answered)
                .returns(0L, ServerStats::failed)
                .returns(2L, ServerStats::cancelled);
        awaitStats(now -> now.lateReplies() == 1);
        ScriptedPeer web = connect();
        web.send("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .expectEnd();
        awaitStats(now -> now.malformed() == 4);
    }

    @Test
    void settingsAreValidated() {
        assertThatThrownBy(() -> Server.builder().maxMessageSize((4 << 20) + 1))
                .hasMessage("maxMessageSize is 4194305, must be from 1 to 4194304");
        assertThatThrownBy(() -> Server.builder().maxMessageSize(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Server.builder().maxMetadataEntries(0))
                .hasMessage("maxMetadataEntries is 0, must be at least 1");
        assertThatThrownBy(() -> Server.builder().maxMetadataBytes(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Server.builder().maxBytesInFlight(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Server.builder().maxBytesInFlightPerUser(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Server.builder().firstFrameTimeout(Duration.ZERO))
                .hasMessage("firstFrameTimeout is PT0S, must be more than zero");
        assertThatThrownBy(() -> Server.builder().frameTimeout(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Server.builder().writeTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

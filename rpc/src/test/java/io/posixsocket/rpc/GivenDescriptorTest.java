package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A client on one connection that somebody else made. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class GivenDescriptorTest {
    private static final Duration SOON = Duration.ofMillis(300);

    @TempDir
    Path directory;

    private OwnedFd near;
    private ScriptedPeer server;
    private Client client;

    /** What is loaded on first use may take longer than a call that is to expire. */
    @BeforeAll
    static void load() throws IOException {
        try (Server any = Server.builder().service(Hello.service()).start();
                Client client = any.connect()) {
            client.withTimeout(Duration.ofMinutes(1)).call(Hello.SAY_HELLO, Hello.of("x"));
        }
    }

    private void start() throws IOException {
        pair();
        client = Client.connect(near);
    }

    private void pair() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        near = OwnedFd.adopt(pair[0]);
        server = new ScriptedPeer(OwnedFd.adopt(pair[1]));
    }

    @AfterEach
    void stop() {
        if (client != null) client.close();
        if (near != null) near.close();
        if (server != null) server.close();
    }

    private Background<Hello> begin(Channel channel, Hello request) {
        return Background.run(() -> channel.call(Hello.SAY_HELLO, request));
    }

    private void expectAlive(int id) throws Exception {
        Background<Hello> call = begin(client, Hello.of("still"));
        server.expect(Frame.request(id, Hello.SAY_HELLO, Hello.of("still"))); // no promise
        server.send(Frame.reply(id, Hello.of("ok")));
        assertThat(call.result()).isEqualTo(Hello.of("ok"));
    }

    private void expire(Hello request, Executed executed) throws Exception {
        StatusException failure = begin(client.withTimeout(SOON), request).failure();
        assertThat(failure.status()).as(failure.getMessage()).isEqualTo(Status.DEADLINE_EXCEEDED);
        assertThat(failure.executed()).isEqualTo(executed);
    }

    @Test
    void callsOfSeveralThreadsTakeTurnsOnItWithoutThePromise() throws Exception {
        start();
        assertThat(near.isOpen()).as("it is the client's").isFalse();
        List<Background<Hello>> calls = List.of(begin(client, Hello.of("a")), begin(client, Hello.of("a")));
        for (int id : new int[] {1, 3}) {
            server.expect(Frame.request(id, Hello.SAY_HELLO, Hello.of("a")));
            assertThat(server.hasNothing()).isTrue();
            server.send(Frame.reply(id, Hello.of("ok")));
        }
        for (Background<Hello> call : calls) assertThat(call.result()).isEqualTo(Hello.of("ok"));
        expectAlive(5);
        assertThat(client.stats().connects()).isEqualTo(1);
    }

    @Test
    void expiredCallLeavesItAliveAndItsLateReplyIsDropped() throws Exception {
        start();
        expire(Hello.of("late"), Executed.MAYBE);
        expire(Hello.of("later"), Executed.MAYBE);
        server.receive();
        server.receive();
        Background<Hello> call = begin(client, Hello.of("x"));
        assertThat(server.receive().streamId()).isEqualTo(5);
        server.send(Frame.reply(3, Hello.of("late")));
        server.send(Frame.reply(1, Hello.of("later")));
        server.send(Frame.reply(5, Hello.of("right")));
        assertThat(call.result()).isEqualTo(Hello.of("right"));
        assertThat(client.stats().discarded()).isZero();
    }

    /** The server is told by nothing less. */
    @Test
    void streamThatExpiresEndsIt() throws Exception {
        start();
        Channel soon = client.withTimeout(SOON);
        StatusException failure = catchThrowableOfType(
                StatusException.class, () -> soon.callServerStreaming(Streamer.COUNT, Streamer.item(1), reply -> {}));
        assertThat(failure.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        server.receive();
        server.expectEnd();
        assertThat(begin(client, Hello.of("x")).failure().status()).isEqualTo(Status.UNAVAILABLE);
    }

    @Test
    void replyCutByTheDeadlineIsReadToItsEndByTheNextCall() throws Exception {
        start();
        byte[] reply = Frame.reply(1, Hello.of("x".repeat(1_000))).bytes();
        server.send(Arrays.copyOf(reply, 500));
        expire(Hello.of("late"), Executed.MAYBE);
        server.receive();
        server.send(Arrays.copyOfRange(reply, 500, reply.length));
        expectAlive(3);
    }

    @Test
    void requestCutByTheDeadlineEndsIt() throws Exception {
        start();
        expire(Hello.ofSize(4_000_000), Executed.NO);
        StatusException failure = begin(client, Hello.of("x")).failure();
        assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(failure.executed()).isEqualTo(Executed.NO);
        assertThat(failure.description())
                .endsWith(": the connection has ended, and a client on a given descriptor cannot connect again");
    }

    @Test
    void requestOfWhichNothingWasSentLeavesItAlive() throws Exception {
        pair();
        ScriptedPeer filling = new ScriptedPeer(near);
        byte[] frame = new Frame(0, 9, 0, new byte[0]).bytes();
        int frames = 0;
        while (filling.sendUntilFull(frame) == frame.length) frames++;
        client = Client.connect(near);
        expire(Hello.of("x"), Executed.NO);
        for (int i = 0; i < frames; i++) server.receive();
        expectAlive(1);
    }

    @Test
    void answersAreReadWhileTheRequestIsWritten() throws Exception {
        start();
        expire(Hello.of("late"), Executed.MAYBE);
        server.receive();
        Background<Hello> call = begin(client, Hello.ofSize(4_000_000));
        Hello late = Hello.ofSize(3_000_000); // neither fits the socket's buffer: one side has to read
        server.send(Frame.reply(1, late));
        server.receive();
        server.send(Frame.reply(3, Hello.of("right")));
        assertThat(call.result()).isEqualTo(Hello.of("right"));
    }

    @Test
    void answerThatComesBeforeTheRequestIsWrittenIsTheOutcome() throws Exception {
        start();
        Background<Hello> call = begin(client, Hello.ofSize(4_000_000));
        server.send(Frame.failure(1, 8, "too much for me"));
        server.receive();
        assertThat(call.failure().getMessage()).isEqualTo("RESOURCE_EXHAUSTED: too much for me");
        expectAlive(3);
    }

    @Test
    void serverThatEndsItEndsTheClient() throws Exception {
        start();
        Background<Hello> call = begin(client, Hello.of("x"));
        server.receive();
        server.close();
        assertThat(call.failure().executed()).isEqualTo(Executed.MAYBE);
        StatusException failure =
                begin(client.withWaitForReady(), Hello.of("x")).failure();
        assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(failure.executed()).isEqualTo(Executed.NO);
    }

    @Test
    void interruptEndsTheCallAndTheConnection() throws Exception {
        start();
        Background<Hello> call = begin(client, Hello.of("x"));
        server.receive();
        call.thread().interrupt();
        assertThat(call.failure().status()).isEqualTo(Status.CANCELLED);
        server.expectEnd();
    }

    @Test
    void clientThatNeverCalledClosesItToo() throws Exception {
        start();
        client.close();
        server.expectEnd();
    }

    @Test
    void policyIsAskedIfThereIsOne() throws Exception {
        pair();
        client = Client.builder(near).authorize(peer -> false).noSpin().build();
        StatusException failure =
                catchThrowableOfType(StatusException.class, () -> client.call(Hello.SAY_HELLO, Hello.of("x")));
        assertThat(failure.status()).isEqualTo(Status.PERMISSION_DENIED);
        assertThat(server.hasNothing()).isTrue();
    }

    @Test
    void descriptorThatIsNotConnectedIsRefusedAndStaysTheCallers() throws Exception {
        near = OwnedFd.adopt(PosixSocket.socket(AF_INET, SOCK_STREAM, 0));
        assertThatThrownBy(() -> Client.connect(near))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("ENOTCONN");
        assertThat(near.isOpen()).isTrue();
    }

    @Test
    void ourServerAnswersAfterACallExpired() throws Exception {
        SockaddrUn path = SockaddrUn.path(directory.resolve("s"));
        near = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
        try (Server real =
                Server.builder().listen(path).service(Hello.service()).start()) {
            near.connect(path);
            client = Client.connect(near);
            for (int i = 0; i < 20; i++) {
                Channel hurried = client.withTimeout(Duration.ofNanos(50_000));
                try {
                    hurried.call(Hello.SAY_HELLO, Hello.of("x"));
                } catch (StatusException e) {
                    assertThat(e.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
                }
                assertThat(client.call(Hello.SAY_HELLO, Hello.of("y"))).isEqualTo(Hello.of("Hello y"));
            }
            assertThat(client.stats().connects()).isEqualTo(1);
            assertThat(real.isDraining()).isFalse();
        }
    }
}

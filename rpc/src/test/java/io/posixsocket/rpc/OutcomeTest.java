package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.POLLIN;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_RCVBUF;
import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a failure says of the call's effect, and what the library does about it, over both kinds of socket. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class OutcomeTest {
    private enum Transport {
        UNIX,
        TCP
    }

    /** Larger than what the sockets take while nobody reads. */
    private static final Hello LARGE = Hello.ofSize(4_000_000);

    @TempDir
    Path directory;

    private Transport transport;
    private ScriptedPeer.Listening listening;
    private Sockaddr address;
    private Client client;

    private void start(Transport which) throws IOException {
        transport = which;
        Sockaddr wanted =
                which == Transport.UNIX ? SockaddrUn.path(directory.resolve("s")) : Sockaddr.parse("ipv4:127.0.0.1:0");
        OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(which == Transport.UNIX ? AF_UNIX : AF_INET, SOCK_STREAM, 0));
        listening = new ScriptedPeer.Listening(fd);
        if (which == Transport.TCP) fd.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096);
        fd.bind(wanted);
        fd.listen(16);
        address = fd.getsockname();
        Client.Builder builder = Client.builder(address);
        client = (which == Transport.UNIX ? builder : builder.allowAnyLocalUser()).build();
    }

    @AfterEach
    void stop() {
        client.close();
        listening.close();
    }

    private Background<Hello> begin(Channel channel, Hello request) {
        return Background.run(() -> channel.call(Hello.SAY_HELLO, request));
    }

    private Background<Hello> begin() {
        return begin(client, Hello.of("x"));
    }

    private ScriptedPeer acceptPartOfARequest() throws IOException {
        ScriptedPeer server = listening.accept();
        assertThat(server.fd().poll(POLLIN, -1)).isNotZero();
        return server;
    }

    private void expect(Background<Hello> call, Status status, Executed executed) throws Exception {
        StatusException failure = call.failure();
        assertThat(failure.status()).as(failure.getMessage()).isEqualTo(status);
        assertThat(failure.executed()).as(failure.getMessage()).isEqualTo(executed);
        assertThat(failure.description()).contains("SayHello at " + address);
    }

    private void expectNotMadeAgain() throws IOException {
        assertThat(listening.hasClient()).as("made again").isFalse();
        assertThat(client.stats().retries()).isZero();
    }

    /** On TCP a byte that was taken may have arrived, whatever happened to the rest. */
    private Executed cutShort() {
        return transport == Transport.UNIX ? Executed.NO : Executed.MAYBE;
    }

    // --- before the first byte ---------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void failedConnectDidNotRun(Transport which) throws Exception {
        start(which);
        listening.close();
        expect(begin(), Status.UNAVAILABLE, Executed.NO);
        assertThat(client.stats().failedConnects()).isEqualTo(1);
        assertThat(client.stats().retries()).as("the default fails fast").isZero();
    }

    @ParameterizedTest
    @EnumSource
    void interruptBeforeTheCallDidNotRun(Transport which) throws Exception {
        start(which);
        Background<Hello> call = Background.run(() -> {
            Thread.currentThread().interrupt();
            return client.call(Hello.SAY_HELLO, Hello.of("x"));
        });
        expect(call, Status.CANCELLED, Executed.NO);
        assertThat(listening.hasClient()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void connectionThatEndedWhileIdleIsReplacedUnseen(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin();
        try (ScriptedPeer server = listening.accept()) {
            server.receive();
            server.send(Frame.reply(1, Hello.of("one")));
            call.result();
        }
        Thread.sleep(2); // on TCP a connection that was idle for 1 ms is looked at: time itself is what is tested
        call = begin();
        try (ScriptedPeer server = listening.accept()) {
            server.expect(Frame.request(1, Hello.SAY_HELLO, Hello.of("x")).withPromise());
            assertThat(listening.hasClient()).isFalse();
            server.send(Frame.reply(1, Hello.of("two")));
            assertThat(call.result()).isEqualTo(Hello.of("two"));
        }
        boolean unix = which == Transport.UNIX;
        assertThat(client.stats().retries()).as("UNIX learns it by EPIPE").isEqualTo(unix ? 1 : 0);
        assertThat(client.stats().stale()).as("TCP looks").isEqualTo(unix ? 0 : 1);
    }

    // --- inside the Request frame ------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void requestCutShortByTheServer(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin(client, LARGE);
        int attempts = which == Transport.UNIX ? 3 : 1;
        for (int i = 0; i < attempts; i++) acceptPartOfARequest().close();
        expect(call, Status.UNAVAILABLE, cutShort());
        assertThat(client.stats().retries()).isEqualTo(attempts - 1);
        assertThat(client.stats().failedConnects()).as("none has ever replied").isEqualTo(attempts);
        assertThat(listening.hasClient()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void requestCutShortByTheDeadline(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin(client.withTimeout(Duration.ofMillis(500)), LARGE);
        try (ScriptedPeer server = acceptPartOfARequest()) {
            expect(call, Status.DEADLINE_EXCEEDED, cutShort());
            assertThat(server.fd().isOpen()).isTrue();
        }
        expectNotMadeAgain();
    }

    @ParameterizedTest
    @EnumSource
    void requestCutShortByAnInterrupt(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin(client, LARGE);
        try (ScriptedPeer server = acceptPartOfARequest()) {
            call.thread().interrupt();
            expect(call, Status.CANCELLED, cutShort());
            assertThat(server.fd().isOpen()).isTrue();
        }
        expectNotMadeAgain();
    }

    @ParameterizedTest
    @EnumSource
    void requestCutShortByClose(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin(client, LARGE);
        try (ScriptedPeer server = acceptPartOfARequest()) {
            client.close();
            expect(call, Status.CANCELLED, cutShort());
            assertThat(server.fd().isOpen()).isTrue();
        }
        expectNotMadeAgain();
    }

    @ParameterizedTest
    @EnumSource
    void answerThatIsQueuedWhenTheRequestIsCutShortIsTheOutcome(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin(client, LARGE);
        try (ScriptedPeer server = acceptPartOfARequest()) {
            server.send(Frame.join(List.of(Frame.reply(7, Hello.of("other")), Frame.failure(1, 8, "too much for me"))));
        }
        StatusException failure = call.failure();
        assertThat(failure.getMessage()).isEqualTo("RESOURCE_EXHAUSTED: too much for me");
        assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
        expectNotMadeAgain();
    }

    // --- after it ----------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void requestThatWasTakenAndRead(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin();
        try (ScriptedPeer server = listening.accept()) {
            server.receive();
        }
        expect(call, Status.UNAVAILABLE, Executed.MAYBE);
        expectNotMadeAgain();
    }

    @ParameterizedTest
    @EnumSource
    void requestThatWasTakenAndNotRead(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin();
        acceptPartOfARequest().close();
        expect(call, Status.UNAVAILABLE, Executed.MAYBE);
        expectNotMadeAgain();
    }

    @ParameterizedTest
    @EnumSource
    void deadlineAfterTheRequestWasTaken(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin(client.withTimeout(Duration.ofMillis(500)), Hello.of("x"));
        try (ScriptedPeer server = listening.accept()) {
            expect(call, Status.DEADLINE_EXCEEDED, Executed.MAYBE);
            server.receive();
            server.expectEnd();
        }
        expectNotMadeAgain();
        assertThat(client.stats().failedConnects()).isZero();
        assertThat(client.stats().discarded()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void interruptAfterTheRequestWasTaken(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin();
        try (ScriptedPeer server = listening.accept()) {
            server.receive();
            call.thread().interrupt();
            expect(call, Status.CANCELLED, Executed.MAYBE);
            server.expectEnd();
        }
        expectNotMadeAgain();
    }

    @ParameterizedTest
    @EnumSource
    void closeAfterTheRequestWasTaken(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin();
        try (ScriptedPeer server = listening.accept()) {
            server.receive();
            client.close();
            expect(call, Status.CANCELLED, Executed.MAYBE);
        }
        expectNotMadeAgain();
    }

    @ParameterizedTest
    @EnumSource
    void whateverTheServerAnsweredMayHaveRun(Transport which) throws Exception {
        start(which);
        Background<Hello> call = begin();
        try (ScriptedPeer server = listening.accept()) {
            for (int code = 1; code <= 16; code++) {
                int id = 2 * code - 1;
                assertThat(server.receive().streamId()).isEqualTo(id);
                server.send(Frame.failure(id, code, "as told"));
                StatusException failure = call.failure();
                assertThat(failure.description()).isEqualTo("as told");
                assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
                call = begin();
            }
            server.receive();
            server.send(Frame.reply(33, Hello.of("and lives")));
            assertThat(call.result()).isEqualTo(Hello.of("and lives"));
        }
        expectNotMadeAgain();
    }
}

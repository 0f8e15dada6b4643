package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.posixsocket.Errno;
import io.posixsocket.PeerCredentials;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ResourceBundle;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Who gets a connection, and how many. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class DoorsTest {
    private static final long UID = PosixSocket.geteuid();

    @TempDir
    Path directory;

    private final Logged logged = new Logged();
    private Path path;
    private Server server;

    private Server.Builder builder() {
        path = directory.resolve("s");
        return Server.builder().listen(SockaddrUn.path(path)).service(Hello.service());
    }

    @AfterEach
    void stop() {
        if (server != null) server.close();
        logged.close();
    }

    private ScriptedPeer served() throws IOException {
        ScriptedPeer peer = ScriptedPeer.connect(path);
        peer.send(Frame.request(1, Hello.SAY_HELLO, Hello.of("x"))).expect(Frame.reply(1, Hello.of("Hello x")));
        return peer;
    }

    private void refused() throws IOException {
        try (ScriptedPeer peer = ScriptedPeer.connect(path)) {
            peer.expectEnd();
        }
    }

    /** What has happened by then happens soon: the server counts on other threads. */
    private ServerStats awaitStats(Predicate<ServerStats> expected) {
        return Eventually.get(server::stats, expected);
    }

    private static void expect(ServerStats stats, long accepted, long denied, long overLimit, int connections) {
        assertThat(stats)
                .returns(accepted, ServerStats::accepted)
                .returns(denied, ServerStats::denied)
                .returns(overLimit, ServerStats::overLimit)
                .returns(0L, ServerStats::acceptErrors)
                .returns(connections, ServerStats::connections);
    }

    // --- who ---------------------------------------------------------------------------------------------------------

    @Test
    void deniedPeerGetsNoByteAndIsCountedAndLogged() throws IOException {
        server = builder().authorize(PeerPolicy.uid(UID + 1)).start();
        refused();
        refused();
        expect(awaitStats(stats -> stats.denied() == 2), 2, 2, 0, 0);
        assertThat(logged.lines())
                .first()
                .asString()
                .startsWith("WARNING: peer denied at unix:" + path + ": pid "
                        + ProcessHandle.current().pid() + ", uid " + UID)
                .endsWith(", permitted is uid " + (UID + 1));
    }

    @Test
    void policyThatThrowsDenies() throws IOException {
        PeerPolicy policy = new PeerPolicy() {
            @Override
            public boolean permits(PeerCredentials peer) {
                throw new IllegalStateException("the table of users is away");
            }

            @Override
            public String toString() {
                return "table of users";
            }
        };
        server = builder().authorize(policy).start();
        refused();
        assertThat(awaitStats(stats -> stats.denied() == 1).accepted()).isEqualTo(1);
        assertThat(logged.lines())
                .hasSize(1)
                .first()
                .asString()
                .endsWith("the policy table of users failed:"
                        + " java.lang.IllegalStateException: the table of users is away");
    }

    @Test
    void peerIsPermittedByItsGroup() throws IOException {
        long gid;
        try (ScriptedPeer.Listening own = ScriptedPeer.listen(directory.resolve("own"));
                ScriptedPeer self = ScriptedPeer.connect(directory.resolve("own"))) {
            gid = self.fd().peerCredentials().gid();
            assertThat(own.hasClient()).isTrue();
        }
        server = builder().authorize(PeerPolicy.gid(gid)).start();
        served().close();
        server.close();
        server = builder().authorize(PeerPolicy.gid(gid + 1)).start();
        refused();
    }

    // --- how many ----------------------------------------------------------------------------------------------------

    @Test
    void oneConnectionMoreThanAllIsRefusedUntilOneHasEnded() throws IOException {
        server = builder().maxConnections(2).maxConnectionsPerUser(2).start();
        ScriptedPeer first = served();
        try (ScriptedPeer second = served()) {
            refused();
            expect(awaitStats(stats -> stats.overLimit() == 1), 3, 0, 1, 2);
            assertThat(logged.lines())
                    .containsExactly("WARNING: connection refused at unix:" + path
                            + ": there are 2 connections, maxConnections is 2");
            first.close();
            awaitStats(stats -> stats.connections() == 1);
            served().close();
            second.send(Frame.request(3, Hello.SAY_HELLO, Hello.of("y"))).expect(Frame.reply(3, Hello.of("Hello y")));
        }
        assertThat(awaitStats(stats -> stats.connections() == 0).overLimit()).isEqualTo(1);
    }

    @Test
    void oneUserHasThreeQuartersOfAllAtMost() throws IOException {
        server = builder().maxConnections(4).start();
        try (ScriptedPeer first = served();
                ScriptedPeer second = served();
                ScriptedPeer third = served()) {
            refused();
            assertThat(awaitStats(stats -> stats.overLimit() == 1).connections())
                    .isEqualTo(3);
            assertThat(logged.lines())
                    .containsExactly("WARNING: connection refused at unix:" + path + ": there are 3 connections of uid "
                            + UID + ", maxConnectionsPerUser is 3");
            assertThat(first.hasNothing() && second.hasNothing() && third.hasNothing())
                    .isTrue();
        }
    }

    @Test
    void inProcessClientIsToldOfTheLimit() throws IOException {
        server = builder().maxConnections(1).maxConnectionsPerUser(1).start();
        try (ScriptedPeer peer = served();
                Client client = server.connect()) {
            StatusException refused =
                    catchThrowableOfType(StatusException.class, () -> client.call(Hello.SAY_HELLO, Hello.of("x")));
            assertThat(refused.status()).isEqualTo(Status.UNAVAILABLE);
            assertThat(refused.executed()).isEqualTo(Executed.NO);
            assertThat(refused.description()).contains("maxConnections is 1");
            assertThat(server.stats().overLimit()).isPositive();
            assertThat(peer.hasNothing()).isTrue();
        }
    }

    @Test
    void deniedPeersTakeNoneOfTheConnections() throws IOException {
        boolean[] permit = {false};
        server = builder().maxConnections(1).authorize(peer -> permit[0]).start();
        for (int i = 0; i < 3; i++) refused();
        awaitStats(stats -> stats.denied() == 3);
        permit[0] = true;
        served().close();
    }

    @Test
    void limitsFollowFromWhatTheProcessMayOpen() throws Exception {
        assertThat(reached(new ConnectionLimits(0, 0, 20_000), null)).isEqualTo(4096);
        assertThat(reached(new ConnectionLimits(0, 0, 20_000), 1L)).isEqualTo(1024);
        assertThat(reached(new ConnectionLimits(0, 0, 1000), null)).isEqualTo(500);
        assertThat(reached(new ConnectionLimits(0, 0, 1000), 1L)).isEqualTo(375);
        assertThat(reached(new ConnectionLimits(500, 450, 1000), 1L)).isEqualTo(450);
        assertThat(reached(new ConnectionLimits(1, 0, 1000), 1L)).isEqualTo(1);
        assertThatIllegalStateException()
                .isThrownBy(() -> new ConnectionLimits(501, 0, 1000))
                .withMessage("maxConnections is 501, must be at most 500, half of this process's 1000 descriptors:"
                        + " raise their limit (ulimit -n) or ask for fewer");
        assertThat(ConnectionLimits.descriptors()).isGreaterThan(100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Server.builder().maxConnections(0))
                .withMessage("maxConnections is 0, must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Server.builder().maxConnectionsPerUser(-1))
                .withMessage("maxConnectionsPerUser is -1, must be at least 1");
    }

    /** How many one user gets; one that leaves makes room for one, and no other's. */
    private static int reached(ConnectionLimits limits, Long uid) throws IOException {
        PeerCredentials peer = uid == null ? null : new PeerCredentials(1, uid, 1);
        int entered = fill(limits, peer);
        limits.leave(peer);
        assertThat(fill(limits, peer)).isEqualTo(1);
        assertThat(limits.connections()).isEqualTo(entered);
        return entered;
    }

    private static int fill(ConnectionLimits limits, PeerCredentials peer) {
        int entered = 0;
        try {
            for (; ; entered++) limits.enter(peer);
        } catch (ConnectionLimits.ReachedException e) {
            assertThat(e.getMessage()).startsWith("there are " + limits.connections() + " connections");
            return entered;
        }
    }

    @Test
    void warningThatCannotBeLoggedIsCountedWithTheNext() {
        String[] said = {null};
        LogLimit limit = new LogLimit((Saying) text -> {
            if (text.startsWith("first")) throw new OutOfMemoryError("no descriptors, no memory");
            said[0] = text;
        });
        limit.warn(() -> "first");
        Eventually.get(
                () -> {
                    limit.warn(() -> "then");
                    return said[0];
                },
                text -> text != null);
        assertThat(said[0]).matches("then \\(and [1-9][0-9]* more before\\)");
    }

    private interface Saying extends System.Logger {
        void say(String text);

        @Override
        default String getName() {
            return "test";
        }

        @Override
        default boolean isLoggable(Level level) {
            return true;
        }

        @Override
        default void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
            say(text);
        }

        @Override
        default void log(Level level, ResourceBundle bundle, String format, Object... params) {
            say(format);
        }
    }

    // --- failures of accept ------------------------------------------------------------------------------------------

    @Test
    void failuresOfAcceptAreToldApart() {
        for (Errno gone : new Errno[] {Errno.ECONNABORTED, Errno.EPROTO, Errno.EINTR, Errno.EPERM, Errno.EHOSTUNREACH})
            assertThat(AcceptFailure.of(gone)).isEqualTo(AcceptFailure.NEXT);
        for (Errno lack : new Errno[] {Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM, Errno.UNKNOWN})
            assertThat(AcceptFailure.of(lack)).isEqualTo(AcceptFailure.LATER);
        for (Errno end : new Errno[] {Errno.EBADF, Errno.ENOTSOCK, Errno.EINVAL})
            assertThat(AcceptFailure.of(end)).isEqualTo(AcceptFailure.NEVER);
    }
}

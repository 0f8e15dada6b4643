package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_INET;
import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SHUT_RDWR;
import static io.posixsocket.SocketConstants.SOCK_DGRAM;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.posixsocket.OwnedFd;
import io.posixsocket.PosixIo;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A server on a socket that somebody else has bound, and goes on with. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class GivenSocketTest {
    private static final Frame REQUEST = Frame.request(1, Hello.SAY_HELLO, Hello.of("x"));
    private static final Frame REPLY = Frame.reply(1, Hello.of("Hello x"));

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void path() {
        path = directory.resolve("s");
    }

    private static OwnedFd listening(Sockaddr address) throws IOException {
        OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(address.family(), SOCK_STREAM, 0));
        fd.bind(address);
        fd.listen(64);
        return fd;
    }

    /** The same socket once more, as another process would hold it. */
    private static OwnedFd shared(OwnedFd fd) throws IOException {
        return OwnedFd.adopt(fd.lend(PosixIo::dup));
    }

    private static Server serve(OwnedFd fd) throws IOException {
        return Server.builder().listen(fd).service(Hello.service()).start();
    }

    @Test
    void isServedBesideAPathAndLeftAsItWas() throws Exception {
        OwnedFd fd = listening(SockaddrUn.path(path));
        Path other = directory.resolve("other");
        try (Server server = Server.builder()
                        .listen(fd)
                        .listen(SockaddrUn.path(other))
                        .service(Hello.service())
                        .start();
                ScriptedPeer given = ScriptedPeer.connect(path);
                ScriptedPeer bound = ScriptedPeer.connect(other)) {
            assertThat(server.addresses()).containsExactly(SockaddrUn.path(other), SockaddrUn.path(path));
            given.send(REQUEST).expect(REPLY);
            bound.send(REQUEST).expect(REPLY);
        }
        assertThat(fd.isOpen()).isFalse();
        assertThat(path).exists();
        assertThat(other).doesNotExist();
    }

    @Test
    void nextHolderGoesOnAndNobodyIsLostBetween() throws Exception {
        OwnedFd first = listening(SockaddrUn.path(path));
        OwnedFd second = shared(first);
        ScriptedPeer between;
        try (Server server = serve(first);
                ScriptedPeer before = ScriptedPeer.connect(path)) {
            before.send(REQUEST).expect(REPLY);
            assertThat(server.shutdown(Duration.ofSeconds(30))).isTrue();
            between = ScriptedPeer.connect(path);
            between.send(REQUEST);
            before.expectEnd();
        }
        try (Server successor = serve(second);
                between) {
            between.expect(REPLY);
            assertThat(successor.stats().accepted()).isEqualTo(1);
        }
    }

    /** The workers are all busy: who has connected is in the backlog when the server is told to stop. */
    @Test
    void backlogIsServedAtTheEnd() throws Exception {
        OwnedFd fd = listening(SockaddrUn.path(path));
        List<ScriptedPeer> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) peers.add(ScriptedPeer.connect(path).send(REQUEST));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Server server = Server.builder()
                .listen(fd)
                .maxWorkers(1)
                .overloadAfter(Duration.ofMinutes(5))
                .service(Hello.service(request -> {
                    inside.countDown();
                    ServerConcurrencyTest.await(go);
                    return Hello.greet(request);
                }))
                .start();
        inside.await();
        for (int i = 0; i < 20; i++) peers.add(ScriptedPeer.connect(path).send(REQUEST)); // nobody accepts these yet
        Background<Boolean> ended = Background.run(() -> server.shutdown(Duration.ofSeconds(30)));
        Eventually.get(fd::isOpen, open -> !open);
        go.countDown();
        for (ScriptedPeer peer : peers) {
            peer.expect(REPLY);
            peer.expectEnd();
            peer.close();
        }
        assertThat(ended.result()).isTrue();
        assertThat(server.stats().accepted()).isEqualTo(40);
    }

    @Test
    void sharedSocketThatSomebodyShutsDownEndsItsListenerAlone() throws Exception {
        OwnedFd fd = listening(SockaddrUn.path(path));
        try (OwnedFd other = shared(fd);
                Logged logged = new Logged();
                Server server = serve(fd);
                ScriptedPeer peer = ScriptedPeer.connect(path)) {
            peer.send(REQUEST).expect(REPLY);
            other.shutdown(SHUT_RDWR);
            Eventually.get(fd::isOpen, open -> !open);
            assertThat(logged.lines())
                    .containsExactly("SEVERE: no longer listening at unix:" + path + ": it was shut down");
            assertThat(server.stats().acceptErrors()).isEqualTo(1);
            peer.send(REQUEST.withId(3)).expect(REPLY.withId(3));
        }
    }

    @Test
    void whatDoesNotListenIsRefusedAndClosed() throws Exception {
        OwnedFd bound = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
        bound.bind(SockaddrUn.path(path));
        OwnedFd datagrams = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_DGRAM, 0));
        for (OwnedFd fd : List.of(bound, datagrams)) {
            String name = fd.toString();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> serve(fd))
                    .withMessage(name + " is no stream socket that listens: call listen(2) on it before");
            assertThat(fd.isOpen()).isFalse();
        }
    }

    @Test
    void addressThatAnybodyReachesNeedsToBeAllowedAsAnyOther() throws Exception {
        for (String address : List.of("unix-abstract:posixsocket-given-" + path, "ipv4:127.0.0.1:0")) {
            OwnedFd fd = listening(Sockaddr.parse(address));
            assertThatIllegalStateException().isThrownBy(() -> serve(fd)).withMessageContaining("allowAnyLocalUser()");
            assertThat(fd.isOpen()).isFalse();
        }
        OwnedFd everywhere = listening(Sockaddr.parse("ipv4:0.0.0.0:0"));
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        Server.builder().listen(everywhere).allowAnyLocalUser().start())
                .withMessageContaining("is reachable from other machines");
        assertThat(everywhere.isOpen()).isFalse();
    }

    @Test
    void tcpSocketIsServed() throws Exception {
        OwnedFd fd = listening(Sockaddr.parse("ipv4:127.0.0.1:0"));
        assertThat(fd.getsockname().family()).isEqualTo(AF_INET);
        try (Server server = Server.builder()
                        .listen(fd)
                        .allowAnyLocalUser()
                        .service(Hello.service())
                        .start();
                ScriptedPeer peer = ScriptedPeer.connect(server.addresses().get(0))) {
            peer.send(REQUEST).expect(REPLY);
        }
    }

    @Test
    void failedStartClosesWhatItWasGiven() throws Exception {
        OwnedFd fd = listening(SockaddrUn.path(path));
        assertThatIOException()
                .isThrownBy(() -> Server.builder()
                        .listen(fd)
                        .listen("unix:" + directory.resolve("no/such/s"))
                        .start())
                .withMessageContaining("the directory, is missing");
        assertThat(fd.isOpen()).isFalse();
    }

    @Test
    void withoutAServiceManagerThereIsNothingToListenOn() {
        assertThatIOException()
                .isThrownBy(() -> Server.builder().listenActivated().start())
                .withMessageStartingWith("listenActivated: no socket was passed to this process (LISTEN_FDS)");
    }
}

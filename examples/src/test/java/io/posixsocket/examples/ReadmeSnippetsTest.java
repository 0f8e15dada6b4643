package io.posixsocket.examples;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOMAXCONN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hello.Greeter;
import hello.HelloReply;
import hello.HelloRequest;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import io.posixsocket.examples.hello.HelloServer;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Server;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's shorter snippets, run. {@link ReadmeTest} sees that they are the same. */
class ReadmeSnippetsTest {
    private static final HelloRequest ada =
            HelloRequest.newBuilder().setName("Ada").build();
    private static final HelloRequest nobody = HelloRequest.getDefaultInstance();

    @TempDir
    private Path directory;

    private final List<String> audited = new CopyOnWriteArrayList<>();

    private static final class FakeGreeter implements Greeter {
        @Override
        public HelloReply sayHello(HelloRequest request) {
            if (request.getName().isEmpty()) throw new StatusException(Status.INVALID_ARGUMENT, "who?");
            return HelloReply.newBuilder().setMessage("Hello from a test").build();
        }
    }

    private static final class NewGreeter implements Greeter {}

    private void audit(String line) {
        audited.add(line);
    }

    private static void call(Greeter greeter) {
        try {
            greeter.sayHello(nobody);
        } catch (StatusException e) {
            switch (e.status()) {
                case INVALID_ARGUMENT -> System.out.println("the server says: " + e.description());
                case UNAVAILABLE -> System.out.println("no server, or no more; may the call have run? " + e.executed());
                default -> throw e;
            }
        }
    }

    @Test
    void failuresAreToldApart() throws IOException {
        try (Server server = Server.builder()
                        .service(Greeter.service(new FakeGreeter()))
                        .start();
                Client client = server.connect()) {
            call(Greeter.stub(client));
        }
        try (Client client = Client.connect("unix:" + directory.resolve("nobody.sock"))) {
            call(Greeter.stub(client));
        }
        try (Server server = Server.builder()
                        .service(Greeter.service(new NewGreeter()))
                        .start();
                Client client = server.connect()) {
            assertThatThrownBy(() -> call(Greeter.stub(client))).hasMessage("UNIMPLEMENTED: method SayHello");
        }
    }

    private Server billing(long billingUid) throws IOException {
        return Server.builder()
                .listen("unix:" + directory.resolve("billing.sock"))
                .pathMode(0666) // anybody reaches the server, which asks the kernel who it is
                .authorize(peer -> peer.uid() == billingUid)
                .intercept((call, proceed) -> {
                    try {
                        proceed.run();
                    } finally { // a failed call's exception comes out of proceed
                        audit(call.method() + " by " + call.peer().orElseThrow());
                    }
                })
                .service(Greeter.service(new HelloServer()))
                .start();
    }

    @Test
    void onlyWhoIsAuthorizedIsServed() throws IOException {
        String address = "unix:" + directory.resolve("billing.sock");
        try (Server server = billing(PosixSocket.geteuid());
                Client client = Client.connect(address)) {
            assertThat(server.addresses()).hasToString("[" + address + "]");
            assertThat(Greeter.stub(client).sayHello(ada).getMessage()).startsWith("Hello, Ada of pid ");
        }
        assertThat(audited).singleElement().asString().startsWith("hello.Greeter/SayHello by pid ");
        try (Server server = billing(PosixSocket.geteuid() + 1);
                Client client = Client.connect(address)) {
            assertThat(server.addresses()).hasToString("[" + address + "]");
            assertThatThrownBy(() -> Greeter.stub(client).sayHello(ada)).hasMessageStartingWith("UNAVAILABLE");
        }
        assertThat(audited).hasSize(1);
    }

    @Test
    void testsNeedNoPath() throws IOException {
        try (Server server = Server.builder()
                        .service(Greeter.service(new FakeGreeter()))
                        .start();
                Client client = server.connect()) {
            assertThat(Greeter.stub(client).sayHello(ada).getMessage()).isEqualTo("Hello from a test");
        }
    }

    @Test
    void theManualsFunctionsWorkAsInC() throws Exception {
        Path path = directory.resolve("raw.sock");
        List<Integer> open = new ArrayList<>();
        try {
            FutureTask<String> received = new FutureTask<>(() -> {
                int listenfd = PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0);
                PosixSocket.bind(listenfd, SockaddrUn.path(path));
                PosixSocket.listen(listenfd, SOMAXCONN);
                int connfd = PosixSocket.accept(listenfd);
                ByteBuffer buf = ByteBuffer.allocate(1024);
                int n = PosixSocket.recv(connfd, buf, 0);
                open.add(listenfd);
                open.add(connfd);
                return new String(buf.array(), 0, n, StandardCharsets.UTF_8);
            });
            Thread server = new Thread(received, "raw-server");
            server.start();
            int sockfd = PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0);
            open.add(sockfd);
            while (true) {
                try {
                    PosixSocket.connect(sockfd, SockaddrUn.path(path));
                    break;
                } catch (IOException e) { // not listening yet; the test's time limit ends this
                    assertThat(server.isAlive()).isTrue();
                }
            }
            assertThat(PosixSocket.send(sockfd, ByteBuffer.wrap("Hello".getBytes(StandardCharsets.UTF_8)), 0))
                    .isEqualTo(5);
            assertThat(received.get()).isEqualTo("Hello");
            server.join();
        } finally {
            for (int fd : open) PosixSocket.close(fd);
        }
    }
}

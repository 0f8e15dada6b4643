package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.rpc.Streamer.COUNT;
import static io.posixsocket.rpc.Streamer.DOUBLE;
import static io.posixsocket.rpc.Streamer.ECHO;
import static io.posixsocket.rpc.Streamer.SUM_UP;
import static io.posixsocket.rpc.Streamer.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Int64Value;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The opening of conversations: who sees it, and how it is given up. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class ConversationTest {
    private static final int ROUNDS = 2_000;

    @TempDir
    Path directory;

    private SockaddrUn address() {
        return SockaddrUn.path(directory.resolve("s"));
    }

    // --- interceptors ------------------------------------------------------------------------------------------------

    private static Interceptor noting(List<String> notes, String name) {
        return (call, proceed) -> {
            notes.add(name + " opens " + call.method().method());
            call.addMetadata("by", name);
            proceed.run();
            notes.add(name + " has opened");
        };
    }

    @Test
    void interceptorsSeeTheOpeningOfEveryShapeInTheirOrder() throws IOException {
        List<String> notes = new CopyOnWriteArrayList<>();
        List<Metadata> arrived = new CopyOnWriteArrayList<>();
        try (Server server = Server.builder()
                        .service(new Streamer().service())
                        .intercept((call, proceed) -> {
                            arrived.add(call.metadata());
                            proceed.run();
                        })
                        .start();
                Client client = server.connect()) {
            Channel channel = client.withInterceptor(noting(notes, "outer")).withInterceptor(noting(notes, "inner"));
            for (MethodDescriptor<Int64Value, Int64Value> method : List.of(DOUBLE, COUNT)) {
                try (Call<Int64Value, Int64Value> call = channel.start(method)) {
                    assertThat(notes).as("before the request").isEmpty();
                    call.send(item(1));
                    expectOpened(notes, method);
                    assertThat(call.receive()).isNotNull();
                    assertThat(call.receive()).isNull();
                }
            }
            for (MethodDescriptor<Int64Value, ?> method : List.of(SUM_UP, ECHO)) {
                try (Call<Int64Value, ?> call = channel.start(method)) {
                    expectOpened(notes, method);
                    call.send(item(1));
                    call.closeSend();
                    assertThat((Object) call.receive()).isNotNull();
                    assertThat((Object) call.receive()).isNull();
                }
            }
            assertThat(arrived)
                    .hasSize(4)
                    .allSatisfy(metadata -> assertThat(metadata.all("by")).containsExactly("outer", "inner"));
        }
    }

    private static void expectOpened(List<String> notes, MethodDescriptor<?, ?> method) {
        assertThat(notes)
                .containsExactly(
                        "outer opens " + method.method(),
                        "inner opens " + method.method(),
                        "inner has opened",
                        "outer has opened");
        notes.clear();
    }

    @Test
    void interceptorThatFailsAfterTheOpeningClosesTheConversation() throws IOException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        Streamer streamer = new Streamer();
        streamer.echo = (items, out) -> {
            begun.countDown();
            try {
                items.forEach(out);
            } catch (StatusException e) {
                cancelled.countDown();
                throw e;
            }
        };
        try (Server server = Server.builder()
                        .listen(address())
                        .service(streamer.service())
                        .start();
                Client client = Client.builder(address()).build()) {
            Channel failing = client.withInterceptor((call, proceed) -> {
                proceed.run();
                if (call.method() == ECHO) ServerConcurrencyTest.await(begun);
                throw new IllegalStateException("no");
            });
            assertThatThrownBy(() -> failing.start(ECHO))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no");
            ServerConcurrencyTest.await(cancelled);
            try (Call<Int64Value, Int64Value> call = failing.start(DOUBLE)) {
                assertThatThrownBy(() -> call.send(item(1))).hasMessage("no");
                assertThatThrownBy(call::receive).as("as often as it is asked").hasMessage("no");
            }
            assertThat(client.call(DOUBLE, item(1))).isEqualTo(item(2));
            assertThat(server.isDraining()).isFalse();
        }
    }

    /** As Kotlin's code may, and that of others who deceive the compiler. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void throwUnchecked(Throwable e) throws E {
        throw (E) e;
    }

    @Test
    void whateverAnInterceptorThrowsLeavesNoConnectionBehind() throws IOException {
        try (Server server = Server.builder()
                        .listen(address())
                        .service(new Streamer().service())
                        .start();
                Client client = Client.builder(address()).maxConnections(1).build()) {
            IOException checked = new IOException("no");
            Channel failing = client.withInterceptor((call, proceed) -> {
                proceed.run();
                ConversationTest.<RuntimeException>throwUnchecked(checked);
            });
            assertThatThrownBy(() -> failing.start(ECHO)).isSameAs(checked);
            assertThat(client.call(DOUBLE, item(1))).isEqualTo(item(2));
            assertThat(server.isDraining()).isFalse();
        }
    }

    // --- close from another thread -----------------------------------------------------------------------------------

    /** Sends on a thread of its own; what came of it, and whether the thread was left interrupted. */
    private static Background<String> sending(Call<Int64Value, Int64Value> call) {
        return Background.run(() -> {
            String outcome;
            try {
                call.send(item(1));
                outcome = "sent";
            } catch (StatusException e) {
                outcome = e.getMessage();
            }
            return outcome + ", " + Thread.interrupted();
        });
    }

    private static final String CANCELLED =
            "CANCELLED (did not run): demo.stream.v1.Streamer/Double: the call was closed";
    private static final String CLOSED = CANCELLED + ", false";

    @Test
    void closeEndsTheConnectingToAFullBacklog() throws Exception {
        try (OwnedFd full = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
                Client client = Client.builder(address()).build()) {
            full.bind(address());
            full.listen(0);
            try (ScriptedPeer waiting = ScriptedPeer.connect(address())) {
                assertThat(waiting.fd().isOpen()).isTrue();
                Call<Int64Value, Int64Value> call = client.start(DOUBLE);
                Background<String> sending = sending(call);
                Eventually.get(
                        () -> List.of(sending.thread().getStackTrace()),
                        stack -> stack.toString().contains("Connecting.connect("));
                call.close();
                assertThat(sending.result()).isEqualTo(CLOSED);
                assertThatThrownBy(call::receive).hasMessageContaining("the call was closed");
            }
        }
    }

    @Test
    void closeEndsTheWaitForAConnection() throws Exception {
        try (ScriptedPeer.Listening listening = ScriptedPeer.listen(directory.resolve("s"));
                Client client = Client.builder(address()).maxConnections(1).build()) {
            Background<Int64Value> holder = Background.run(() -> client.call(DOUBLE, item(1)));
            try (ScriptedPeer server = listening.accept()) {
                server.receive();
                Call<Int64Value, Int64Value> call = client.start(DOUBLE);
                Background<String> sending = sending(call);
                Eventually.get(client::stats, stats -> stats.waiting() == 1);
                call.close();
                assertThat(sending.result()).isEqualTo(CLOSED);
                server.send(Frame.reply(1, item(2)));
                assertThat(holder.result()).isEqualTo(item(2));
            }
        }
    }

    @Test
    void closedBeforeItsRequestItSaysSo() {
        try (Client client = Client.builder(address()).build()) {
            Call<Int64Value, Int64Value> call = client.start(DOUBLE);
            assertThatThrownBy(call::receive).isInstanceOf(IllegalStateException.class);
            call.close();
            assertThatThrownBy(() -> call.send(item(1))).hasMessage(CANCELLED);
            assertThatThrownBy(call::receive).hasMessage(CANCELLED);
        }
    }

    /** Closes race with the end of the opening: never is anybody left interrupted, nor is a connection. */
    @Test
    void closeAtAnyTimeLeavesNoInterruptBehind() throws Exception {
        try (Server server = Server.builder()
                        .listen(address())
                        .service(new Streamer().service())
                        .start();
                Client client = Client.builder(address()).build()) {
            List<String> left = new ArrayList<>();
            SynchronousQueue<Call<Int64Value, Int64Value>> next = new SynchronousQueue<>();
            Semaphore closed = new Semaphore(0);
            Background<Boolean> closing = Background.run(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    next.take().close();
                    closed.release();
                }
                return true;
            });
            for (int i = 0; i < ROUNDS; i++) {
                Call<Int64Value, Int64Value> call = client.start(DOUBLE);
                next.put(call);
                try {
                    call.send(item(1));
                } catch (StatusException e) {
                    if (e.status() != Status.CANCELLED) left.add(e.getMessage());
                }
                if (Thread.interrupted()) left.add("interrupted after " + i);
                closed.acquire();
                if (Thread.interrupted()) left.add("interrupted after " + i);
            }
            assertThat(closing.result()).isTrue();
            assertThat(left).isEmpty();
            assertThat(client.call(DOUBLE, item(1))).isEqualTo(item(2));
            assertThat(server.isDraining()).isFalse();
        }
    }
}

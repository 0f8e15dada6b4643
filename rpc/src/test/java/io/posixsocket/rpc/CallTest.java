package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Int64Value;
import com.google.protobuf.StringValue;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whole calls, client and server both ours, without an address. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class CallTest {
    private Server server;
    private Client client;

    private void start(Function<Hello, Hello> handler, Interceptor... interceptors) throws IOException {
        Server.Builder builder = Server.builder().service(Hello.service(handler));
        for (Interceptor interceptor : interceptors) builder.intercept(interceptor);
        server = builder.start();
        client = server.connect();
    }

    @AfterEach
    void stop() {
        if (client != null) client.close();
        if (server != null) server.close();
    }

    private Hello call(Channel channel) {
        return channel.call(Hello.SAY_HELLO, Hello.of("x"));
    }

    private StatusException failure(Channel channel) {
        return catchThrowableOfType(StatusException.class, () -> call(channel));
    }

    // --- messages ----------------------------------------------------------------------------------------------------

    @Test
    void messagesOfAllSizesArriveAsTheyWere() throws IOException {
        MethodDescriptor<BytesValue, BytesValue> echo =
                MethodDescriptor.unary("t.Echo", "Bytes", BytesValue.parser(), BytesValue.parser());
        MethodDescriptor<StringValue, Int64Value> length =
                MethodDescriptor.unary("t.Echo", "Length", StringValue.parser(), Int64Value.parser());
        server = Server.builder()
                .service(ServiceDefinition.builder("t.Echo")
                        .unary(echo, request -> request)
                        .unary(length, text -> Int64Value.of(text.getValue().length()))
                        .build())
                .start();
        client = server.connect();
        java.util.Random random = new java.util.Random(1);
        for (int size : new int[] {
            0,
            1,
            100,
            16_000,
            16_340,
            16_350,
            16_360,
            16_370,
            16_374,
            16_380,
            16_384,
            17_000,
            65_500,
            65_536,
            70_000,
            131_072,
            1_000_000,
            (4 << 20) - 100
        }) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            BytesValue message = BytesValue.of(ByteString.copyFrom(bytes));
            assertThat(client.call(echo, message).equals(message))
                    .as("%d bytes", size)
                    .isTrue();
        }
        for (int size = 16_300; size < 16_420; size++) {
            BytesValue message = BytesValue.of(ByteString.copyFrom(new byte[size]));
            assertThat(client.call(echo, message).getValue().size()).isEqualTo(size);
        }
        assertThat(client.call(length, StringValue.of("häßlich"))).isEqualTo(Int64Value.of(7));
    }

    @Test
    void inProcessClientOfAClosedServerIsUnavailable() throws IOException {
        start(Hello::greet);
        assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
        server.close();
        StatusException failure = failure(client);
        assertThat(failure.status()).isEqualTo(Status.UNAVAILABLE);
        assertThat(failure.executed()).isEqualTo(Executed.NO);
        assertThat(failure.description()).contains("the server was shut down");
    }

    @Test
    void tcpServesWhoeverAllowsIt() throws IOException {
        server = Server.builder()
                .listen("ipv4:127.0.0.1:0")
                .allowAnyLocalUser()
                .service(Hello.service(request -> {
                    assertThat(CallContext.current().peer()).isEmpty();
                    return Hello.greet(request);
                }))
                .start();
        Sockaddr address = server.addresses().get(0);
        assertThat(address.toString()).startsWith("ipv4:127.0.0.1:").doesNotEndWith(":0");
        client = Client.builder(address).allowAnyLocalUser().build();
        for (int i = 0; i < 100; i++) assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
        StatusException tooLate = failure(client.withTimeout(Duration.ofNanos(1)));
        assertThat(tooLate.status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        try (ScriptedPeer peer = ScriptedPeer.connect(address)) {
            peer.send(Vectors.HELLO_WORLD);
            peer.expect(Vectors.HELLO_WORLD_REPLY);
        }
    }

    @Test
    void tcpServerThatRestartedIsFoundAgain() throws Exception {
        server = Server.builder()
                .listen("ipv4:127.0.0.1:0")
                .allowAnyLocalUser()
                .service(Hello.service())
                .start();
        Sockaddr address = server.addresses().get(0);
        client = Client.builder(address).allowAnyLocalUser().build();
        call(client);
        server.close();
        server = Server.builder()
                .listen(address)
                .allowAnyLocalUser()
                .service(Hello.service())
                .start();
        Thread.sleep(2); // idle for longer than a look at the connection costs: this one is looked at
        assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
    }

    @Test
    void tcpPeerThatHangsUpCancelsItsCalls() throws Exception {
        CountDownLatch running = new CountDownLatch(2);
        CountDownLatch cancelled = new CountDownLatch(2);
        server = Server.builder()
                .listen("ipv4:127.0.0.1:0")
                .allowAnyLocalUser()
                .service(Hello.service(request -> {
                    running.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        if (CallContext.current().isCancelled()) cancelled.countDown();
                    }
                    return Hello.DEFAULT;
                }))
                .start();
        Frame request = Frame.request(1, Hello.SAY_HELLO, Hello.of("x"));
        try (ScriptedPeer shared = ScriptedPeer.connect(server.addresses().get(0));
                ScriptedPeer exclusive = ScriptedPeer.connect(server.addresses().get(0))) {
            shared.send(request);
            exclusive.send(request.withPromise());
            ServerConcurrencyTest.await(running);
        }
        ServerConcurrencyTest.await(cancelled);
    }

    @Test
    void abstractNameServesWhoeverAllowsIt() throws IOException {
        String address =
                "unix-abstract:posixsocket-test-" + ProcessHandle.current().pid();
        server = Server.builder()
                .listen(address)
                .allowAnyLocalUser()
                .service(Hello.service())
                .start();
        client = Client.connect(address);
        assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
    }

    // --- what travels beside the message -----------------------------------------------------------------------------

    @Test
    void metadataArrivesInOrderWithLowerCaseKeys() throws IOException {
        AtomicReference<Metadata> seen = new AtomicReference<>();
        start(request -> {
            seen.set(CallContext.current().metadata());
            return Hello.greet(request);
        });
        Metadata sent = Metadata.of("Trace-ID", "one")
                .with("user", "Jürgen €")
                .with("TRACE-id", "two")
                .with("empty", "");
        call(client.withMetadata(sent).withMetadata(Metadata.of("last", "\ud83d\ude00")));
        assertThat(seen.get().entries())
                .containsExactly(
                        new Metadata.Entry("trace-id", "one"),
                        new Metadata.Entry("user", "Jürgen €"),
                        new Metadata.Entry("trace-id", "two"),
                        new Metadata.Entry("empty", ""),
                        new Metadata.Entry("last", "\ud83d\ude00"));
        assertThat(seen.get().first("Trace-Id")).contains("one");
        assertThat(seen.get().all("trace-id")).containsExactly("one", "two");
        assertThat(seen.get().first("none")).isEmpty();
        call(client);
        assertThat(seen.get().isEmpty()).as("views do not touch their channel").isTrue();
        assertThatThrownBy(() -> Metadata.of("k", "\ud83d")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void statusArrivesAsTheHandlerThrewIt() throws IOException {
        Detail detail = Detail.of(StringValue.of("because"));
        start(request -> {
            throw new StatusException(Status.ABORTED, "not now", new IllegalStateException("stays here"), detail);
        });
        StatusException failure = failure(client);
        assertThat(failure.status()).isEqualTo(Status.ABORTED);
        assertThat(failure.description()).isEqualTo("not now");
        assertThat(failure.details()).containsExactly(detail);
        assertThat(failure.details().get(0).typeUrl()).isEqualTo("type.googleapis.com/google.protobuf.StringValue");
        assertThat(failure.details().get(0).unpack(StringValue.parser())).isEqualTo(StringValue.of("because"));
        assertThat(failure.executed()).isEqualTo(Executed.MAYBE);
        assertThat(failure).hasNoCause();
    }

    @Test
    void handlerKnowsItsCall() throws IOException {
        AtomicReference<CallContext> seen = new AtomicReference<>();
        start(request -> {
            CallContext call = CallContext.current();
            seen.set(call);
            assertThat(CallContext.currentOrEmpty()).contains(call);
            assertThat(call.isCancelled()).isFalse();
            assertThatThrownBy(() -> call.addMetadata("k", "v")).isInstanceOf(IllegalStateException.class);
            return Hello.greet(request);
        });
        call(client.withTimeout(Duration.ofDays(1)));
        CallContext call = seen.get();
        assertThat(call.method()).isSameAs(Hello.SAY_HELLO);
        assertThat(call.deadline().orElseThrow().remaining()).isBetween(Duration.ofHours(23), Duration.ofDays(1));
        assertThat(call.peer().orElseThrow().pid())
                .isEqualTo((int) ProcessHandle.current().pid());
        assertThat(call.peer().orElseThrow().uid()).isEqualTo(PosixSocket.geteuid());
        call(client);
        assertThat(seen.get().deadline()).isEmpty();
        assertThat(CallContext.currentOrEmpty()).isEmpty();
        assertThatThrownBy(CallContext::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no call runs on thread");
    }

    @Test
    void callIsCarriedToAnotherThread() throws Exception {
        AtomicReference<CallContext> here = new AtomicReference<>();
        AtomicReference<CallContext> there = new AtomicReference<>();
        start(request -> {
            CallContext call = CallContext.current();
            here.set(call);
            Callable<CallContext> wrapped = call.wrap(CallContext::current);
            try {
                there.set(Background.run(wrapped).result());
                assertThat(Background.run(() -> {
                                    Optional<CallContext> before = CallContext.currentOrEmpty();
                                    try (CallContext.Scope scope = call.attach()) {
                                        assertThat(scope).isNotNull();
                                        assertThat(CallContext.current()).isSameAs(call);
                                    }
                                    return before.isPresent()
                                            || CallContext.currentOrEmpty().isPresent();
                                })
                                .result())
                        .isFalse();
                Runnable check = () -> assertThat(CallContext.current()).isSameAs(call);
                Runnable task = call.wrap(check);
                Background.run(() -> {
                            task.run();
                            return null;
                        })
                        .result();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return Hello.greet(request);
        });
        call(client);
        assertThat(there.get()).isNotNull().isSameAs(here.get());
    }

    // --- deadlines ---------------------------------------------------------------------------------------------------

    @Test
    void nestedCallsInheritTheDeadline() throws IOException {
        List<Optional<Deadline>> seen = new ArrayList<>();
        start(request -> {
            seen.add(CallContext.current().deadline());
            switch (request.text()) {
                case "nest" -> call(client);
                case "free" -> call(client.withoutInheritedDeadline());
                case "short" -> call(client.withTimeout(Duration.ofMinutes(1)));
                case "long" -> call(client.withTimeout(Duration.ofDays(9)));
                default -> {
                    // the inner call
                }
            }
            return Hello.greet(request);
        });
        Channel channel = client.withTimeout(Duration.ofHours(1));
        channel.call(Hello.SAY_HELLO, Hello.of("nest"));
        assertThat(seen.get(1).orElseThrow().remaining()).isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
        channel.call(Hello.SAY_HELLO, Hello.of("free"));
        assertThat(seen.get(3)).isEmpty();
        channel.call(Hello.SAY_HELLO, Hello.of("short"));
        assertThat(seen.get(5).orElseThrow().remaining()).isLessThanOrEqualTo(Duration.ofMinutes(1));
        channel.call(Hello.SAY_HELLO, Hello.of("long"));
        assertThat(seen.get(7).orElseThrow().remaining()).isLessThanOrEqualTo(Duration.ofHours(1));
    }

    @Test
    void shortestOfAllTimeoutsCounts() throws IOException {
        AtomicReference<Duration> left = new AtomicReference<>();
        start(request -> {
            left.set(CallContext.current().deadline().orElseThrow().remaining());
            return Hello.greet(request);
        });
        Duration day = Duration.ofDays(1);
        Duration hour = Duration.ofHours(1);
        for (Channel channel : List.of(
                client.withTimeout(day).withTimeout(hour),
                client.withTimeout(hour).withTimeout(day),
                client.withDeadline(Deadline.after(hour)).withTimeout(day),
                client.withTimeout(day).withDeadline(Deadline.after(hour)),
                client.withDeadline(Deadline.after(hour)).withDeadline(Deadline.after(day)),
                client.withTimeout(Duration.ofSeconds(Long.MAX_VALUE)).withTimeout(hour))) {
            call(channel);
            assertThat(left.get()).isBetween(Duration.ofMinutes(50), hour);
        }
        assertThatThrownBy(() -> client.withTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timeout is PT0S, must be positive");
    }

    @Test
    void expiredCallIsCancelledOnTheServerToo() throws IOException {
        CountDownLatch cancelled = new CountDownLatch(1);
        start(request -> {
            if (CallContext.current().deadline().isEmpty()) return Hello.DEFAULT;
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                if (CallContext.current().isCancelled()) cancelled.countDown();
            }
            return Hello.DEFAULT;
        });
        call(client); // loads what takes longer than the next one's time
        assertThat(failure(client.withTimeout(Duration.ofMillis(200))).status()).isEqualTo(Status.DEADLINE_EXCEEDED);
        ServerConcurrencyTest.await(cancelled);
    }

    // --- interceptors ------------------------------------------------------------------------------------------------

    private static Interceptor noting(List<String> notes, String name) {
        return (call, proceed) -> {
            notes.add(name + " before");
            proceed.run();
            notes.add(name + " after");
        };
    }

    @Test
    void interceptorsRunFromTheOutermostInOnBothSides() throws IOException {
        List<String> notes = new ArrayList<>();
        start(
                request -> {
                    notes.add("handler");
                    return Hello.greet(request);
                },
                noting(notes, "server outer"),
                noting(notes, "server inner"));
        Channel channel =
                client.withInterceptor(noting(notes, "client outer")).withInterceptor(noting(notes, "client inner"));
        assertThat(call(channel)).isEqualTo(Hello.of("Hello x"));
        assertThat(notes)
                .containsExactly(
                        "client outer before",
                        "client inner before",
                        "server outer before",
                        "server inner before",
                        "handler",
                        "server inner after",
                        "server outer after",
                        "client inner after",
                        "client outer after");
    }

    /** Whatever is wrong with interceptors is the same on both sides. */
    private StatusException failureWith(boolean onServer, Interceptor interceptor) throws IOException {
        if (onServer) start(Hello::greet, interceptor);
        else start(Hello::greet);
        StatusException failure = failure(onServer ? client : client.withInterceptor(interceptor));
        stop();
        return failure;
    }

    private static final class Lazy implements Interceptor {
        @Override
        public void intercept(CallContext call, Runnable proceed) {
            // forgets to proceed
        }
    }

    @Test
    void notProceedingIsInternalAndNamesTheInterceptor() throws IOException {
        for (boolean onServer : new boolean[] {true, false}) {
            StatusException failure = failureWith(onServer, new Lazy());
            assertThat(failure.status()).isEqualTo(Status.INTERNAL);
            assertThat(failure.description())
                    .isEqualTo("interceptor " + Lazy.class.getName()
                            + " returned without proceeding with demo.greeter.v1.Greeter/SayHello");
            assertThat(failure.executed()).isEqualTo(onServer ? Executed.MAYBE : Executed.NO);
        }
    }

    @Test
    void proceedingTwiceIsAnIllegalState() throws IOException {
        List<String> thrown = new ArrayList<>();
        Interceptor eager = (call, proceed) -> {
            proceed.run();
            try {
                proceed.run();
            } catch (IllegalStateException e) {
                thrown.add(e.getMessage());
                throw e;
            }
        };
        assertThat(failureWith(true, eager).status()).isEqualTo(Status.UNKNOWN);
        assertThat(thrown).hasSize(1);
        start(Hello::greet);
        assertThatThrownBy(() -> call(client.withInterceptor(eager)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("proceeded twice with demo.greeter.v1.Greeter/SayHello");
    }

    @Test
    void swallowedFailureStaysTheOutcomeAndAnotherOneTakesItsPlace() throws IOException {
        Interceptor swallowing = (call, proceed) -> {
            try {
                proceed.run();
            } catch (StatusException e) {
                // hoped to get away with it
            }
        };
        Interceptor replacing = (call, proceed) -> {
            try {
                proceed.run();
            } catch (StatusException e) {
                throw new StatusException(Status.DATA_LOSS, "instead of " + e.description());
            }
        };
        Function<Hello, Hello> failing = request -> {
            throw new StatusException(Status.ABORTED, "no");
        };
        start(failing, swallowing);
        assertThat(failure(client).getMessage()).isEqualTo("ABORTED: no");
        assertThat(failure(client.withInterceptor(swallowing)).getMessage()).isEqualTo("ABORTED: no");
        assertThat(failure(client.withInterceptor(replacing)).getMessage()).isEqualTo("DATA_LOSS: instead of no");
        stop();
        start(failing, replacing);
        assertThat(failure(client).getMessage()).isEqualTo("DATA_LOSS: instead of no");
    }

    @Test
    void interceptorMayRefuse() throws IOException {
        Interceptor guard = (call, proceed) -> {
            if (call.metadata().first("token").isEmpty()) throw new StatusException(Status.UNAUTHENTICATED, "no token");
            proceed.run();
        };
        start(Hello::greet, guard);
        assertThat(failure(client).getMessage()).isEqualTo("UNAUTHENTICATED: no token");
        assertThat(call(client.withMetadata(Metadata.of("token", "t")))).isEqualTo(Hello.of("Hello x"));
    }

    @Test
    void metadataOfAnOutgoingCallIsWritableUntilItProceeds() throws IOException {
        AtomicReference<Metadata> seen = new AtomicReference<>();
        start(request -> {
            seen.set(CallContext.current().metadata());
            return Hello.greet(request);
        });
        AtomicReference<String> afterwards = new AtomicReference<>();
        Interceptor tracing = (call, proceed) -> {
            assertThat(call.method()).isSameAs(Hello.SAY_HELLO);
            assertThat(call.peer()).isEmpty();
            call.addMetadata("Trace", "t1");
            proceed.run();
            try {
                call.addMetadata("trace", "t2");
            } catch (IllegalStateException e) {
                afterwards.set(e.getMessage());
            }
        };
        call(client.withMetadata(Metadata.of("a", "1")).withInterceptor(tracing));
        assertThat(seen.get()).isEqualTo(Metadata.of("a", "1").with("trace", "t1"));
        assertThat(afterwards.get())
                .isEqualTo("call of demo.greeter.v1.Greeter/SayHello has proceeded, its metadata is sent");
    }

    // --- what builders refuse ----------------------------------------------------------------------------------------

    @Test
    void addressesThatAnybodyReachesNeedToBeAllowed() {
        for (String address : List.of("unix-abstract:x", "ipv4:127.0.0.1:0", "ipv6:[::1]:0"))
            assertThatThrownBy(() -> Server.builder().listen(address).start())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("every user of this machine can connect to " + Sockaddr.parse(address)
                            + ": say allowAnyLocalUser() if they may, ")
                    .hasMessageEndingWith("or listen on a path");
        PeerPolicy anybody = peer -> true;
        assertThatThrownBy(() ->
                        Server.builder().authorize(anybody).allowAnyLocalUser().start())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Client.builder("unix:/x")
                        .allowAnyLocalUser()
                        .authorize(anybody)
                        .build())
                .isInstanceOf(IllegalStateException.class);
        for (String address : List.of("ipv4:127.0.0.1:1", "ipv6:[::1]:1"))
            assertThatThrownBy(() -> Client.connect(address))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "who listens at " + Sockaddr.parse(address)
                                    + " cannot be told: say allowAnyLocalUser() if any user of this machine may, or use a Unix socket");
        for (String address : List.of("ipv4:0.0.0.0:0", "ipv4:192.0.2.1:0", "ipv6:[::]:0"))
            assertThatThrownBy(() ->
                            Server.builder().listen(address).allowAnyLocalUser().start())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(Sockaddr.parse(address) + " is reachable from other machines");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        Sockaddr unnamed = io.posixsocket.SockaddrUn.unnamed();
        assertThatThrownBy(() -> Server.builder().listen(unnamed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("has no path");
        assertThatThrownBy(() -> Client.builder(unnamed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("has no path");
        for (Duration spin : List.of(Duration.ofNanos(-1), Duration.ofNanos(1_000_001))) {
            String message = "spin is " + spin + ", must be from 0 to 1 ms";
            assertThatThrownBy(() -> Server.builder().spin(spin))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> Client.builder("unix:/x").spin(spin))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
        assertThatThrownBy(() -> Server.builder().maxWorkers(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxWorkers is 0, must be at least 1");
        assertThatThrownBy(() -> Server.builder()
                        .service(Hello.service())
                        .service(Hello.service())
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("service demo.greeter.v1.Greeter was added before");
        assertThatThrownBy(() -> ServiceDefinition.builder("other").unary(Hello.SAY_HELLO, Hello::greet))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("method demo.greeter.v1.Greeter/SayHello is not of service other");
        assertThatThrownBy(() -> MethodDescriptor.unary("a".repeat(1024), "b", Hello.PARSER, Hello.PARSER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes on the wire, at most 1024 are allowed");
        assertThatThrownBy(() -> new StatusException(Status.OK, "fine")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withoutSpinningCallsWorkToo() throws IOException {
        java.nio.file.Path directory = java.nio.file.Files.createTempDirectory("posixsocket");
        String address = "unix:" + directory.resolve("s");
        server = Server.builder()
                .listen(address)
                .noSpin()
                .service(Hello.service())
                .start();
        client = Client.builder(address).noSpin().build();
        for (int i = 0; i < 1000; i++) assertThat(call(client)).isEqualTo(Hello.of("Hello x"));
        stop();
        java.nio.file.Files.delete(directory);
    }
}

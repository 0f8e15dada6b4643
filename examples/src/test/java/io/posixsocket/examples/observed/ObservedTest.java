package io.posixsocket.examples.observed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import hello.Greeter;
import hello.HelloReply;
import hello.HelloRequest;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.posixsocket.rpc.CallContext;
import io.posixsocket.rpc.Channel;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Metadata;
import io.posixsocket.rpc.Server;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/OBSERVABILITY.md shows, against a server that asks a second one. */
class ObservedTest {
    private static final HelloRequest ADA =
            HelloRequest.newBuilder().setName("Ada").build();

    @TempDir
    private Path directory;

    private static HelloReply greet(HelloRequest request) {
        if (request.getName().isEmpty()) throw new StatusException(Status.INVALID_ARGUMENT, "who?");
        return HelloReply.newBuilder().setMessage("Hello " + request.getName()).build();
    }

    private static Greeter greeter(UnaryOperator<HelloReply> after) {
        return new Greeter() {
            @Override
            public HelloReply sayHello(HelloRequest request) {
                return after.apply(greet(request));
            }
        };
    }

    @Test
    void timersTellMethodAndStatus() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        Greeter service = greeter(reply -> reply);
        String address = "unix:" + directory.resolve("greeter.sock");
        try (Server server = Server.builder()
                        .listen(address)
                        .intercept(new CallTimers(registry, "rpc.server"))
                        .service(Greeter.service(service))
                        .start();
                Client client = Client.connect(address)) {
            Gauge.builder("rpc.server.connections", server, s -> s.stats().connections())
                    .register(registry);
            FunctionCounter.builder("rpc.server.refused", server, s -> s.stats().refused())
                    .register(registry);
            Greeter greeter = Greeter.stub(client.withInterceptor(new CallTimers(registry, "rpc.client")));

            for (int i = 0; i < 3; i++) greeter.sayHello(ADA);
            assertThatExceptionOfType(StatusException.class)
                    .isThrownBy(() -> greeter.sayHello(HelloRequest.getDefaultInstance()));

            for (String side : List.of("rpc.client", "rpc.server")) {
                assertThat(registry.get(side)
                                .tags("method", "hello.Greeter/SayHello", "status", "OK")
                                .timer()
                                .count())
                        .isEqualTo(3);
                assertThat(registry.get(side)
                                .tags("status", "INVALID_ARGUMENT")
                                .timer()
                                .count())
                        .isEqualTo(1);
            }
            assertThat(registry.get("rpc.server.connections").gauge().value()).isEqualTo(1);
            assertThat(registry.get("rpc.server.refused").functionCounter().count())
                    .isZero();
        }
    }

    @Test
    void metadataOfACallCanBePassedOnAsItIs() throws Exception {
        String first = "unix:" + directory.resolve("first.sock");
        String second = "unix:" + directory.resolve("second.sock");
        try (Server backend = Server.builder()
                        .listen(second)
                        .service(Greeter.service(greeter(reply -> HelloReply.newBuilder()
                                .setMessage(CallContext.current()
                                        .metadata()
                                        .first("traceparent")
                                        .orElse("none"))
                                .build())))
                        .start();
                Client client = Client.connect(second)) {
            Channel channel = client.withInterceptor((call, proceed) -> {
                CallContext.currentOrEmpty()
                        .flatMap(incoming -> incoming.metadata().first("traceparent"))
                        .ifPresent(parent -> call.addMetadata("traceparent", parent));
                proceed.run();
            });
            Greeter next = Greeter.stub(channel);
            try (Server front = Server.builder()
                            .listen(first)
                            .service(Greeter.service(greeter(reply -> next.sayHello(ADA))))
                            .start();
                    Client toFront = Client.connect(first)) {
                assertThat(backend.addresses()).hasSize(1);
                assertThat(front.addresses()).hasSize(1);
                Greeter traced = Greeter.stub(toFront.withMetadata(Metadata.of("traceparent", "00-1-2-01")));
                assertThat(traced.sayHello(ADA).getMessage()).isEqualTo("00-1-2-01");
                assertThat(Greeter.stub(toFront).sayHello(ADA).getMessage()).isEqualTo("none");
            }
        }
    }

    @Test
    void aTraceGoesThroughAllCalls() throws Exception {
        InMemorySpanExporter spans = InMemorySpanExporter.create();
        OpenTelemetrySdk telemetry = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build();
        Tracing tracing = new Tracing(telemetry);
        String first = "unix:" + directory.resolve("first.sock");
        String second = "unix:" + directory.resolve("second.sock");
        try (Server backend = Server.builder()
                        .listen(second)
                        .intercept(tracing.ofServer())
                        .service(Greeter.service(greeter(reply -> reply)))
                        .start();
                Client toBackend = Client.connect(second)) {
            Greeter next = Greeter.stub(toBackend.withInterceptor(tracing.ofClient()));
            Greeter asking = greeter(reply -> next.sayHello(
                    HelloRequest.newBuilder().setName(reply.getMessage()).build()));
            try (Server front = Server.builder()
                            .listen(first)
                            .intercept(tracing.ofServer())
                            .service(Greeter.service(asking))
                            .start();
                    Client toFront = Client.connect(first)) {
                Greeter greeter = Greeter.stub(toFront.withInterceptor(tracing.ofClient()));

                assertThat(backend.addresses()).hasSize(1);
                assertThat(greeter.sayHello(ADA).getMessage()).isEqualTo("Hello Hello Ada");
                assertThatExceptionOfType(StatusException.class)
                        .isThrownBy(() -> greeter.sayHello(HelloRequest.getDefaultInstance()));
                assertThat(front.shutdown(Duration.ofSeconds(5))).isTrue();
            }
        }

        List<SpanData> all = spans.getFinishedSpanItems();
        telemetry.close(); // which forgets them
        List<SpanData> good = all.stream()
                .filter(span -> span.getAttributes().get(AttributeKey.stringKey("rpc.status")) == null)
                .sorted(Comparator.comparing(SpanData::getStartEpochNanos))
                .toList();
        assertThat(good)
                .extracting(SpanData::getKind)
                .containsExactly(SpanKind.CLIENT, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.SERVER);
        for (int i = 1; i < good.size(); i++)
            assertThat(good.get(i).getParentSpanId()).isEqualTo(good.get(i - 1).getSpanId());
        assertThat(good)
                .extracting(SpanData::getTraceId)
                .containsOnly(good.get(0).getTraceId());
        assertThat(good).extracting(SpanData::getName).containsOnly("hello.Greeter/SayHello");
        assertThat(all).hasSize(good.size() + 2);
        assertThat(all)
                .filteredOn(span -> span.getStatus().getStatusCode() == StatusCode.ERROR)
                .as("the one who asked for nobody")
                .extracting(SpanData::getKind)
                .containsExactly(SpanKind.CLIENT);
    }
}

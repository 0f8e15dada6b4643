package io.posixsocket.examples.observed;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.posixsocket.rpc.CallContext;
import io.posixsocket.rpc.Interceptor;
import io.posixsocket.rpc.Metadata;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.util.EnumSet;
import java.util.Set;

/** A span for each call on either side; the server's continues the client's, whose context comes as metadata. */
public final class Tracing {
    private static final TextMapGetter<Metadata> METADATA = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Metadata metadata) {
            return metadata.entries().stream().map(Metadata.Entry::key).toList();
        }

        @Override
        public String get(Metadata metadata, String key) {
            return metadata.first(key).orElse(null);
        }
    };

    private static final Set<Status> SERVERS_FAULT = EnumSet.of(
            Status.UNKNOWN,
            Status.DEADLINE_EXCEEDED,
            Status.UNIMPLEMENTED,
            Status.INTERNAL,
            Status.UNAVAILABLE,
            Status.DATA_LOSS);

    private final Tracer tracer;
    private final TextMapPropagator propagator;

    public Tracing(OpenTelemetry telemetry) {
        tracer = telemetry.getTracer("io.posixsocket");
        propagator = telemetry.getPropagators().getTextMapPropagator();
    }

    /** For {@code channel.withInterceptor}. */
    public Interceptor ofClient() {
        return (call, proceed) -> run(call, SpanKind.CLIENT, Context.current(), () -> {
            propagator.inject(Context.current(), call, CallContext::addMetadata);
            proceed.run();
        });
    }

    /** For {@code Server.builder().intercept}. */
    public Interceptor ofServer() {
        return (call, proceed) ->
                run(call, SpanKind.SERVER, propagator.extract(Context.current(), call.metadata(), METADATA), proceed);
    }

    private void run(CallContext call, SpanKind kind, Context parent, Runnable task) {
        Span span = tracer.spanBuilder(call.method().toString())
                .setSpanKind(kind)
                .setParent(parent)
                .setAttribute("rpc.service", call.method().service())
                .setAttribute("rpc.method", call.method().method())
                .startSpan();
        Scope scope = span.makeCurrent();
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            Status status = e instanceof StatusException told ? told.status() : Status.UNKNOWN;
            span.setAttribute("rpc.status", status.name());
            // who was asked for something that is not there has not failed
            if (kind == SpanKind.CLIENT || SERVERS_FAULT.contains(status))
                span.setStatus(StatusCode.ERROR).recordException(e);
            throw e;
        } finally {
            scope.close();
            span.end();
        }
    }
}

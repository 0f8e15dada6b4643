package io.posixsocket.rpc;

import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * One method of each shape whose handlers do what they are told, with the first request, once: for tests that care when a call
 * runs and not what it computes. A request's text names the call, its number says how many replies follow the first one.
 */
final class Work {
    static final String SERVICE = "test.v1.Work";

    enum Shape {
        UNARY,
        SERVER_STREAM,
        CLIENT_STREAM,
        BOTH
    }

    static final MethodDescriptor<Hello, Hello> UNARY =
            MethodDescriptor.unary(SERVICE, "Unary", Hello.PARSER, Hello.PARSER);
    static final MethodDescriptor<Hello, Hello> SERVER_STREAM =
            MethodDescriptor.serverStreaming(SERVICE, "ServerStream", Hello.PARSER, Hello.PARSER);
    static final MethodDescriptor<Hello, Hello> CLIENT_STREAM =
            MethodDescriptor.clientStreaming(SERVICE, "ClientStream", Hello.PARSER, Hello.PARSER);
    static final MethodDescriptor<Hello, Hello> BOTH =
            MethodDescriptor.bidiStreaming(SERVICE, "Both", Hello.PARSER, Hello.PARSER);

    private Work() {}

    static ServiceDefinition service(Consumer<Hello> work) {
        return ServiceDefinition.builder(SERVICE)
                .unary(UNARY, request -> {
                    work.accept(request);
                    return request;
                })
                .serverStreaming(SERVER_STREAM, (request, replies) -> {
                    replies.accept(request);
                    work.accept(request);
                    for (long n = 0; n < request.number(); n++) replies.accept(request);
                })
                .clientStreaming(CLIENT_STREAM, requests -> first(requests, work, request -> {}))
                .bidiStreaming(BOTH, (requests, replies) -> first(requests, work, replies))
                .build();
    }

    /** Works with the first one, takes all; the last one. */
    private static Hello first(Iterable<Hello> requests, Consumer<Hello> work, Consumer<Hello> replies) {
        Hello last = null;
        for (Hello request : requests) {
            replies.accept(request);
            if (last == null) work.accept(request);
            last = request;
        }
        return last;
    }

    /**
     * Makes a call that must succeed.
     *
     * @param amid runs after the first reply of a server's stream, and after the first of two requests of a client's; not in a
     *     unary call
     */
    static void call(Channel channel, Shape shape, Hello request, Runnable amid) {
        int[] replies = {0};
        Consumer<Hello> count = reply -> {
            if (!reply.equals(request)) throw new AssertionError(reply.text() + " to " + request.text());
            if (replies[0]++ == 0 && shape == Shape.SERVER_STREAM) amid.run();
        };
        switch (shape) {
            case UNARY -> count.accept(channel.call(UNARY, request));
            case SERVER_STREAM -> channel.callServerStreaming(SERVER_STREAM, request, count);
            case CLIENT_STREAM -> count.accept(channel.callClientStreaming(CLIENT_STREAM, twice(request, amid)));
            case BOTH -> channel.callBidiStreaming(BOTH, twice(request, amid), count);
        }
        long expected = switch (shape) {
            case UNARY, CLIENT_STREAM -> 1;
            case SERVER_STREAM -> 1 + request.number();
            case BOTH -> 2;
        };
        if (replies[0] != expected) throw new AssertionError(replies[0] + " replies to " + request.text());
    }

    private static Iterable<Hello> twice(Hello request, Runnable amid) {
        Iterator<Hello> two = List.of(request, request).iterator();
        boolean[] any = {false};
        return () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                if (any[0] && two.hasNext()) amid.run();
                return two.hasNext();
            }

            @Override
            public Hello next() {
                any[0] = true;
                return two.next();
            }
        };
    }
}

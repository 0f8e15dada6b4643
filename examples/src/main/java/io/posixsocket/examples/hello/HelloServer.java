package io.posixsocket.examples.hello;

import hello.Greeter;
import hello.HelloReply;
import hello.HelloRequest;
import io.posixsocket.rpc.CallContext;
import io.posixsocket.rpc.Server;

/** The README's server: {@code HelloServer unix:/tmp/hello.sock}. */
public final class HelloServer implements Greeter {
    @Override
    public HelloReply sayHello(HelloRequest request) {
        String caller = CallContext.current().peer().orElseThrow().toString(); // as the kernel tells it
        return HelloReply.newBuilder()
                .setMessage("Hello, " + request.getName() + " of " + caller + "!")
                .build();
    }

    public static void main(String[] args) throws Exception {
        try (Server server = Server.builder()
                .listen(args[0])
                .service(Greeter.service(new HelloServer()))
                .start()) {
            server.awaitTermination();
        }
    }
}

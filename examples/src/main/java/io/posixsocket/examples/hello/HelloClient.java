package io.posixsocket.examples.hello;

import hello.Greeter;
import hello.HelloRequest;
import io.posixsocket.rpc.Client;
import java.time.Duration;

/** The README's client: {@code HelloClient unix:/tmp/hello.sock}. */
public final class HelloClient {
    private HelloClient() {}

    public static void main(String[] args) {
        try (Client client = Client.connect(args[0])) {
            Greeter greeter = Greeter.stub(client.withTimeout(Duration.ofSeconds(1)));
            HelloRequest ada = HelloRequest.newBuilder().setName("Ada").build();
            System.out.println(greeter.sayHello(ada).getMessage());
        }
    }
}

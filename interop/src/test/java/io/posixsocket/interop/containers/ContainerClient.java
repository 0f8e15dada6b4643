package io.posixsocket.interop.containers;

import hello.Greeter;
import hello.HelloRequest;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.StatusException;
import java.time.Duration;

/** Says hello to the server at its argument, whoever runs that, and prints what comes of it. */
public final class ContainerClient {
    private ContainerClient() {}

    public static void main(String[] args) {
        try (Client client = Client.builder(args[0]).allowAnyLocalUser().build()) {
            HelloRequest ada = HelloRequest.newBuilder().setName("Ada").build();
            System.out.println(Greeter.stub(client.withTimeout(Duration.ofSeconds(60)))
                    .sayHello(ada)
                    .getMessage());
        } catch (StatusException e) {
            System.out.println(e.getMessage());
        }
    }
}

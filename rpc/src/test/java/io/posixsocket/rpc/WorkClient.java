package io.posixsocket.rpc;

import io.posixsocket.SockaddrUn;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * The process of one {@link Work} call, which never ends by itself. Its arguments: the path, the shape, and whether the caller
 * hangs in its own code in the middle of the stream, which it says.
 */
final class WorkClient {
    private WorkClient() {}

    public static void main(String[] args) throws Exception {
        Thread lifeLine = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // nothing is said
                }
            } catch (java.io.IOException e) {
                System.out.println(e);
            }
            System.exit(1); // who started it has ended
        });
        lifeLine.setDaemon(true);
        lifeLine.start();
        CountDownLatch never = new CountDownLatch(1);
        boolean amid = Boolean.parseBoolean(args[2]);
        try (Client client = Client.builder(SockaddrUn.path(Path.of(args[0]))).build()) {
            Work.call(client, Work.Shape.valueOf(args[1]), new Hello("x", Long.MAX_VALUE - 1), () -> {
                if (!amid) return;
                System.out.println("amid");
                ServerConcurrencyTest.await(never);
            });
        }
    }
}

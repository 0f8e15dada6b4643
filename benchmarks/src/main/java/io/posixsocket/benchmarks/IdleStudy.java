package io.posixsocket.benchmarks;

import io.posixsocket.rpc.Client;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an idle connection costs a server: each has made a call, so that whatever a call brings is there. */
final class IdleStudy implements Study {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration IDLE = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "idle-connections";
    }

    @Override
    public String about() {
        return "memory of a server (G1, after a collection) per connection that is idle for " + IDLE.toSeconds()
                + " s after a call";
    }

    @Override
    public int samples() {
        return 10_000;
    }

    @Override
    public Finding take(int connections) throws IOException, InterruptedException {
        try (ServerProcess server = ServerProcess.start(RpcServer.class, List.of("-XX:+UseG1GC"), List.of("many"))) {
            hold(server, Math.min(connections, 1_000)); // what the first connections bring is not theirs alone
            long before = resident(server);
            int threadsBefore = Machine.threads(server.child().pid());
            List<Client> clients = new ArrayList<>();
            try {
                for (int i = 0; i < connections; i++) clients.add(connect(server));
                Thread.sleep(IDLE.toMillis()); // it is time itself that is studied
                long after = resident(server);
                return new Finding(
                        List.of(
                                "connections",
                                "resident before, KiB",
                                "after, KiB",
                                "each, KiB",
                                "threads before",
                                "after"),
                        List.of(List.of(
                                "" + connections,
                                "" + before,
                                "" + after,
                                String.format(Locale.ROOT, "%.2f", (double) (after - before) / connections),
                                "" + threadsBefore,
                                "" + Machine.threads(server.child().pid()))));
            } finally {
                clients.forEach(Client::close);
            }
        }
    }

    private static void hold(ServerProcess server, int connections) throws IOException {
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < connections; i++) clients.add(connect(server));
        } finally {
            clients.forEach(Client::close);
        }
    }

    private static Client connect(ServerProcess server) throws IOException {
        Client client = Client.builder(server.address())
                .maxConnections(1)
                .idleTimeout(Duration.ofHours(1))
                .build();
        Echo.stub(client).echo(Payload.getDefaultInstance());
        return client;
    }

    private static long resident(ServerProcess server) throws IOException, InterruptedException {
        server.child().ask(ServerConsole.COLLECT, LIMIT);
        return Machine.residentKiB(server.child().pid());
    }
}

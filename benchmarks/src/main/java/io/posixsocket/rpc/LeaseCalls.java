package io.posixsocket.rpc;

import io.posixsocket.OwnedFd;
import io.posixsocket.benchmarks.Echo;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A connection taken for a call and given back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class LeaseCalls {
    private static final int MAX_CONNECTIONS = 8;

    private final Lease lease = new Lease();
    private BenchmarkPair pair;
    private Client client;
    private Pool pool;

    /** Connects, by half of a pair that nobody serves. */
    @Setup
    public void open() throws IOException {
        lease.end();
        pair = new BenchmarkPair();
        Connector connector = new Connector() {
            @Override
            public OwnedFd connect(Deadline deadline, Opening opening) {
                return pair.out;
            }

            @Override
            public boolean isUnix() {
                return true;
            }
        };
        client = new Client(connector, Duration.ZERO);
        pool = new Pool(client, connector, Duration.ZERO, MAX_CONNECTIONS, Duration.ofHours(1));
    }

    /** Closes it. */
    @TearDown
    public void close() {
        pool.close();
        client.close();
        pair.close();
    }

    /** The word alone. */
    @Benchmark
    public boolean takeAndEnd() {
        boolean taken = lease.take(Thread.currentThread());
        lease.end();
        return taken;
    }

    /** The pool's lease of the connection that this thread had last, and its return. */
    @Benchmark
    public boolean leaseAndReturn() {
        ClientConnection connection = pool.lease(Echo.ECHO, null, false);
        pool.giveBack(connection);
        return connection.hasReplied();
    }
}

package io.posixsocket.benchmarks.calls;

import com.google.protobuf.ByteString;
import io.posixsocket.benchmarks.Echo;
import io.posixsocket.benchmarks.Payload;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Calls of the generated stub on a server of the same process: {@code server.connect()}, a socket pair. With {@code -prof gc}: what
 * both sides allocate, messages included.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class StubCalls {
    /** Bytes of the body each way. */
    @Param({"64", "4096"})
    public int size;

    /** Whether both sides look for the next frame before they block. */
    @Param({"true", "false"})
    public boolean spin;

    private Server server;
    private Client client;
    private Echo echo;
    private Echo echoInTime;
    private Payload request;

    /** Starts the server. */
    @Setup
    public void open() throws IOException {
        Server.Builder builder = Server.builder().service(Echo.service(new Echo() {
            @Override
            public Payload echo(Payload request) {
                return request;
            }
        }));
        if (!spin) builder.noSpin();
        server = builder.start();
        client = server.connect();
        echo = Echo.stub(client);
        echoInTime = Echo.stub(client.withTimeout(Duration.ofMinutes(1)));
        request = Payload.newBuilder()
                .setBody(ByteString.copyFrom(new byte[size]))
                .build();
    }

    /** Stops it. */
    @TearDown
    public void close() {
        client.close();
        server.close();
    }

    /** One call. */
    @Benchmark
    public Payload echo() {
        return echo.echo(request);
    }

    /** One call with a deadline. */
    @Benchmark
    public Payload echoWithDeadline() {
        return echoInTime.echo(request);
    }
}

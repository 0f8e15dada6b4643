package io.posixsocket.rpc;

import com.google.protobuf.ByteString;
import io.posixsocket.NativeBuffer;
import io.posixsocket.benchmarks.Payload;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Frames read from a socket that one send has put them into. {@link #bareBytesIn} is the two system calls alone. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class FrameReaderCalls {
    private static final int TOGETHER = 100;
    private static final int ROOM = 64 * 1024;

    /** Bytes of the message's body in each frame. */
    @Param({"64", "512"})
    public int size;

    private final NativeBuffer frames = NativeBuffer.allocate(ROOM);
    private BenchmarkPair pair;
    private FrameReader reader;
    private int frameBytes;

    /** Opens the sockets, and has frames ready. */
    @Setup
    public void open() throws IOException {
        pair = new BenchmarkPair();
        reader = new FrameReader(pair.in, new Spin(Duration.ZERO));
        Payload message = Payload.newBuilder()
                .setBody(ByteString.copyFrom(new byte[size]))
                .build();
        FrameWriter writer = pair.writer();
        writer.data(1, message, false);
        frameBytes = pair.in.tryRecv(frames, 0, ROOM);
        for (int i = 1; i < TOGETHER; i++)
            frames.bytes().put(i * frameBytes, frames.bytes().duplicate(), 0, frameBytes);
    }

    /** Closes the sockets. */
    @TearDown
    public void close() {
        reader.discard();
        pair.close();
    }

    /** The bytes of a frame, sent and received. */
    @Benchmark
    public int bareBytesIn() throws IOException {
        return pair.out.trySend(frames, 0, frameBytes) + pair.drain();
    }

    /** A frame, sent and read. */
    @Benchmark
    public int frame() throws IOException {
        pair.out.trySend(frames, 0, frameBytes);
        return read();
    }

    /** The same, and the memory given back and taken again, as between two calls. */
    @Benchmark
    public int frameAndRelease() throws IOException {
        pair.out.trySend(frames, 0, frameBytes);
        int length = read();
        reader.release();
        return length;
    }

    /** One of many frames that came together. */
    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public int frameOfMany() throws IOException {
        pair.out.trySend(frames, 0, TOGETHER * frameBytes);
        int length = 0;
        for (int i = 0; i < TOGETHER; i++) length += read();
        return length;
    }

    private int read() throws IOException {
        if (reader.next() != FrameReader.Result.FRAME) throw new IOException("there is no frame");
        return reader.length();
    }
}

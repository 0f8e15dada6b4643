package io.posixsocket.rpc;

import com.google.protobuf.ByteString;
import io.posixsocket.NativeBuffer;
import io.posixsocket.benchmarks.Echo;
import io.posixsocket.benchmarks.Payload;
import java.io.IOException;
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
 * Envelopes around a message: written and read as a call does it. What is written goes through a socket and is taken out again;
 * {@link #bareBytesOut} is that alone, so the difference is the coding.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class EnvelopeCalls {
    private static final int MAX_ENTRIES = 128;
    private static final int MAX_METADATA = 8 * 1024;

    /** Bytes of the message's body. */
    @Param({"64", "4096"})
    public int size;

    private final Envelope envelope = new Envelope();
    private final Request request = new Request(MAX_ENTRIES, MAX_METADATA);
    private BenchmarkPair pair;
    private FrameWriter writer;
    private Payload message;
    private byte[] requestBody;
    private byte[] responseBody;
    private NativeBuffer bare;
    private int frameBytes;

    /** Opens the sockets, and codes what is to be read. */
    @Setup
    public void open() throws IOException {
        pair = new BenchmarkPair();
        writer = pair.writer();
        message = Payload.newBuilder()
                .setBody(ByteString.copyFrom(new byte[size]))
                .build();
        writer.request(1, 0, Echo.ECHO, message, 0, Metadata.empty(), false);
        requestBody = pair.body();
        writer.reply(1, message);
        responseBody = pair.body();
        frameBytes = requestBody.length + Wire.HEADER;
        bare = NativeBuffer.allocate(frameBytes);
    }

    /** Closes the sockets. */
    @TearDown
    public void close() {
        pair.close();
    }

    /** The bytes of a Request, ready, by one send; taken out by one recv. */
    @Benchmark
    public int bareBytesOut() throws IOException {
        return pair.out.trySend(bare, 0, frameBytes) + pair.drain();
    }

    /** A Request of a message, coded and sent. */
    @Benchmark
    public int requestOut() throws IOException {
        writer.request(1, 0, Echo.ECHO, message, 0, Metadata.empty(), false);
        return pair.drain();
    }

    /** The same with a timeout. */
    @Benchmark
    public int requestWithTimeoutOut() throws IOException {
        writer.request(1, 0, Echo.ECHO, message, TimeUnit.SECONDS.toNanos(1), Metadata.empty(), false);
        return pair.drain();
    }

    /** A Response with a message, coded and sent. */
    @Benchmark
    public int responseOut() throws IOException {
        writer.reply(1, message);
        return pair.drain();
    }

    /** A message of a stream that is gathered with others: the sends are shared. */
    @Benchmark
    public int messageGathered() throws IOException {
        writer.data(1, message, true);
        return writer.gathered() == 0 ? pair.drain() : 0;
    }

    /** A Request's parts, found. */
    @Benchmark
    public int requestRead() throws IOException {
        request.read(requestBody, requestBody.length);
        return request.payloadLength;
    }

    /** The same, and its message. */
    @Benchmark
    public Payload requestReadAndParsed() throws IOException {
        request.read(requestBody, requestBody.length);
        return Payload.parser().parseFrom(requestBody, request.payloadAt, request.payloadLength);
    }

    /** The message alone, as protobuf reads it. */
    @Benchmark
    public Payload bareParse() throws IOException {
        return Payload.parser().parseFrom(requestBody, request.payloadAt, request.payloadLength);
    }

    /** A Response with its message. */
    @Benchmark
    public Payload responseDecoded() throws IOException {
        return Response.decode(envelope, responseBody, responseBody.length, Payload.parser());
    }
}

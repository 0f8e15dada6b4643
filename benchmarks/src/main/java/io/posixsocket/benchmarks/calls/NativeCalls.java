package io.posixsocket.benchmarks.calls;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_DONTWAIT;
import static io.posixsocket.SocketConstants.MSG_NOSIGNAL;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import com.kenai.jffi.MemoryIO;
import io.posixsocket.NativeBuffer;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import jnr.ffi.LibraryLoader;
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

/**
 * Calls that find nothing and calls that carry 64 bytes, on one thread over a socketpair: bare jnr-ffi with primitive
 * arguments, and ours. Run with {@code -prof gc}, which tells the bytes allocated by each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class NativeCalls {
    private static final int LENGTH = 64;

    /** What {@code OwnedFd} is measured against. */
    public interface Raw {
        /** As the manual has it. */
        int getppid();

        /** As the manual has it. */
        long recv(int sockfd, long buf, long len, int flags);

        /** As the manual has it. */
        long send(int sockfd, long buf, long len, int flags);
    }

    private final Raw raw = LibraryLoader.create(Raw.class).load("c");
    private final ByteBuffer direct = ByteBuffer.allocateDirect(LENGTH);
    private final NativeBuffer block = NativeBuffer.allocate(LENGTH);
    private long address;
    private int in;
    private int out;
    private int empty;
    private OwnedFd ownedIn;
    private OwnedFd ownedOut;
    private OwnedFd ownedEmpty;
    private OwnedFd silentPeer;

    /** Opens the descriptors. */
    @Setup
    public void open() throws IOException {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        out = pair[0];
        in = pair[1];
        ownedOut = OwnedFd.adopt(out);
        ownedIn = OwnedFd.adopt(in);
        int[] silent = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        empty = silent[0];
        ownedEmpty = OwnedFd.adopt(empty);
        silentPeer = OwnedFd.adopt(silent[1]);
        address = MemoryIO.getInstance().getDirectBufferAddress(direct);
    }

    /** Closes them. */
    @TearDown
    public void close() {
        ownedIn.close();
        ownedOut.close();
        ownedEmpty.close();
        silentPeer.close();
    }

    /** The cheapest system call: what crossing over costs. */
    @Benchmark
    public int rawGetppid() {
        return raw.getppid();
    }

    /** The bare call that finds nothing. */
    @Benchmark
    public long rawRecvOfNothing() {
        return raw.recv(empty, address, LENGTH, MSG_DONTWAIT);
    }

    /** The same by {@code tryRecv}. */
    @Benchmark
    public int tryRecvOfNothing() throws IOException {
        return ownedEmpty.tryRecv(block, 0, LENGTH);
    }

    /** 64 bytes there, bare. */
    @Benchmark
    public long rawSendAndRecv() {
        return raw.send(out, address, LENGTH, MSG_NOSIGNAL) + raw.recv(in, address, LENGTH, 0);
    }

    /** 64 bytes there by {@code PosixSocket} with a direct buffer. */
    @Benchmark
    public int sendAndRecvOfDirectBuffers() throws IOException {
        return PosixSocket.send(out, direct.clear(), 0) + PosixSocket.recv(in, direct.clear(), 0);
    }

    /** 64 bytes there by {@code OwnedFd} with a direct buffer. */
    @Benchmark
    public int ownedSendAndRecvOfDirectBuffers() throws IOException {
        return ownedOut.send(direct.clear(), 0) + ownedIn.recv(direct.clear(), 0);
    }

    /** 64 bytes there by the calls that do not block. */
    @Benchmark
    public int trySendAndTryRecv() throws IOException {
        return ownedOut.trySend(block, 0, LENGTH) + ownedIn.tryRecv(block, 0, LENGTH);
    }
}

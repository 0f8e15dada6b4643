package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compiled code forgets a buffer after its last use in Java, which is before the kernel's. */
@EnabledOnOs(OS.LINUX)
class BufferReachabilityTest {
    /** Blocks in recv with a buffer that nothing else refers to, and looks whether the collector takes it. */
    static final class BlockedReceiver {
        private static volatile WeakReference<NativeBuffer> buffer;
        private static volatile WeakReference<ByteBuffer> bytes;

        private BlockedReceiver() {}

        public static void main(String[] args) throws Exception {
            int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
            OwnedFd receiver = OwnedFd.adopt(pair[0]);
            WeakReference<Object> control = new WeakReference<>(new Object());
            Callable<Integer> call = switch (args[0]) {
                case "recv" -> () -> bareRecv(pair[0]);
                case "recvmsg" -> () -> bareRecvmsg(pair[0]);
                default -> () -> receiver.awaitRecv(fresh(), 0, 64);
            };
            Caller<Integer> caller = Caller.start(call).awaitBlockedIn(args[0].equals("recvmsg") ? "recvmsg" : "recv");
            Eventually.holds("the collector runs", () -> {
                System.gc();
                return control.get() == null;
            });
            for (int i = 0; i < 3; i++) System.gc();
            System.out.println("buffer " + (buffer.get() == null ? "collected" : "kept"));
            System.out.println("bytes " + (bytes.get() == null ? "collected" : "kept"));
            PosixSocket.send(pair[1], Fds.direct(1), 0);
            System.out.println("received " + caller.result());
        }

        /** Without the loops above it, which might call again with the same buffer and so keep it by chance. */
        private static int bareRecv(int fd) throws IOException {
            NativeBuffer fresh = fresh();
            return LibC.recv(fd, fresh, fresh.address(), 64, 0);
        }

        private static int bareRecvmsg(int fd) throws IOException {
            NativeBuffer msg = NativeBuffer.allocate(MsghdrLayout.SIZE + MsghdrLayout.IOVEC);
            NativeBuffer fresh = fresh();
            MsghdrLayout.put(msg.bytes(), 0, 0, 0, msg.address() + MsghdrLayout.SIZE, 1, 0, 0);
            MsghdrLayout.putIovec(msg.bytes(), MsghdrLayout.SIZE, fresh.address(), 64);
            return LibC.recvmsg(fd, msg, fresh, 0);
        }

        private static NativeBuffer fresh() throws IOException {
            NativeBuffer fresh = NativeBuffer.allocate(64);
            buffer = new WeakReference<>(fresh);
            bytes = new WeakReference<>(fresh.bytes());
            return fresh;
        }
    }

    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource({
        "-XX:TieredStopAtLevel=1, recv",
        "-XX:-TieredCompilation, recv",
        "-XX:TieredStopAtLevel=1, recvmsg",
        "-XX:-TieredCompilation, OwnedFd",
    })
    void theBufferOfABlockedRecvIsKept(String compiler, String by) throws Exception {
        // this library's methods are compiled before their first run, everything else as usual: quick to start
        List<String> arguments = List.of(
                compiler, "-Xcomp", "-XX:CompileCommand=quiet", "-XX:CompileCommand=compileonly,io.posixsocket.*::*");
        assertThat(ChildJvm.run(dir, List.of(), arguments, BlockedReceiver.class, by))
                .contains("buffer kept", "bytes kept", "received 1");
    }
}

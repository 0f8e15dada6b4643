package io.posixsocket.benchmarks;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.MSG_NOSIGNAL;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.Errno;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * An AF_UNIX socket by jnr-ffi alone: numbers go in, a number comes out, and direct buffers are known by their addresses.
 * Nothing guards the descriptor, and nothing heeds an interrupt or a close.
 */
final class RawSocket implements Closeable {
    /** The calls that it takes, as the manual has them. Public, because jnr-ffi refuses others. */
    public interface C {
        int socket(int domain, int type, int protocol);

        int bind(int sockfd, long addr, int addrlen);

        int listen(int sockfd, int backlog);

        int accept(int sockfd, long addr, long addrlen);

        int connect(int sockfd, long addr, int addrlen);

        long send(int sockfd, long buf, long len, int flags);

        long recv(int sockfd, long buf, long len, int flags);

        int close(int fd);
    }

    private static final C C_LIBRARY = LibraryLoader.create(C.class).load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(C_LIBRARY);

    private final int sockfd;

    private RawSocket(int sockfd) {
        this.sockfd = sockfd;
    }

    /** A socket that listens at {@code path}. */
    static RawSocket listening(Path path) throws IOException {
        RawSocket socket = open();
        ByteBuffer address = address(path);
        checked("bind", C_LIBRARY.bind(socket.sockfd, addressOf(address), address.capacity()));
        checked("listen", C_LIBRARY.listen(socket.sockfd, 512));
        return socket;
    }

    /** A socket whose peer is the server that listens at {@code path}. */
    static RawSocket connected(Path path) throws IOException {
        RawSocket socket = open();
        ByteBuffer address = address(path);
        checked("connect", C_LIBRARY.connect(socket.sockfd, addressOf(address), address.capacity()));
        return socket;
    }

    private static RawSocket open() throws IOException {
        return new RawSocket((int) checked("socket", C_LIBRARY.socket(AF_UNIX, SOCK_STREAM, 0)));
    }

    /** Blocks until a client connects. */
    RawSocket accept() throws IOException {
        for (; ; ) {
            int accepted = C_LIBRARY.accept(sockfd, 0, 0);
            if (accepted >= 0 || !interrupted()) return new RawSocket((int) checked("accept", accepted));
        }
    }

    /** Blocks until the frame, which fills its buffer, has come. False at the end of the stream. */
    boolean receive(Frame frame) throws IOException {
        int size = frame.bytes.capacity();
        int got = 0;
        while (got < size) {
            long n = C_LIBRARY.recv(sockfd, frame.address + got, size - got, 0);
            if (n < 0 && interrupted()) continue;
            if (checked("recv", n) == 0 && got == 0) return false;
            if (n == 0) throw new EOFException("the stream ended after " + got + " bytes of a frame");
            got += (int) n;
        }
        return true;
    }

    /** Blocks until the frame is sent. */
    void send(Frame frame) throws IOException {
        int size = frame.bytes.capacity();
        int sent = 0;
        while (sent < size) {
            long n = C_LIBRARY.send(sockfd, frame.address + sent, size - sent, MSG_NOSIGNAL);
            if (n < 0 && interrupted()) continue;
            sent += (int) checked("send", n);
        }
    }

    @Override
    public void close() throws IOException {
        checked("close", C_LIBRARY.close(sockfd));
    }

    /** A frame's bytes, and where they are. */
    static final class Frame {
        private final ByteBuffer bytes;
        private final long address;

        /** Of {@code size} bytes, the header among them. */
        Frame(int size) {
            bytes = ByteBuffer.allocateDirect(size);
            address = addressOf(bytes);
        }

        ByteBuffer bytes() {
            return bytes;
        }
    }

    private static long checked(String call, long result) throws IOException {
        if (result < 0) throw new IOException(call + ": " + Errno.of(RUNTIME.getLastError()));
        return result;
    }

    private static boolean interrupted() {
        return RUNTIME.getLastError() == Errno.EINTR.number();
    }

    /** A {@code struct sockaddr_un}: the family, the path, a zero. */
    private static ByteBuffer address(Path path) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer address =
                ByteBuffer.allocateDirect(Short.BYTES + name.length + 1).order(ByteOrder.nativeOrder());
        return address.putShort((short) AF_UNIX).put(name).clear();
    }

    /** Where its next byte is. */
    private static long addressOf(ByteBuffer direct) {
        return Pointer.wrap(RUNTIME, direct).address();
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_TYPE;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import jnr.unixsocket.UnixSocketChannel;

/**
 * Hands a descriptor to code that wants a channel of {@code java.nio}. Needs {@code com.github.jnr:jnr-unixsocket} on the class
 * path, which this library does not bring along.
 */
public final class NioBridge {
    private NioBridge() {}

    /** Loaded by the first use: the library may be missing. */
    private static final class Jnr {
        private Jnr() {}

        static boolean isThere() {
            return UnixSocketChannel.class.getName() != null;
        }

        static SocketChannel channel(int fd) {
            return UnixSocketChannel.fromFD(fd);
        }
    }

    /**
     * Makes a selectable channel of a connected Unix stream socket. The channel owns the descriptor from then on and {@code fd}
     * is closed to its users; where this throws, {@code fd} stays as it was. Does not block.
     *
     * <p>The channel works with selectors of its own provider alone: {@code channel.provider().openSelector()}. It is
     * jnr-unixsocket's, with that library's habits: closing it does not wake a thread that blocks in it.
     *
     * @param fd takes ownership
     * @throws UnsupportedOperationException if jnr-unixsocket is missing
     * @throws IllegalArgumentException if {@code fd} is no Unix stream socket
     * @throws IllegalStateException while threads are inside calls on {@code fd}
     * @throws ErrnoException ENOTCONN, ENOTSOCK
     */
    public static SocketChannel socketChannel(OwnedFd fd) throws IOException {
        try {
            Jnr.isThere();
        } catch (LinkageError e) {
            throw new UnsupportedOperationException(
                    "a channel of java.nio needs com.github.jnr:jnr-unixsocket on the class path", e);
        }
        if (fd.getpeername().family() != AF_UNIX || fd.getsockopt(SOL_SOCKET, SO_TYPE) != SOCK_STREAM)
            throw new IllegalArgumentException(fd + " is no Unix stream socket, jnr-unixsocket knows no other");
        return Jnr.channel(fd.release());
    }
}

package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.IPPROTO_TCP;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.SocketConstants.TCP_NODELAY;

import io.posixsocket.OwnedFd;
import io.posixsocket.PeerCredentials;
import io.posixsocket.PosixSocket;
import io.posixsocket.Sockaddr;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;

/** Makes a client's connections. */
interface Connector {
    /** Knows the descriptors that are being connected, so that their client can close them meanwhile. */
    interface Opening {
        /**
         * Before it is connected.
         *
         * @throws ClosedChannelException if the client is closed
         */
        void begin(OwnedFd fd) throws ClosedChannelException;

        /** It is connected, or was given up. */
        void end(OwnedFd fd);
    }

    /**
     * A new connection, whose other end is who it should be; nothing was written yet. The caller owns it.
     *
     * @param deadline null for none
     * @throws DeadlineException when it has passed
     */
    OwnedFd connect(Deadline deadline, Opening opening) throws IOException;

    /** Whether bytes that the kernel took are certain to be with the peer's kernel, and the end of the peer is seen at once. */
    boolean isUnix();

    /** Whether there will never be another connection: it is kept as long as it can be used. */
    default boolean isOnly() {
        return false;
    }

    /** The client is closed: nothing will be connected any more. */
    default void close() {}

    /**
     * Asks who is at the other end of {@code fd}.
     *
     * @throws DeniedException if {@code policy} does not permit that
     */
    static void authorize(PeerPolicy policy, OwnedFd fd, Object address) throws IOException {
        PeerCredentials server = fd.peerCredentials();
        boolean permitted;
        try {
            permitted = policy.permits(server);
        } catch (RuntimeException | Error e) { // a policy that cannot decide denies
            DeniedException denied = new DeniedException("peer policy failed for " + server + ": " + e);
            denied.initCause(e);
            throw denied;
        }
        if (!permitted)
            throw new DeniedException("the server at " + address + " is " + server + ", wanted is " + policy);
    }

    /** Connects to an address. */
    record To(Sockaddr address, PeerPolicy policy) implements Connector {
        @Override
        public boolean isUnix() {
            return address.family() == AF_UNIX;
        }

        @Override
        public OwnedFd connect(Deadline deadline, Opening opening) throws IOException {
            OwnedFd fd = OwnedFd.adoptInterruptible(PosixSocket.socket(address.family(), SOCK_STREAM, 0));
            boolean connected = false;
            try {
                opening.begin(fd);
                if (VirtualThreads.isCurrent()) ParkedConnect.connect(fd, address, deadline);
                else connect(fd, deadline);
                if (!isUnix()) fd.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
                else if (policy != null) Connector.authorize(policy, fd, address);
                connected = true;
                return fd;
            } finally {
                opening.end(fd);
                if (!connected) fd.close();
            }
        }

        private void connect(OwnedFd fd, Deadline deadline) throws IOException {
            long timeout = deadline == null ? -1 : Math.max(0, deadline.remainingNanos());
            try {
                fd.connect(address, timeout);
            } catch (IOException e) {
                if (deadline != null && deadline.isExpired() && fd.isOpen()) throw deadline(e);
                throw e;
            }
        }

        private static DeadlineException deadline(IOException cause) {
            DeadlineException expired = new DeadlineException();
            expired.initCause(cause);
            return expired;
        }

        @Override
        public String toString() {
            return address.toString();
        }
    }

    /** The server is not who it should be. */
    final class DeniedException extends IOException {
        private static final long serialVersionUID = 1L;

        DeniedException(String message) {
            super(message);
        }
    }
}

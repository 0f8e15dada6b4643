package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;

import io.posixsocket.OwnedFd;
import java.io.IOException;

/** Has one connection, which somebody else made, and never another. Asked by one caller at a time, as all connectors. */
final class GivenConnector implements Connector {
    private final OwnedFd fd;
    private final boolean isUnix;
    private final PeerPolicy policy; // null: nobody is asked
    private final String name;

    private boolean taken;

    /** Takes ownership of {@code connected}, unless it throws. */
    GivenConnector(OwnedFd connected, PeerPolicy policy) throws IOException {
        this.isUnix = connected.getsockname().family() == AF_UNIX;
        this.policy = policy;
        this.name = connected.toString();
        connected.getpeername(); // ENOTCONN
        this.fd = OwnedFd.adoptInterruptible(connected.release());
    }

    @Override
    public OwnedFd connect(Deadline deadline, Opening opening) throws IOException {
        if (taken)
            throw new IOException("the connection has ended, and a client on a given descriptor cannot connect again");
        if (policy != null) Connector.authorize(policy, fd, this);
        taken = true;
        return fd;
    }

    @Override
    public boolean isUnix() {
        return isUnix;
    }

    @Override
    public boolean isOnly() {
        return true;
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return name;
    }
}

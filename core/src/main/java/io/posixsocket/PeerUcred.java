package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOL_SOCKET;
import static io.posixsocket.SocketConstants.SO_DOMAIN;

import java.util.List;
import java.util.Optional;

/** What Linux tells of a peer. */
final class PeerUcred {
    /** What the system shows where it noted nobody. */
    private static final long NOBODY = 0xffffffffL;

    private PeerUcred() {}

    static PeerCredentials read(int sockfd) throws ErrnoException {
        // Linux answers for every family, with pid 0 and uid -1 where it knows nothing
        if (PosixSocket.getsockopt(sockfd, SOL_SOCKET, SO_DOMAIN) != AF_UNIX) throw failure(sockfd, Errno.EOPNOTSUPP);
        Ucred ucred = SockOpt.SO_PEERCRED.get(sockfd);
        if (ucred.uid() == NOBODY) throw failure(sockfd, Errno.ENOTCONN);
        return new PeerCredentials(ucred.pid(), ucred.uid(), ucred.gid(), groups(sockfd));
    }

    private static ErrnoException failure(int sockfd, Errno errno) {
        return new ErrnoException("getsockopt", "fd " + sockfd + ", SO_PEERCRED", errno.number());
    }

    private static Optional<List<Long>> groups(int sockfd) throws ErrnoException {
        if (!SockOpt.SO_PEERGROUPS.isDefined()) return Optional.empty();
        try {
            return Optional.of(SockOpt.SO_PEERGROUPS.get(sockfd));
        } catch (ErrnoException e) {
            // a kernel before 4.13, or a peer of whom it noted none
            if (e.errno() == Errno.ENOPROTOOPT || e.errno() == Errno.ENODATA) return Optional.empty();
            throw e;
        }
    }
}

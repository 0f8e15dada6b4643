package io.posixsocket.rpc;

import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.PosixSocket;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;

/** Failures before a request was sent: the call did not run. The one place where such an IOException becomes a status. */
final class Unsent {
    private Unsent() {}

    /** @param where the client, as messages name it */
    static StatusException failed(MethodDescriptor<?, ?> method, Object where, IOException e) {
        Status status = Status.UNAVAILABLE;
        String why = e.getMessage();
        if (e instanceof DeadlineException) {
            status = Status.DEADLINE_EXCEEDED;
            why = "deadline exceeded before the request was sent";
        } else if (e instanceof ClosedByInterruptException) {
            status = Status.CANCELLED;
            why = "thread " + VirtualThreads.currentName() + " was interrupted";
        } else if (e instanceof ClosedChannelException) {
            status = Status.CANCELLED;
            why = "the client is closed";
        } else if (e instanceof Connector.DeniedException) {
            status = Status.PERMISSION_DENIED;
        } else if (e instanceof ErrnoException errno) {
            why += hint(errno.errno());
        }
        return failed(method, where, status, why, e);
    }

    static StatusException failed(
            MethodDescriptor<?, ?> method, Object where, Status status, String why, IOException cause) {
        return new StatusException(status, method + " at " + where + ": " + why, Executed.NO, cause);
    }

    private static String hint(Errno errno) {
        return switch (errno) {
            case ENOENT, ECONNREFUSED -> ": nobody listens there";
            case EACCES ->
                ": uid " + PosixSocket.geteuid() + " may not enter the directory or not use the socket,"
                        + " which has mode 0600 unless its server says pathMode";
            case EMFILE -> ": this process has no descriptor left, raise their limit (ulimit -n)";
            case EPIPE, ECONNRESET -> ": the server ends each connection before it takes a request: " + refusal();
            default -> "";
        };
    }

    /** Why a server ends a connection that it has never replied to: it cannot say. */
    static String refusal() {
        return "perhaps it does not serve uid " + PosixSocket.geteuid()
                + ", or has as many connections as it takes, in all or of one user";
    }

    /** Whether a server that starts or restarts gives this, so that trying again may help. */
    static boolean mayPass(IOException e) {
        if (!(e instanceof ErrnoException errno)) return false;
        return switch (errno.errno()) {
            case ENOENT, ECONNREFUSED, ECONNRESET, ECONNABORTED, EPIPE, ETIMEDOUT -> true;
            default -> false;
        };
    }

    /** Whether the caller itself ended the attempt: that says nothing of the server. */
    static boolean isOwn(IOException e) {
        return e instanceof DeadlineException || e instanceof ClosedChannelException;
    }
}

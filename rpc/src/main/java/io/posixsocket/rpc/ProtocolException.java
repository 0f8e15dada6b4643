package io.posixsocket.rpc;

import java.io.IOException;

/** The peer sent what ttRPC does not allow; the connection is of no more use. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}

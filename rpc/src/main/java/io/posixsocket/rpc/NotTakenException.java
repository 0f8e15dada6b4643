package io.posixsocket.rpc;

import java.io.IOException;

/** The connection ended before the kernel had the whole Request: the call did not run and may be made on another one. */
final class NotTakenException extends Exception {
    private static final long serialVersionUID = 1L;

    NotTakenException(IOException cause) {
        super(cause);
    }

    @Override
    public synchronized IOException getCause() {
        return (IOException) super.getCause();
    }
}

package io.posixsocket.rpc;

import java.io.IOException;

/** The deadline of the call passed inside an input or output operation. */
final class DeadlineException extends IOException {
    private static final long serialVersionUID = 1L;

    DeadlineException() {
        super("deadline exceeded");
    }
}

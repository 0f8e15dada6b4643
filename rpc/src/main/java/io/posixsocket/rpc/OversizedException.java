package io.posixsocket.rpc;

import java.io.IOException;

/** A frame would be longer than the protocol allows. Nothing of it was sent: the connection is as it was. */
final class OversizedException extends IOException {
    private static final long serialVersionUID = 1L;

    OversizedException(long length) {
        super(Wire.oversized(length));
    }
}

package io.posixsocket.rpc;

/** The numbers of the ttRPC wire; docs/PROTOCOL.md tells them in words. */
final class Wire {
    /** Length of the body (4 bytes), stream id (4), type, flags; big-endian. */
    static final int HEADER = 10;

    /** The longest body, the envelope included. */
    static final int MAX_BODY = 4 << 20;

    /** From here on the first byte of a frame is not 0, which the protocol reserves: HTTP, TLS, garbage. */
    static final int RESERVED_LENGTH = 1 << 24;

    static final int REQUEST = 1;
    static final int RESPONSE = 2;
    static final int DATA = 3;

    // Flags. A frame that says REMOTE_CLOSED is the sender's last of its stream.
    static final int REMOTE_CLOSED = 0x01;
    static final int REMOTE_OPEN = 0x02;
    static final int NO_DATA = 0x04;

    /** Nobody handles ids beyond 32 bits: the last odd one below is where a client changes its connection. */
    static final int LAST_ID = 0xfffffffd;

    // Request
    static final int SERVICE = 1;
    static final int METHOD = 2;
    static final int PAYLOAD = 3;
    static final int TIMEOUT_NANO = 4;
    static final int METADATA = 5;
    /**
     * Our extension, a bool in the first Request of a connection: its client will have one call at a time on it. Foreign
     * peers skip a field that they do not know.
     */
    static final int ONE_CALL_AT_A_TIME = 100;

    // Response
    static final int STATUS = 1;
    static final int REPLY = 2;

    private Wire() {}

    static String oversized(long length) {
        return oversized(length, MAX_BODY);
    }

    static String oversized(long length, int limit) {
        return "message length " + length + " exceed maximum message size of " + limit; // the words of every peer
    }
}

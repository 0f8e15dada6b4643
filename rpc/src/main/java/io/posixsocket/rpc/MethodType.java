package io.posixsocket.rpc;

/** On which side a method streams. */
public enum MethodType {
    /** One request, one reply. */
    UNARY,
    /** A stream of requests, one reply. */
    CLIENT_STREAMING,
    /** One request, a stream of replies. */
    SERVER_STREAMING,
    /** A stream of requests, a stream of replies. */
    BIDI_STREAMING;

    boolean requestsStream() {
        return this == CLIENT_STREAMING || this == BIDI_STREAMING;
    }

    boolean repliesStream() {
        return this == SERVER_STREAMING || this == BIDI_STREAMING;
    }
}

package io.posixsocket.rpc;

/** What the author of a method says of making a call twice: protobuf's {@code idempotency_level}. */
public enum Idempotency {
    /** Nothing was said. */
    UNKNOWN,
    /** A call changes nothing. */
    NO_SIDE_EFFECTS,
    /** Calling twice does what calling once does. */
    IDEMPOTENT
}

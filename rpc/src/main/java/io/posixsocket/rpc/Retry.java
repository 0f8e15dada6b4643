package io.posixsocket.rpc;

/** Which failed calls a channel makes again by itself, on another connection and within the deadline. */
public enum Retry {
    /** The default: only what provably did not run, because its connection ended before it took the request. */
    NOT_EXECUTED,
    /**
     * Also a unary call that fails with UNAVAILABLE and may have run, if its method says that calling twice does no harm
     * ({@link Idempotency#NO_SIDE_EFFECTS}, {@link Idempotency#IDEMPOTENT}).
     */
    IDEMPOTENT
}

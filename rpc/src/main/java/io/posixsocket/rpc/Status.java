package io.posixsocket.rpc;

/**
 * How a call ended: gRPC's codes, which are ttRPC's too.
 *
 * @see <a href="https://grpc.io/docs/guides/status-codes/">gRPC status codes</a>
 */
public enum Status {
    /** Success. Never the status of a {@link StatusException}. */
    OK(0),
    /** The caller went away: interrupted, or its connection ended. */
    CANCELLED(1),
    /** An exception that says no more than that; what a handler's exception becomes. */
    UNKNOWN(2),
    /** The request is wrong whatever the state of the system. */
    INVALID_ARGUMENT(3),
    /** The time ran out, on either side. */
    DEADLINE_EXCEEDED(4),
    /** Something asked for does not exist. */
    NOT_FOUND(5),
    /** Something to be made exists already. */
    ALREADY_EXISTS(6),
    /** The caller is known and not allowed. */
    PERMISSION_DENIED(7),
    /** A limit was reached: all workers busy, bytes in flight, message size, metadata, a quota. */
    RESOURCE_EXHAUSTED(8),
    /** The system is not in the state that the call needs. */
    FAILED_PRECONDITION(9),
    /** A conflict with another call; trying again as a whole may help. */
    ABORTED(10),
    /** Past the end of a valid range. */
    OUT_OF_RANGE(11),
    /** The server does not have this service or method. */
    UNIMPLEMENTED(12),
    /** An invariant is broken. */
    INTERNAL(13),
    /** The server cannot be reached, or it ended while the call ran; trying again may help. */
    UNAVAILABLE(14),
    /** Data is lost or damaged. */
    DATA_LOSS(15),
    /** The caller is not known. */
    UNAUTHENTICATED(16);

    private static final Status[] BY_CODE = new Status[17];

    static {
        for (Status status : values()) BY_CODE[status.code] = status;
    }

    private final int code;

    Status(int code) {
        this.code = code;
    }

    /** The number on the wire, 0 to 16. */
    public int code() {
        return code;
    }

    /** The status with this number; {@link #UNKNOWN} for one that gRPC does not define. */
    public static Status of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : UNKNOWN;
    }
}

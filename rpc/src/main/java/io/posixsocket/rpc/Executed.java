package io.posixsocket.rpc;

/** What is known of a failed call's effect. */
public enum Executed {
    /** The server's handler did not start and will not: the call may be made again without doubling its effect. */
    NO,
    /** The handler may have run, wholly or in part. */
    MAYBE
}

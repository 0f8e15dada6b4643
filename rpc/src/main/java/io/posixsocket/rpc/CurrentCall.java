package io.posixsocket.rpc;

/** Which call a thread runs. */
final class CurrentCall {
    private static final ThreadLocal<CallContext> CURRENT = new ThreadLocal<>();

    private CurrentCall() {}

    static CallContext get() {
        return CURRENT.get();
    }

    /** Null for none. The thread keeps an empty entry: to remove it with each call would make a new one with each. */
    static CallContext swap(CallContext call) {
        CallContext before = CURRENT.get();
        CURRENT.set(call);
        return before;
    }
}

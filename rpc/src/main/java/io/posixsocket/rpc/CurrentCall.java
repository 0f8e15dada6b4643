package io.posixsocket.rpc;

/** Which call a thread runs. */
final class CurrentCall {
    private static final ThreadLocal<CallContext> CURRENT = new ThreadLocal<>();

    private CurrentCall() {}

    static CallContext get() {
        return CURRENT.get();
    }

    /** Null for none, which leaves nothing behind in the thread. */
    static CallContext swap(CallContext call) {
        CallContext before = CURRENT.get();
        if (call == null) CURRENT.remove();
        else CURRENT.set(call);
        return before;
    }
}

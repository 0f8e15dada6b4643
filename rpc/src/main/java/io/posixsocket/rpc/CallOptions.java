package io.posixsocket.rpc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a view of a channel adds to its calls. Immutable.
 *
 * @param timeoutNanos Long.MAX_VALUE for none
 * @param fixedDeadline null for none
 * @param inherits whether the deadline of the incoming call counts
 * @param waitForReady whether to wait for a server that is not there
 */
record CallOptions(
        long timeoutNanos,
        Deadline fixedDeadline,
        boolean inherits,
        Metadata metadata,
        List<Interceptor> interceptors,
        boolean waitForReady,
        Retry retry) {
    static final CallOptions NONE =
            new CallOptions(Long.MAX_VALUE, null, true, Metadata.empty(), List.of(), false, Retry.NOT_EXECUTED);

    CallOptions withTimeout(Duration timeout) {
        long nanos = Deadline.saturatedNanos(timeout);
        if (nanos <= 0) throw new IllegalArgumentException("timeout is " + timeout + ", must be positive");
        return new CallOptions(
                Math.min(nanos, timeoutNanos), fixedDeadline, inherits, metadata, interceptors, waitForReady, retry);
    }

    CallOptions withDeadline(Deadline deadline) {
        Objects.requireNonNull(deadline, "deadline");
        return new CallOptions(
                timeoutNanos,
                Deadline.earlier(fixedDeadline, deadline),
                inherits,
                metadata,
                interceptors,
                waitForReady,
                retry);
    }

    CallOptions withoutInheritedDeadline() {
        return new CallOptions(timeoutNanos, fixedDeadline, false, metadata, interceptors, waitForReady, retry);
    }

    CallOptions withMetadata(Metadata more) {
        return new CallOptions(
                timeoutNanos, fixedDeadline, inherits, metadata.with(more), interceptors, waitForReady, retry);
    }

    CallOptions withInterceptor(Interceptor interceptor) {
        List<Interceptor> more = new ArrayList<>(interceptors);
        more.add(Objects.requireNonNull(interceptor, "interceptor"));
        return new CallOptions(timeoutNanos, fixedDeadline, inherits, metadata, List.copyOf(more), waitForReady, retry);
    }

    CallOptions withWaitForReady() {
        return new CallOptions(timeoutNanos, fixedDeadline, inherits, metadata, interceptors, true, retry);
    }

    CallOptions withRetry(Retry which) {
        Objects.requireNonNull(which, "retry");
        return new CallOptions(timeoutNanos, fixedDeadline, inherits, metadata, interceptors, waitForReady, which);
    }

    /** The earliest of all that apply to a call which starts now; null for none. */
    Deadline deadline() {
        Deadline deadline = fixedDeadline;
        if (timeoutNanos != Long.MAX_VALUE) deadline = Deadline.earlier(deadline, Deadline.afterNanos(timeoutNanos));
        CallContext incoming = inherits ? CurrentCall.get() : null;
        return incoming == null
                ? deadline
                : Deadline.earlier(deadline, incoming.deadline().orElse(null));
    }
}

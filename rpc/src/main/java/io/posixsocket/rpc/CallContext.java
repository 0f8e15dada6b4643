package io.posixsocket.rpc;

import io.posixsocket.PeerCredentials;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * The facts of one call. In a handler {@link #current()} is the call that the thread runs; an {@link Interceptor} is given
 * its call, on either side.
 *
 * <p>Any thread may read it. It stays readable after the call.
 */
public sealed interface CallContext permits ServerCall, ClientCall {
    /** What is called. */
    MethodDescriptor<?, ?> method();

    /** What came with the request, or, on the client, will go with it. */
    Metadata metadata();

    /**
     * Adds a value to the metadata of an outgoing call.
     *
     * @throws IllegalStateException on the server, and on the client once the call has proceeded
     */
    void addMetadata(String key, String value);

    /** When the caller stops waiting; empty if it waits without limit. */
    Optional<Deadline> deadline();

    /**
     * On the server, who calls: as the kernel says, not as the caller says. Empty on the client, and where the kernel does not
     * know (TCP).
     */
    Optional<PeerCredentials> peer();

    /**
     * Whether nobody waits for the result any more: the deadline has passed, the caller hung up, or the server is being
     * closed. The handler's thread is interrupted at that moment too. On the client: whether the deadline has passed.
     */
    boolean isCancelled();

    /**
     * The incoming call that this thread runs, or that was {@linkplain #attach attached} to it.
     *
     * @throws IllegalStateException if there is none
     */
    static CallContext current() {
        CallContext call = CurrentCall.get();
        if (call == null)
            throw new IllegalStateException(
                    "no call runs on thread " + Thread.currentThread().getName());
        return call;
    }

    /** As {@link #current()}, empty if there is none. */
    static Optional<CallContext> currentOrEmpty() {
        return Optional.ofNullable(CurrentCall.get());
    }

    /**
     * Makes this incoming call the current one of the calling thread until the scope is closed, on the same thread. Cancelling
     * interrupts the handler's own thread alone.
     *
     * @throws IllegalStateException on the client: an outgoing call is nobody's current one
     */
    default Scope attach() {
        CallContext before = CurrentCall.swap(this);
        return () -> CurrentCall.swap(before);
    }

    /** The same task with this as its current call. */
    default Runnable wrap(Runnable task) {
        return () -> {
            Scope scope = attach();
            try {
                task.run();
            } finally {
                scope.close();
            }
        };
    }

    /** The same task with this as its current call. */
    default <T> Callable<T> wrap(Callable<T> task) {
        return () -> {
            Scope scope = attach();
            try {
                return task.call();
            } finally {
                scope.close();
            }
        };
    }

    /** Ends an {@link #attach}. Scopes of one thread are closed in the reverse order, each once. */
    interface Scope extends AutoCloseable {
        /** Makes current what was before. */
        @Override
        void close();
    }
}

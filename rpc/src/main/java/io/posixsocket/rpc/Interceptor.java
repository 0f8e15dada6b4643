package io.posixsocket.rpc;

/**
 * Code around whole calls, on either side: logging, metrics, tracing, permissions.
 *
 * <p>An implementation calls {@code proceed} once, on the same thread, or throws instead, and the exception is how the call
 * ends. A failed call's exception comes out of {@code proceed}; whether it is caught or not, the call stays failed, save that
 * another exception takes its place. On the server {@code proceed} may return although the call was cancelled meanwhile: ask
 * {@link CallContext#isCancelled}.
 *
 * <p>Of a conversation ({@link Channel#start}) a client's interceptor sees the opening, because what follows is in no one place:
 * {@code proceed} returns when the connection is there and the first bytes are sent. That is inside of {@code start}, or of the
 * first {@code send} if the method takes one request. An exception thrown after that closes the conversation.
 *
 * <pre>{@code
 * Interceptor log = (call, proceed) -> {
 *     long start = System.nanoTime();
 *     try {
 *         proceed.run();
 *     } finally {
 *         logger.log(INFO, "{0} took {1} ns", call.method(), System.nanoTime() - start);
 *     }
 * };
 * }</pre>
 */
@FunctionalInterface
public interface Interceptor {
    /**
     * Runs around one call, on the thread that makes it or serves it.
     *
     * @param call on the client its metadata can be added to until {@code proceed} runs
     * @param proceed the next interceptor, or the call. Running it twice is an {@link IllegalStateException}; returning
     *     without having run it fails the call with INTERNAL, naming this interceptor
     */
    void intercept(CallContext call, Runnable proceed);
}

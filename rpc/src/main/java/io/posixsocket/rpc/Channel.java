package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Where calls start. A generated stub is made on a channel; the {@code with…} methods give views of one channel that differ
 * in what they add to each call. Views share the connections and are cheap.
 *
 * <p>Thread-safe: any number of threads may call at once, virtual ones too, which keep no carrier while they wait (on JDK 21 to
 * 23, unless they hold a monitor). More methods will come, those as defaults that throw UnsupportedOperationException.
 */
public interface Channel {
    /**
     * Makes a unary call. Blocks until the reply is there, the deadline has passed, the calling thread is interrupted, or the
     * connection has ended. Without a deadline that is as long as the server takes. An exception of an interceptor comes out
     * as it is.
     *
     * @return never null
     * @throws StatusException however the call failed; {@link StatusException#executed()} says whether it may have run. An
     *     interrupt is CANCELLED and leaves the thread's flag set
     * @throws NullPointerException if {@code request} is null
     */
    <Q extends MessageLite, R extends MessageLite> R call(MethodDescriptor<Q, R> method, Q request);

    /**
     * Makes a call that answers with a stream. Each message is given to {@code responses}, on the calling thread; while that
     * runs, the server is held back. Returns when the server has ended the stream; blocks, and fails, as {@link #call} does. An
     * exception of {@code responses} ends the call on both sides and comes out as it is; to stop early without one,
     * {@link #start} a {@link Call}.
     *
     * @throws NullPointerException if {@code request} is null
     */
    default <Q extends MessageLite, R extends MessageLite> void callServerStreaming(
            MethodDescriptor<Q, R> method, Q request, Consumer<? super R> responses) {
        throw new UnsupportedOperationException("server streams over " + this);
    }

    /**
     * Makes a call that sends a stream. Walks {@code requests} once, on the calling thread, no faster than the server takes
     * them, or not to its end if the server answers before. Blocks, and fails, as {@link #call} does. An exception of
     * {@code requests} ends the call on both sides and comes out as it is.
     *
     * @return the reply, never null
     */
    default <Q extends MessageLite, R extends MessageLite> R callClientStreaming(
            MethodDescriptor<Q, R> method, Iterable<? extends Q> requests) {
        throw new UnsupportedOperationException("client streams over " + this);
    }

    /**
     * Makes a call that sends a stream and answers with one. A thread of the library walks {@code requests} (a virtual one if the
     * caller is), with the caller's {@link CallContext}, so that responses are consumed whatever {@code next()} waits for;
     * {@code responses} runs on the calling thread. If the server ends the stream first, the walking thread is interrupted and
     * waited for, 1 s at most. Otherwise as the two other streams.
     */
    default <Q extends MessageLite, R extends MessageLite> void callBidiStreaming(
            MethodDescriptor<Q, R> method, Iterable<? extends Q> requests, Consumer<? super R> responses) {
        throw new UnsupportedOperationException("streams over " + this);
    }

    /**
     * Starts a call of any type as a conversation: send, wait, send. Blocks only to connect and to send the first bytes, which for
     * a method with one request is in {@link Call#send}. Interceptors run around that: see {@link Interceptor}.
     *
     * @return the call, to be closed by the caller
     * @throws StatusException if the server cannot be reached
     */
    default <Q extends MessageLite, R extends MessageLite> Call<Q, R> start(MethodDescriptor<Q, R> method) {
        throw new UnsupportedOperationException("conversations over " + this);
    }

    /**
     * Calls end this long after they start, with DEADLINE_EXCEEDED. The shortest of several limits counts: a view's of a
     * view, and the deadline of the incoming call that this thread serves.
     *
     * @throws IllegalArgumentException if {@code timeout} is not positive
     */
    Channel withTimeout(Duration timeout);

    /** Calls end at this point in time; as {@link #withTimeout} otherwise. */
    Channel withDeadline(Deadline deadline);

    /** Calls made while serving an incoming call do not end with that one's deadline. */
    Channel withoutInheritedDeadline();

    /** Calls carry these entries too, after those of this channel. */
    Channel withMetadata(Metadata metadata);

    /** Calls run inside this interceptor, which is the innermost so far. */
    Channel withInterceptor(Interceptor interceptor);

    /**
     * Calls wait for a server that is not there, within their deadline, instead of failing at once: they connect again after 5 ms,
     * then after twice that, up to 1 s, and what provably did not run is made again as often as it takes. Without a deadline
     * that may be for ever.
     */
    default Channel withWaitForReady() {
        throw new UnsupportedOperationException("waiting for the server of " + this);
    }

    /** Calls that failed are made again if {@code retry} says so, at most twice, the second time after a pause. */
    default Channel withRetry(Retry retry) {
        throw new UnsupportedOperationException("another retry over " + this);
    }
}

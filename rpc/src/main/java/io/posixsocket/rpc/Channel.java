package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.time.Duration;

/**
 * Where calls start. A generated stub is made on a channel; the {@code with…} methods give views of one channel that differ
 * in what they add to each call. Views share the connections and are cheap.
 *
 * <p>Thread-safe: any number of threads may call at once. More methods will come, those as defaults that throw
 * UnsupportedOperationException.
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
}

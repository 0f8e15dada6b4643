package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;

/**
 * A call as a conversation, for what the four plain shapes cannot say: send, wait, send; or stop a stream early. Made by
 * {@link Channel#start}; ends when {@link #receive} has returned null or thrown, or by {@link #close}.
 *
 * <pre>{@code
 * try (Call<Question, Answer> call = channel.start(Oracle.CHAT)) {
 *     call.send(first);
 *     Answer answer = call.receive();
 *     call.send(next(answer));
 *     call.closeSend();
 *     while ((answer = call.receive()) != null) use(answer);
 * }
 * }</pre>
 *
 * <p>One thread may send while another receives. {@link #close} from any thread ends both. An interrupt of either ends the
 * call with CANCELLED.
 *
 * @param <Q> each request
 * @param <R> each reply
 */
public interface Call<Q extends MessageLite, R extends MessageLite> extends AutoCloseable {
    /**
     * Sends a request. It may stay in a buffer for 1 ms, or until {@link #receive} or {@link #closeSend}, so that many small ones
     * go together. Blocks while the server does not take it. A unary or server streaming method has one request, which also
     * closes the sending side.
     *
     * @throws StatusException how the call ended, if it has; RESOURCE_EXHAUSTED if the server takes no more for 1 s,
     *     64 replies or 1 MiB wait, and it is for this thread to {@link #receive} them
     * @throws IllegalStateException after {@link #closeSend}
     */
    void send(Q request);

    /** Says that no more requests will come. Blocks as {@link #send}. Further calls do nothing. */
    void closeSend();

    /**
     * Returns the next reply, or null at the end of the call. Blocks until one is there, the deadline has passed, or another
     * thread closes the call. Of a unary or client streaming method there is one.
     *
     * @throws StatusException if the call failed; every further call throws the same
     */
    R receive();

    /**
     * Ends the call if it has not ended: the server's handler is cancelled. Never blocks on the server, throws nothing. Further
     * calls do nothing.
     */
    @Override
    void close();
}

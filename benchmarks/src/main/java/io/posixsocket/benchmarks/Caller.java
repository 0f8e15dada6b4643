package io.posixsocket.benchmarks;

import java.io.IOException;

/** One calling thread's way to the server: a connection, or its share of what the client keeps. */
interface Caller extends AutoCloseable {
    /** Makes call {@code number} and keeps its reply: this is what is timed. */
    void call(int number) throws Exception;

    /** Throws a {@link WrongReplyException} unless the reply kept is the one to call {@code number}. */
    void verify(int number);

    /** What one received message takes on the heap, whoever receives it, in bytes; NaN if messages are not told apart. */
    default double messageBytes() {
        return Double.NaN;
    }

    /** Ends the connection if it is this caller's own. */
    @Override
    default void close() throws IOException {}
}

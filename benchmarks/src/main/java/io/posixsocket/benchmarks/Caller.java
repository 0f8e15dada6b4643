package io.posixsocket.benchmarks;

/** One calling thread's way to the server. */
interface Caller {
    /** Makes call {@code number} and keeps its reply: this is what is timed. */
    void call(int number) throws Exception;

    /** Throws a {@link WrongReplyException} unless the reply kept is the one to call {@code number}. */
    void verify(int number);
}

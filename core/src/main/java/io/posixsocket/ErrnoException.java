package io.posixsocket;

import java.io.IOException;

/**
 * A POSIX function failed. The message names the function, what it was called on, and the error:
 * {@code bind(unix:/run/x.sock): EADDRINUSE (Address already in use)}.
 */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String function;
    private final Errno errno;
    private final int number;

    ErrnoException(String function, String subject, int number) {
        this(function, subject, number, "");
    }

    /**
     * For code that builds on these functions and knows more than they do.
     *
     * @param function as in the manual: {@code bind}
     * @param subject what it was called on: {@code unix:/run/x.sock}
     * @param hint what the caller can do about it, or what else is known; empty for nothing
     */
    public ErrnoException(String function, String subject, Errno errno, String hint) {
        this(function, subject, errno.number(), hint);
    }

    /** {@code hint} says what the caller can do about it, or what else is known; empty for nothing. */
    ErrnoException(String function, String subject, int number, String hint) {
        super(function + "(" + subject + "): " + Errno.describe(number) + (hint.isEmpty() ? "" : ": " + hint));
        this.function = function;
        this.errno = Errno.of(number);
        this.number = number;
    }

    /** The name of the function that failed, as in the manual: {@code bind}. */
    public String function() {
        return function;
    }

    /** The error, {@link Errno#UNKNOWN} if this library has no name for its number. */
    public Errno errno() {
        return errno;
    }

    /** The number of the error on this platform. */
    public int number() {
        return number;
    }
}

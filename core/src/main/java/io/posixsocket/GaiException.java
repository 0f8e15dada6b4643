package io.posixsocket;

import java.io.IOException;

/**
 * getaddrinfo or getnameinfo failed. The message names the function, what it was asked, and the error:
 * {@code getaddrinfo(no.such.host, http): EAI_NONAME (Name or service not known)}.
 */
public final class GaiException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String function;
    private final GaiError error;
    private final int number;

    /** @param errno what EAI_SYSTEM stands for, else ignored */
    GaiException(String function, String subject, int number, int errno) {
        super(
                function + "(" + subject + "): " + GaiError.describe(number),
                number == SocketConstants.EAI_SYSTEM ? new ErrnoException(function, subject, errno) : null);
        this.function = function;
        this.error = GaiError.of(number);
        this.number = number;
    }

    /** The name of the function that failed, as in the manual: {@code getaddrinfo}. */
    public String function() {
        return function;
    }

    /** The error; for {@link GaiError#EAI_SYSTEM} the {@link #getCause cause} is an {@link ErrnoException}. */
    public GaiError error() {
        return error;
    }

    /** The number of the error on this platform. */
    public int number() {
        return number;
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.NOT_DEFINED;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * getaddrinfo or getnameinfo failed. The message names the function, what it was asked, and the error:
 * {@code getaddrinfo(no.such.host, http): EAI_NONAME (Name or service not known)}.
 */
public final class GaiException extends IOException {
    private static final long serialVersionUID = 1L;

    private static final Map<Integer, String> NAMES = new LinkedHashMap<>();

    static {
        name(SocketConstants.EAI_AGAIN, "EAI_AGAIN");
        name(SocketConstants.EAI_BADFLAGS, "EAI_BADFLAGS");
        name(SocketConstants.EAI_FAIL, "EAI_FAIL");
        name(SocketConstants.EAI_FAMILY, "EAI_FAMILY");
        name(SocketConstants.EAI_MEMORY, "EAI_MEMORY");
        name(SocketConstants.EAI_NONAME, "EAI_NONAME");
        name(SocketConstants.EAI_SERVICE, "EAI_SERVICE");
        name(SocketConstants.EAI_SOCKTYPE, "EAI_SOCKTYPE");
        name(SocketConstants.EAI_SYSTEM, "EAI_SYSTEM");
        name(SocketConstants.EAI_OVERFLOW, "EAI_OVERFLOW");
        name(SocketConstants.EAI_NODATA, "EAI_NODATA");
        name(SocketConstants.EAI_ADDRFAMILY, "EAI_ADDRFAMILY");
    }

    private static void name(int code, String name) {
        if (code != NOT_DEFINED) NAMES.put(code, name);
    }

    private final String function;
    private final int code;

    /** @param errno what EAI_SYSTEM stands for, else ignored */
    GaiException(String function, String subject, int code, int errno) {
        super(
                function + "(" + subject + "): " + NAMES.getOrDefault(code, "EAI error " + code) + " ("
                        + Netdb.gai_strerror(code) + ")",
                code == SocketConstants.EAI_SYSTEM ? new ErrnoException(function, subject, errno) : null);
        this.function = function;
        this.code = code;
    }

    /** The name of the function that failed, as in the manual: {@code getaddrinfo}. */
    public String function() {
        return function;
    }

    /** {@code EAI_NONAME}, {@code EAI_AGAIN}, …; for {@code EAI_SYSTEM} the {@link #getCause cause} is an {@link ErrnoException}. */
    public int code() {
        return code;
    }
}

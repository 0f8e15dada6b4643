package io.posixsocket;

/**
 * The errors of getaddrinfo and getnameinfo. An enum, so that {@code switch} works on it although the numbers differ by
 * platform.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/netdb.h.html">POSIX netdb.h</a>
 */
public enum GaiError {
    /** The name server did not answer: try again. */
    EAI_AGAIN(SocketConstants.EAI_AGAIN),
    /** A flag is not known. */
    EAI_BADFLAGS(SocketConstants.EAI_BADFLAGS),
    /** The name server failed, and will again. */
    EAI_FAIL(SocketConstants.EAI_FAIL),
    /** The family is not supported. */
    EAI_FAMILY(SocketConstants.EAI_FAMILY),
    /** No memory. */
    EAI_MEMORY(SocketConstants.EAI_MEMORY),
    /** There is no such name. */
    EAI_NONAME(SocketConstants.EAI_NONAME),
    /** The service is not known for this type of socket. */
    EAI_SERVICE(SocketConstants.EAI_SERVICE),
    /** The type of socket is not supported. */
    EAI_SOCKTYPE(SocketConstants.EAI_SOCKTYPE),
    /** Something else; the exception's cause says what. */
    EAI_SYSTEM(SocketConstants.EAI_SYSTEM),
    /** The answer is too long. */
    EAI_OVERFLOW(SocketConstants.EAI_OVERFLOW),
    /** The name has no address (glibc). */
    EAI_NODATA(SocketConstants.EAI_NODATA),
    /** The name has no address of this family (glibc). */
    EAI_ADDRFAMILY(SocketConstants.EAI_ADDRFAMILY),
    /** A number that none of the other names has on this platform. */
    UNKNOWN(SocketConstants.NOT_DEFINED);

    private final int number;

    GaiError(int number) {
        this.number = number;
    }

    /** The number on this platform, {@link SocketConstants#NOT_DEFINED} if it has none. */
    public int number() {
        return number;
    }

    /** The error with this number, {@link #UNKNOWN} if there is none. */
    public static GaiError of(int number) {
        for (GaiError error : values()) if (error.number == number) return error;
        return UNKNOWN;
    }

    static String describe(int number) {
        GaiError error = of(number);
        return (error == UNKNOWN ? "EAI error " + number : error.name()) + " (" + Netdb.gai_strerror(number) + ")";
    }
}

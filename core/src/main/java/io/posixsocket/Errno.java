package io.posixsocket;

import java.util.HashMap;
import java.util.Map;

/**
 * The errors of POSIX, and those of Linux that its socket functions give. An enum, so that {@code switch} works on it
 * although the numbers differ by platform.
 *
 * <p>Where two names share one number on this platform ({@code ENOTSUP} and {@code EOPNOTSUPP} on Linux), the earlier one
 * here is what {@link ErrnoException#errno()} reports. {@code EWOULDBLOCK} is {@link #EAGAIN}.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/V2_chap02.html#tag_16_03">POSIX error numbers</a>
 */
public enum Errno {
    EPERM,
    ENOENT,
    ESRCH,
    EINTR,
    EIO,
    ENXIO,
    E2BIG,
    ENOEXEC,
    EBADF,
    ECHILD,
    EDEADLK,
    ENOMEM,
    EACCES,
    EFAULT,
    ENOTBLK,
    EBUSY,
    EEXIST,
    EXDEV,
    ENODEV,
    ENOTDIR,
    EISDIR,
    EINVAL,
    ENFILE,
    EMFILE,
    ENOTTY,
    ETXTBSY,
    EFBIG,
    ENOSPC,
    ESPIPE,
    EROFS,
    EMLINK,
    EPIPE,
    EDOM,
    ERANGE,
    EAGAIN,
    EINPROGRESS,
    EALREADY,
    ENOTSOCK,
    EDESTADDRREQ,
    EMSGSIZE,
    EPROTOTYPE,
    ENOPROTOOPT,
    EPROTONOSUPPORT,
    ESOCKTNOSUPPORT,
    EOPNOTSUPP,
    EPFNOSUPPORT,
    EAFNOSUPPORT,
    EADDRINUSE,
    EADDRNOTAVAIL,
    ENETDOWN,
    ENETUNREACH,
    ENETRESET,
    ECONNABORTED,
    ECONNRESET,
    ENOBUFS,
    EISCONN,
    ENOTCONN,
    ESHUTDOWN,
    ETOOMANYREFS,
    ETIMEDOUT,
    ECONNREFUSED,
    ELOOP,
    ENAMETOOLONG,
    EHOSTDOWN,
    EHOSTUNREACH,
    ENOTEMPTY,
    EUSERS,
    EDQUOT,
    ESTALE,
    EREMOTE,
    ENOLCK,
    ENOSYS,
    EOVERFLOW,
    EIDRM,
    ENOMSG,
    EILSEQ,
    EBADMSG,
    EMULTIHOP,
    ENODATA,
    ENOLINK,
    ENOSR,
    ENOSTR,
    EPROTO,
    ETIME,
    ENOTSUP,
    ECANCELED,
    EOWNERDEAD,
    ENOTRECOVERABLE,
    EBADFD,
    EREMOTEIO,
    ENOMEDIUM,
    ERFKILL,
    EHWPOISON,
    /** A number that none of the other names has on this platform. */
    UNKNOWN;

    private static final Map<Integer, Errno> BY_NUMBER = new HashMap<>();

    static {
        for (Errno e : values()) if (e.defined) BY_NUMBER.putIfAbsent(e.number, e);
    }

    private final boolean defined;
    private final int number;
    private final String description;

    Errno() {
        // jnr-constants invents numbers for what a platform lacks: only defined() tells
        jnr.constants.platform.Errno known =
                name().equals("UNKNOWN") ? null : jnr.constants.platform.Errno.valueOf(name());
        defined = known != null && known.defined();
        number = defined ? known.intValue() : SocketConstants.NOT_DEFINED;
        description = defined ? known.description() : "not defined on this platform";
    }

    /** The number on this platform, {@link SocketConstants#NOT_DEFINED} if it has none. */
    public int number() {
        return number;
    }

    /** What strerror says: {@code Address already in use}. */
    public String description() {
        return description;
    }

    /** The error with this number, {@link #UNKNOWN} if there is none. */
    public static Errno of(int number) {
        return BY_NUMBER.getOrDefault(number, UNKNOWN);
    }

    static String describe(int number) {
        Errno e = of(number);
        return e == UNKNOWN ? "errno " + number : e.name() + " (" + e.description + ")";
    }
}

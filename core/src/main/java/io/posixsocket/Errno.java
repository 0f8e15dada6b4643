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
    EPERM(1),
    ENOENT(2),
    ESRCH(3),
    EINTR(4),
    EIO(5),
    ENXIO(6),
    E2BIG(7),
    ENOEXEC(8),
    EBADF(9),
    ECHILD(10),
    EDEADLK(35),
    ENOMEM(12),
    EACCES(13),
    EFAULT(14),
    ENOTBLK(15),
    EBUSY(16),
    EEXIST(17),
    EXDEV(18),
    ENODEV(19),
    ENOTDIR(20),
    EISDIR(21),
    EINVAL(22),
    ENFILE(23),
    EMFILE(24),
    ENOTTY(25),
    ETXTBSY(26),
    EFBIG(27),
    ENOSPC(28),
    ESPIPE(29),
    EROFS(30),
    EMLINK(31),
    EPIPE(32),
    EDOM(33),
    ERANGE(34),
    EAGAIN(11),
    EINPROGRESS(115),
    EALREADY(114),
    ENOTSOCK(88),
    EDESTADDRREQ(89),
    EMSGSIZE(90),
    EPROTOTYPE(91),
    ENOPROTOOPT(92),
    EPROTONOSUPPORT(93),
    ESOCKTNOSUPPORT(94),
    EOPNOTSUPP(95),
    EPFNOSUPPORT(96),
    EAFNOSUPPORT(97),
    EADDRINUSE(98),
    EADDRNOTAVAIL(99),
    ENETDOWN(100),
    ENETUNREACH(101),
    ENETRESET(102),
    ECONNABORTED(103),
    ECONNRESET(104),
    ENOBUFS(105),
    EISCONN(106),
    ENOTCONN(107),
    ESHUTDOWN(108),
    ETOOMANYREFS(109),
    ETIMEDOUT(110),
    ECONNREFUSED(111),
    ELOOP(40),
    ENAMETOOLONG(36),
    EHOSTDOWN(112),
    EHOSTUNREACH(113),
    ENOTEMPTY(39),
    EUSERS(87),
    EDQUOT(122),
    ESTALE(116),
    EREMOTE(66),
    ENOLCK(37),
    ENOSYS(38),
    EOVERFLOW(75),
    EIDRM(43),
    ENOMSG(42),
    EILSEQ(84),
    EBADMSG(74),
    EMULTIHOP(72),
    ENODATA(61),
    ENOLINK(67),
    ENOSR(63),
    ENOSTR(60),
    EPROTO(71),
    ETIME(62),
    ENOTSUP(95),
    ECANCELED(125),
    EOWNERDEAD(130),
    ENOTRECOVERABLE(131),
    EBADFD(77),
    EREMOTEIO(121),
    ENOMEDIUM(123),
    ERFKILL(132),
    EHWPOISON(133),
    /** A number that none of the other names has on this platform. */
    UNKNOWN(SocketConstants.NOT_DEFINED);

    private static final Map<Integer, Errno> BY_NUMBER = new HashMap<>();

    static {
        for (Errno e : values()) if (e.isDefined()) BY_NUMBER.putIfAbsent(e.number, e);
    }

    private final int number;

    /** @param linux the number on Linux, see {@link Platform#GENERIC_LINUX} */
    Errno(int linux) {
        if (Platform.GENERIC_LINUX || linux == SocketConstants.NOT_DEFINED) {
            number = linux;
        } else {
            // jnr-constants invents numbers for what a platform lacks: only defined() tells
            jnr.constants.platform.Errno known = known();
            number = known.defined() ? known.intValue() : SocketConstants.NOT_DEFINED;
        }
    }

    private jnr.constants.platform.Errno known() {
        return jnr.constants.platform.Errno.valueOf(name());
    }

    private boolean isDefined() {
        return number != SocketConstants.NOT_DEFINED;
    }

    /** The number on this platform, {@link SocketConstants#NOT_DEFINED} if it has none. */
    public int number() {
        return number;
    }

    /** What strerror says: {@code Address already in use}. */
    public String description() {
        return isDefined() ? known().description() : "not defined on this platform";
    }

    /** The error with this number, {@link #UNKNOWN} if there is none. */
    public static Errno of(int number) {
        return BY_NUMBER.getOrDefault(number, UNKNOWN);
    }

    static String describe(int number) {
        Errno e = of(number);
        return e == UNKNOWN ? "errno " + number : e.name() + " (" + e.description() + ")";
    }
}

package io.posixsocket;

import static io.posixsocket.SocketConstants.NI_MAXHOST;
import static io.posixsocket.SocketConstants.NI_MAXSERV;

import java.util.ArrayList;
import java.util.List;

/**
 * The functions of {@code <netdb.h>} under the manual's names: from names of hosts, services and protocols to numbers and
 * back.
 *
 * <p>All functions may be called from any thread. Those that ask for hosts can block for as long as the resolver waits for its
 * servers (5 s and more), and nothing wakes them; {@code AI_NUMERICHOST} and {@code NI_NUMERICHOST} never ask.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/netdb.h.html">POSIX netdb.h</a>
 */
public final class Netdb {
    /** Held from the call of a function that answers in static memory until the answer is copied; a leaf. */
    private static final Object STATIC = new Object();

    private Netdb() {}

    /** As {@link #getaddrinfo(String, String, AddrinfoHints)}, without hints. */
    public static List<Addrinfo> getaddrinfo(String node, String service) throws GaiException {
        return getaddrinfo(node, service, AddrinfoHints.NONE);
    }

    /**
     * Looks up the addresses of a service on a host, in the order in which they should be tried. Blocks for the resolver.
     *
     * @param node a host name or a numeric address; null for this host: the loopback address, or, with {@code AI_PASSIVE}, the
     *     wildcard to bind to
     * @param service a service name or a port in digits; null for port 0. Not both null
     * @return at least one
     * @throws IllegalArgumentException if a name has a NUL
     * @throws UnsupportedOperationException if a flag is not defined here
     * @throws GaiException EAI_NONAME, EAI_AGAIN, EAI_SERVICE, EAI_BADFLAGS, EAI_FAMILY, EAI_SOCKTYPE, EAI_FAIL, EAI_SYSTEM
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getaddrinfo.html">POSIX getaddrinfo</a>
     */
    public static List<Addrinfo> getaddrinfo(String node, String service, AddrinfoHints hints) throws GaiException {
        PosixSocket.requireDefined("getaddrinfo", hints.flags() | hints.family(), hints.socktype(), hints.protocol());
        byte[] host = node == null ? null : CMemory.requireNoNul("node", node);
        byte[] port = service == null ? null : CMemory.requireNoNul("service", service);
        int names = Addrinfo.SIZE + Platform.LONG;
        int length = (host == null ? 0 : host.length + 1) + (port == null ? 0 : port.length + 1);
        NativeBuffer memory = NativeBuffer.allocate(names + length); // zeroed, as the rest of the hints must be
        memory.bytes()
                .putInt(0, hints.flags())
                .putInt(4, hints.family())
                .putInt(8, hints.socktype())
                .putInt(12, hints.protocol());
        int after = host == null ? names : CMemory.putString(memory, names, host);
        if (port != null) CMemory.putString(memory, after, port);
        long result = LibC.getaddrinfo(memory, host == null ? -1 : names, port == null ? -1 : after, 0, Addrinfo.SIZE);
        if ((int) result != 0)
            throw new GaiException("getaddrinfo", node + ", " + service, (int) result, (int) (result >>> 32));
        long first = memory.pointer(Addrinfo.SIZE);
        try {
            List<Addrinfo> found = new ArrayList<>();
            for (long at = first; at != 0; at = CMemory.getPointer(at + Addrinfo.NEXT)) found.add(Addrinfo.read(at));
            return List.copyOf(found);
        } finally {
            LibC.freeaddrinfo(first);
        }
    }

    /**
     * Looks up the names of an address. Blocks for the resolver, unless {@code NI_NUMERICHOST} is given.
     *
     * @param flags 0 or a sum of {@code NI_NUMERICHOST}, {@code NI_NUMERICSERV}, {@code NI_NAMEREQD}, {@code NI_NOFQDN},
     *     {@code NI_DGRAM}, {@code NI_NUMERICSCOPE}
     * @return names, or what the address is in digits where it has no name
     * @throws UnsupportedOperationException if a flag is not defined here
     * @throws GaiException EAI_NONAME under {@code NI_NAMEREQD}, EAI_AGAIN, EAI_BADFLAGS, EAI_FAMILY, EAI_FAIL, EAI_SYSTEM
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getnameinfo.html">POSIX getnameinfo</a>
     */
    public static NameInfo getnameinfo(Sockaddr addr, int flags) throws GaiException {
        PosixSocket.requireDefined("getnameinfo", flags, 0, 0);
        int host = SockaddrLayout.LENGTH_OFFSET;
        int serv = host + NI_MAXHOST;
        NativeBuffer memory = NativeBuffer.allocate(serv + NI_MAXSERV);
        int addrlen = SockaddrLayout.encode(addr, memory.bytes());
        long result = LibC.getnameinfo(memory, addrlen, host, NI_MAXHOST, serv, NI_MAXSERV, flags);
        if ((int) result != 0)
            throw new GaiException("getnameinfo", addr + ", " + flags, (int) result, (int) (result >>> 32));
        return new NameInfo(memory.string(host), memory.string(serv));
    }

    /**
     * What an error of getaddrinfo or getnameinfo means, in words. Does not block.
     *
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/gai_strerror.html">POSIX gai_strerror</a>
     */
    public static String gai_strerror(int ecode) {
        return CMemory.getString(LibC.gaiStrerror(ecode));
    }

    /**
     * Looks up a service by its name. Reads a file, or asks what the system was told to ask.
     *
     * @param proto {@code tcp}, {@code udp}, …; null for the first that has this service
     * @return null if there is none
     * @throws IllegalArgumentException if a name has a NUL
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getservbyname.html">POSIX getservbyname</a>
     */
    public static Servent getservbyname(String name, String proto) {
        byte[] first = CMemory.requireNoNul("name", name);
        byte[] second = proto == null ? new byte[0] : CMemory.requireNoNul("proto", proto);
        NativeBuffer memory = NativeBuffer.allocate(first.length + second.length + 2);
        int after = CMemory.putString(memory, 0, first);
        CMemory.putString(memory, after, second);
        synchronized (STATIC) {
            return servent(LibC.getservbyname(memory, 0, proto == null ? -1 : after));
        }
    }

    /**
     * As {@link #getservbyname}, by the port.
     *
     * @param port 0 to 65535, in host byte order (C wants network byte order)
     * @throws IllegalArgumentException if {@code port} is out of range
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getservbyport.html">POSIX getservbyport</a>
     */
    public static Servent getservbyport(int port, String proto) {
        SockaddrLayout.requirePort(port);
        byte[] bytes = proto == null ? new byte[0] : CMemory.requireNoNul("proto", proto);
        NativeBuffer memory = NativeBuffer.allocate(bytes.length + 1);
        CMemory.putString(memory, 0, bytes);
        synchronized (STATIC) {
            return servent(LibC.getservbyport(Inet.htons(port), memory, proto == null ? -1 : 0));
        }
    }

    private static final int SERV_PROTO = Platform.LONG == 8 ? 24 : 12;

    private static Servent servent(long address) {
        if (address == 0) return null;
        return new Servent(
                CMemory.getString(CMemory.getPointer(address)),
                strings(CMemory.getPointer(address + Platform.LONG)),
                Inet.ntohs(CMemory.getInt(address + 2L * Platform.LONG)),
                CMemory.getString(CMemory.getPointer(address + SERV_PROTO)));
    }

    /**
     * Looks up a protocol by its name. Reads a file, or asks what the system was told to ask.
     *
     * @return null if there is none
     * @throws IllegalArgumentException if {@code name} has a NUL
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getprotobyname.html">POSIX getprotobyname</a>
     */
    public static Protoent getprotobyname(String name) {
        byte[] bytes = CMemory.requireNoNul("name", name);
        NativeBuffer memory = NativeBuffer.allocate(bytes.length + 1);
        CMemory.putString(memory, 0, bytes);
        synchronized (STATIC) {
            return protoent(LibC.getprotobyname(memory));
        }
    }

    /**
     * As {@link #getprotobyname}, by the number.
     *
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/getprotobynumber.html">POSIX getprotobynumber</a>
     */
    public static Protoent getprotobynumber(int proto) {
        synchronized (STATIC) {
            return protoent(LibC.getprotobynumber(proto));
        }
    }

    private static Protoent protoent(long address) {
        if (address == 0) return null;
        return new Protoent(
                CMemory.getString(CMemory.getPointer(address)),
                strings(CMemory.getPointer(address + Platform.LONG)),
                CMemory.getInt(address + 2L * Platform.LONG));
    }

    /** An array of strings that ends with a null. */
    private static List<String> strings(long array) {
        List<String> found = new ArrayList<>();
        for (long at = array; CMemory.getPointer(at) != 0; at += Platform.LONG)
            found.add(CMemory.getString(CMemory.getPointer(at)));
        return found;
    }
}

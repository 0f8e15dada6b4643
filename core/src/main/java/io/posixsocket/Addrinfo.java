package io.posixsocket;

/**
 * One answer of {@link Netdb#getaddrinfo}: the arguments of {@code socket} and of {@code connect} or {@code bind}.
 *
 * @param family for {@code socket}
 * @param socktype for {@code socket}
 * @param protocol for {@code socket}
 * @param addr for {@code connect} or {@code bind}
 * @param canonname the host's canonical name, on the first answer if {@code AI_CANONNAME} was given; else null
 */
public record Addrinfo(int family, int socktype, int protocol, Sockaddr addr, String canonname) {
    static final int LENGTH = 4 * Integer.BYTES;
    // flags, family, socktype, protocol, addrlen, and three pointers whose first two stand the other way round on the
    // BSDs
    private static final int POINTERS = Platform.LONG == 8 ? 24 : 20;
    static final int ADDR = POINTERS + (Platform.CURRENT == Platform.LINUX ? 0 : Platform.LONG);
    static final int CANONNAME = POINTERS + (Platform.CURRENT == Platform.LINUX ? Platform.LONG : 0);
    static final int NEXT = POINTERS + 2 * Platform.LONG;
    static final int SIZE = POINTERS + 3 * Platform.LONG;

    /** Reads a struct that getaddrinfo allocated. */
    static Addrinfo read(long address) {
        int addrlen = CMemory.getInt(address + LENGTH);
        return new Addrinfo(
                CMemory.getInt(address + 4),
                CMemory.getInt(address + 8),
                CMemory.getInt(address + 12),
                SockaddrLayout.decode(CMemory.copy(CMemory.getPointer(address + ADDR), addrlen), addrlen),
                CMemory.getString(CMemory.getPointer(address + CANONNAME)));
    }
}

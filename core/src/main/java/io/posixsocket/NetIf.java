package io.posixsocket;

import static io.posixsocket.SocketConstants.IF_NAMESIZE;

import java.util.ArrayList;
import java.util.List;

/**
 * The functions of {@code <net/if.h>} under the manual's names: the network interfaces by name and by number. None blocks, and
 * all may be called from any thread.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/net_if.h.html">POSIX net/if.h</a>
 */
public final class NetIf {
    private NetIf() {}

    /**
     * The number of an interface.
     *
     * @return at least 1, at most 4294967295
     * @throws IllegalArgumentException if {@code ifname} has a NUL
     * @throws ErrnoException ENODEV (ENXIO on macOS) if there is none of this name
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/if_nametoindex.html">POSIX if_nametoindex</a>
     */
    public static long if_nametoindex(String ifname) throws ErrnoException {
        byte[] bytes = CMemory.requireNoNul("ifname", ifname);
        NativeBuffer memory = BufferPool.SMALL.take(bytes.length + 1);
        try {
            CMemory.putString(memory, 0, bytes);
            long index = LibC.ifNametoindex(memory);
            if (index < 0) throw new ErrnoException("if_nametoindex", ifname, (int) -index);
            return index;
        } finally {
            BufferPool.SMALL.give(memory);
        }
    }

    /**
     * The name of an interface.
     *
     * @throws IllegalArgumentException if {@code ifindex} is out of range
     * @throws ErrnoException ENXIO if there is none of this number
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/if_indextoname.html">POSIX if_indextoname</a>
     */
    public static String if_indextoname(long ifindex) throws ErrnoException {
        if (ifindex < 0 || ifindex > 0xffffffffL)
            throw new IllegalArgumentException("ifindex is " + ifindex + ", must be from 0 to 4294967295");
        NativeBuffer memory = BufferPool.SMALL.take(IF_NAMESIZE);
        try {
            int result = LibC.ifIndextoname((int) ifindex, memory);
            if (result < 0) throw new ErrnoException("if_indextoname", "" + ifindex, -result);
            return memory.string(0);
        } finally {
            BufferPool.SMALL.give(memory);
        }
    }

    /**
     * All interfaces.
     *
     * @throws ErrnoException ENOBUFS, EMFILE
     * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/functions/if_nameindex.html">POSIX if_nameindex</a>
     */
    public static List<IfNameindex> if_nameindex() throws ErrnoException {
        long array = LibC.ifNameindex();
        // an address can have the sign bit, an errno is a small negative number
        if (array < 0 && array > -4096) throw new ErrnoException("if_nameindex", "", (int) -array);
        try {
            List<IfNameindex> found = new ArrayList<>();
            for (long at = array; CMemory.getInt(at) != 0; at += 2L * Platform.LONG)
                found.add(new IfNameindex(
                        Integer.toUnsignedLong(CMemory.getInt(at)),
                        CMemory.getString(CMemory.getPointer(at + Platform.LONG))));
            return List.copyOf(found);
        } finally {
            LibC.ifFreenameindex(array);
        }
    }
}

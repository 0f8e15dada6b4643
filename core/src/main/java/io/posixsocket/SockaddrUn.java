package io.posixsocket;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A {@code sockaddr_un}: a path, an abstract name (Linux) or no name. Made of bytes, because that is what paths are.
 *
 * @param sunPath the bytes of {@code sun_path}: a path without its NUL, or a NUL and an abstract name, or none
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, and compared by content
public record SockaddrUn(byte[] sunPath) implements Sockaddr {
    private static final SockaddrUn UNNAMED = new SockaddrUn(new byte[0]);

    /**
     * Takes what a kernel can say of a peer: a path that fills {@code sun_path} to its last byte, without a NUL, is one. The
     * other ways to make an address are stricter.
     *
     * @throws IllegalArgumentException if there are more bytes than {@code sun_path} has (108 on Linux, 104 on macOS), or a path
     *     contains a NUL
     */
    public SockaddrUn {
        sunPath = sunPath.clone();
        requireFits(sunPath, Platform.SUN_PATH);
        boolean isAbstract = sunPath.length > 0 && sunPath[0] == 0;
        if (!isAbstract) {
            for (int i = 0; i < sunPath.length; i++) {
                if (sunPath[i] == 0)
                    throw new IllegalArgumentException(
                            "socket path has a NUL at byte " + i + ": " + escape(sunPath, 0));
            }
        }
        if (isAbstract && Platform.CURRENT != Platform.LINUX)
            throw new UnsupportedOperationException("abstract socket names: " + Platform.NAME + " has none");
    }

    private static void requireFits(byte[] sunPath, int maxPath) {
        int skip = sunPath.length > 0 && sunPath[0] == 0 ? 1 : 0;
        int max = skip == 1 ? Platform.SUN_PATH : maxPath;
        if (sunPath.length > max)
            throw new IllegalArgumentException((skip == 1 ? "abstract socket name" : "socket path") + " is "
                    + (sunPath.length - skip) + " bytes, " + Platform.NAME + " allows " + (max - skip) + ": "
                    + escape(sunPath, skip));
    }

    /** With room for the NUL that POSIX asks for. */
    private static SockaddrUn terminated(byte[] path) {
        requireFits(path, Platform.SUN_PATH - 1);
        return new SockaddrUn(path);
    }

    /**
     * A socket in the file system, the path encoded as UTF-8.
     *
     * @throws IllegalArgumentException if the path is empty, contains a NUL, or is longer than 107 bytes (macOS: 103)
     */
    public static SockaddrUn path(String path) {
        if (path.isEmpty()) throw new IllegalArgumentException("socket path is empty");
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes[0] == 0) throw new IllegalArgumentException("socket path has a NUL at byte 0: " + escape(bytes, 0));
        return terminated(bytes);
    }

    /** A socket in the file system. */
    public static SockaddrUn path(Path path) {
        return path(path.toString());
    }

    /** A name in Linux's abstract name space, encoded as UTF-8, without the NUL that precedes it on the wire. */
    public static SockaddrUn abstractName(String name) {
        return new SockaddrUn(afterNul(name.getBytes(StandardCharsets.UTF_8)));
    }

    /** The address of a socket that was not bound. */
    public static SockaddrUn unnamed() {
        return UNNAMED;
    }

    /** A copy of the bytes. */
    @Override
    public byte[] sunPath() {
        return sunPath.clone();
    }

    /** Whether this is a name in the abstract name space. */
    public boolean isAbstract() {
        return sunPath.length > 0 && sunPath[0] == 0;
    }

    /** Whether this is the address of an unbound socket. */
    public boolean isUnnamed() {
        return sunPath.length == 0;
    }

    /**
     * The path in the file system.
     *
     * @throws IllegalStateException if this is an abstract or an unnamed address
     */
    public Path path() {
        if (isAbstract() || isUnnamed()) throw new IllegalStateException(this + " has no path");
        return Path.of(new String(sunPath, StandardCharsets.UTF_8));
    }

    @Override
    public int family() {
        return SocketConstants.AF_UNIX;
    }

    int encode(ByteBuffer to) {
        // a path carries its NUL if there is room, an abstract name is as long as the length says
        boolean terminated = !isAbstract() && !isUnnamed() && sunPath.length < Platform.SUN_PATH;
        int length = SockaddrLayout.PATH + sunPath.length + (terminated ? 1 : 0);
        SockaddrLayout.putFamily(to, family(), length);
        for (int i = 0; i < sunPath.length; i++) to.put(SockaddrLayout.PATH + i, sunPath[i]);
        if (length > SockaddrLayout.PATH + sunPath.length) to.put(length - 1, (byte) 0);
        return length;
    }

    static SockaddrUn decode(ByteBuffer from, int length) {
        int n = Math.min(length - SockaddrLayout.PATH, Platform.SUN_PATH);
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) bytes[i] = from.get(SockaddrLayout.PATH + i);
        if (n > 0 && bytes[0] == 0 && Platform.CURRENT == Platform.LINUX) return new SockaddrUn(bytes);
        int end = 0;
        while (end < n && bytes[end] != 0) end++;
        return new SockaddrUn(Arrays.copyOf(bytes, end));
    }

    static SockaddrUn parsePath(String text, String path) {
        byte[] bytes = unescape(text, path);
        if (bytes.length > 0 && bytes[0] == 0)
            throw new IllegalArgumentException("bad socket address '" + text + "': the path begins with a NUL");
        return terminated(bytes);
    }

    static SockaddrUn parseAbstract(String text, String name) {
        return new SockaddrUn(afterNul(unescape(text, name)));
    }

    private static byte[] afterNul(byte[] name) {
        byte[] bytes = new byte[name.length + 1];
        System.arraycopy(name, 0, bytes, 1, name.length);
        return bytes;
    }

    private static byte[] unescape(String text, String escaped) {
        if (escaped.indexOf('%') < 0) return escaped.getBytes(StandardCharsets.UTF_8);
        byte[] in = escaped.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[in.length];
        int n = 0;
        for (int i = 0; i < in.length; i++) {
            if (in[i] != '%') {
                out[n++] = in[i];
                continue;
            }
            int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
            int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
            if (high < 0 || low < 0)
                throw new IllegalArgumentException("bad socket address '" + text
                        + "': after % two hexadecimal digits must follow; write %25 for a per cent sign");
            out[n++] = (byte) (high << 4 | low);
            i += 2;
        }
        return Arrays.copyOf(out, n);
    }

    /** The bytes as text: UTF-8 where they are, else every byte above 0x7f as %XX; control characters and % always. */
    private static String escape(byte[] bytes, int from) {
        CharBuffer chars;
        try {
            chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, bytes.length - from));
        } catch (CharacterCodingException e) { // not UTF-8: a byte a char, escaped below
            chars = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(bytes, from, bytes.length - from));
            return escape(chars, 0x7f);
        }
        return escape(chars, Integer.MAX_VALUE);
    }

    private static String escape(CharSequence chars, int above) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < chars.length(); i++) {
            char c = chars.charAt(i);
            if (c < ' ' || c == 0x7f || c == '%' || c > above) text.append(String.format("%%%02X", (int) c));
            else text.append(c);
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SockaddrUn un && Arrays.equals(sunPath, un.sunPath);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sunPath);
    }

    @Override
    public String toString() {
        if (isAbstract()) return "unix-abstract:" + escape(sunPath, 1);
        String path = escape(sunPath, 0);
        // parse takes two of three slashes for gRPC's long form
        return path.startsWith("///") ? "unix:%2F" + path.substring(1) : "unix:" + path;
    }
}

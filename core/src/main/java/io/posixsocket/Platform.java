package io.posixsocket;

import java.util.Locale;

/** The operating system, and the sizes and layouts that depend on it. */
enum Platform {
    LINUX,
    /** macOS and the BSDs: addresses begin with their length. */
    BSD;

    static final String NAME = System.getProperty("os.name");
    static final Platform CURRENT = of(NAME);

    private static final String ARCH = System.getProperty("os.arch");
    static final boolean X86_64 = ARCH.equals("amd64") || ARCH.equals("x86_64");
    /**
     * Linux on a processor whose numbers stand in our source. jnr-constants would tell the same, but a large part of the time until
     * the first call of a JVM would go into asking it.
     */
    static final boolean GENERIC_LINUX = CURRENT == LINUX && (X86_64 || ARCH.equals("aarch64"));

    /** Bytes of sun_path. */
    static final int SUN_PATH = CURRENT == LINUX ? 108 : 104;
    /** struct epoll_event is packed on x86-64 alone. */
    static final boolean EPOLL_PACKED = X86_64;
    /** Bytes of a C long, of time_t and of a pointer: 8, save on the few 32-bit systems left. */
    static final int LONG = "32".equals(System.getProperty("sun.arch.data.model")) ? 4 : 8;

    private static Platform of(String osName) {
        String name = osName.toLowerCase(Locale.ROOT);
        if (name.startsWith("linux")) return LINUX;
        if (name.startsWith("mac") || name.contains("bsd")) return BSD;
        throw new UnsupportedOperationException("PosixSocket runs on Linux and macOS, this is " + osName);
    }
}

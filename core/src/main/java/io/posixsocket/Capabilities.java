package io.posixsocket;

import com.kenai.jffi.Library;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which of the functions that are not on every platform are on this one. Decided once, by asking the C library. */
final class Capabilities {
    /** Those that some platform lacks and that are made of others there. */
    private static final Set<String> EMULATED = Set.of("dup3", "pipe2", "ppoll");

    /** Those that some platform lacks; the others are on each that runs this library. */
    private static final Set<String> OPTIONAL = Set.of(
            "accept4",
            "epoll_create1",
            "epoll_ctl",
            "epoll_wait",
            "eventfd",
            "memfd_create",
            "recvmmsg",
            "sendfile",
            "sendmmsg");

    /** The BSDs have another function of this name. */
    private static final Set<String> LINUX = Set.of("sendfile");

    static final Map<String, Support> ALL = decide();

    private Capabilities() {}

    private static Map<String, Support> decide() {
        Map<String, Support> found = new TreeMap<>();
        Library loaded = Library.getDefault(); // the process with all its libraries, the C library among them
        for (String name : EMULATED) found.put(name, support(loaded, name, Support.EMULATED));
        for (String name : OPTIONAL) found.put(name, support(loaded, name, Support.ABSENT));
        return Collections.unmodifiableMap(found);
    }

    private static Support support(Library loaded, String name, Support otherwise) {
        if (LINUX.contains(name) && Platform.CURRENT != Platform.LINUX) return otherwise;
        return loaded.getSymbolAddress(name) != 0 ? Support.NATIVE : otherwise;
    }

    static boolean isNative(String function) {
        return ALL.get(function) == Support.NATIVE;
    }

    static void require(String function) {
        require(ALL, function);
    }

    static void require(Map<String, Support> supported, String function) {
        if (supported.get(function) == Support.ABSENT)
            throw new UnsupportedOperationException(function + ": " + Platform.NAME + " does not have it");
    }
}

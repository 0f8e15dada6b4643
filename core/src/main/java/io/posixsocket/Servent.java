package io.posixsocket;

import java.util.List;

/**
 * A service of {@code /etc/services} or what stands in its place.
 *
 * @param name the official name
 * @param aliases its other names
 * @param port 0 to 65535, in host byte order (C gives network byte order)
 * @param proto {@code tcp}, {@code udp}, …
 */
public record Servent(String name, List<String> aliases, int port, String proto) {
    /** Copies the list. */
    public Servent {
        aliases = List.copyOf(aliases);
    }
}

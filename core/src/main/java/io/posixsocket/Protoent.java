package io.posixsocket;

import java.util.List;

/**
 * A protocol of {@code /etc/protocols} or what stands in its place.
 *
 * @param name the official name
 * @param aliases its other names
 * @param proto the number: 6 for tcp
 */
public record Protoent(String name, List<String> aliases, int proto) {
    /** Copies the list. */
    public Protoent {
        aliases = List.copyOf(aliases);
    }
}

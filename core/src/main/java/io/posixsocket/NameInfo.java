package io.posixsocket;

/**
 * What {@link Netdb#getnameinfo} found.
 *
 * @param host the host's name, or its address as text
 * @param service the service's name, or its port as text
 */
public record NameInfo(String host, String service) {}

package io.posixsocket;

/**
 * One answer of {@link NetIf#if_nameindex}.
 *
 * @param index what {@code sin6_scope_id} and {@code IPV6_MULTICAST_IF} take, at least 1
 * @param name {@code lo}, {@code eth0}, …
 */
public record IfNameindex(long index, String name) {}

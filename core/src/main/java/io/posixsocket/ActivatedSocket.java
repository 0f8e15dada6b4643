package io.posixsocket;

/**
 * A descriptor that the service manager opened for this process.
 *
 * @param name what the manager calls it ({@code FileDescriptorName=}), {@code unknown} if it calls it nothing
 * @param fd its owner: close it
 */
public record ActivatedSocket(String name, OwnedFd fd) {}

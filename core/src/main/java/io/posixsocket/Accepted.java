package io.posixsocket;

/**
 * What {@link PosixSocket#acceptfrom} tells beside the new descriptor.
 *
 * @param fd the connection, close-on-exec and not interruptible; the caller owns it
 * @param address who connected, as the system told it at that moment; an unnamed {@link SockaddrUn} for a Unix socket that is not
 *     bound, null where the system tells nothing of it, or an address of a family that has no class here
 */
public record Accepted(OwnedFd fd, Sockaddr address) {}

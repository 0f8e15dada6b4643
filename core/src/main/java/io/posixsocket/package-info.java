/**
 * The POSIX socket API: {@link io.posixsocket.PosixSocket} with the manual's names on plain descriptors, and
 * {@link io.posixsocket.OwnedFd}, which owns a descriptor and cannot be used after close.
 */
package io.posixsocket;

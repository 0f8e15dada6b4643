/** The npm module posix-socket, this library's origin, at the other end. */
package io.posixsocket.interop.origin;

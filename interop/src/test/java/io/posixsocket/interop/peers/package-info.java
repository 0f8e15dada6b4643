/** Calls between this library and peers in Go and Rust, both ways. */
package io.posixsocket.interop.peers;

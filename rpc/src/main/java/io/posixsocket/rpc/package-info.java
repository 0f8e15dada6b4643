/**
 * Blocking calls between processes of one machine, over ttRPC: {@link io.posixsocket.rpc.Server},
 * {@link io.posixsocket.rpc.Client}, and what generated code is made of.
 */
package io.posixsocket.rpc;

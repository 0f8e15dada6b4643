package io.posixsocket.rpc;

/**
 * What happened at a server's doors since its start, and what is there now. Each number is right at some moment of the asking;
 * together they are no snapshot.
 *
 * @param accepted connections taken from the listeners, those that were not served included
 * @param denied of these, peers whom the policy did not permit, or whose credentials could not be read
 * @param overLimit connections refused because there were too many, in all or of one user
 * @param acceptErrors failures to accept or to begin serving: lack of descriptors or memory, peers that went away
 * @param connections that are open, those of {@link Server#connect} included
 * @param workers threads that serve, or wait for something to serve
 */
public record ServerStats(
        long accepted, long denied, long overLimit, long acceptErrors, int connections, int workers) {}

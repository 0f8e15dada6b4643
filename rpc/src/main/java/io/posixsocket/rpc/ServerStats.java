package io.posixsocket.rpc;

/**
 * What happened at a server since its start, and what is there now. Each number is right at some moment of the asking; together
 * they are no snapshot. While nothing happens: {@code started} is {@code answered + failed + cancelled} and the calls that still
 * run or wait for their executor.
 *
 * @param accepted connections taken from the listeners, those that were not served included
 * @param denied of these, peers whom the policy did not permit, or whose credentials could not be read
 * @param overLimit connections refused because there were too many, in all or of one user
 * @param acceptErrors failures to accept or to begin serving: lack of descriptors or memory, peers that went away
 * @param started calls that were let in: of a known method, readable, within all limits
 * @param answered of these, handlers that returned their result in time; it may have been too long to send
 * @param failed of these, handlers that threw, a {@link StatusException} or anything else, in time
 * @param cancelled of these, calls whose deadline passed, whose caller hung up, or that the server's end cut off, whether their
 *     handlers had begun or not
 * @param lateReplies results and failures of handlers that nobody waited for any more: the caller had been answered, or was gone
 * @param unimplemented requests for services and methods that are not there
 * @param malformed requests that cannot be read, and wrong stream ids; connections that do not speak ttRPC, or break their
 *     promise
 * @param oversized messages longer than {@link Server.Builder#maxMessageSize}, which were not read
 * @param refused requests answered RESOURCE_EXHAUSTED: no worker was free, or another limit was reached
 * @param timedOut connections ended because a frame was not whole in time, or the peer did not take its answers
 * @param connections that are open, those of {@link Server#connect} included
 * @param workers threads that serve, or wait for something to serve
 */
public record ServerStats(
        long accepted,
        long denied,
        long overLimit,
        long acceptErrors,
        long started,
        long answered,
        long failed,
        long cancelled,
        long lateReplies,
        long unimplemented,
        long malformed,
        long oversized,
        long refused,
        long timedOut,
        int connections,
        int workers) {}

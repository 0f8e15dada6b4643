package io.posixsocket.rpc;

/**
 * What a client's pool has done so far, and has now. The parts are read one after the other while calls go on.
 *
 * @param connections open now, leased or not
 * @param waiting callers that wait for a connection now
 * @param connects connections made
 * @param failedConnects attempts that failed, and connections that ended before their first reply; not those that the
 *     caller's deadline, interrupt or close ended
 * @param retries calls made again by the library
 * @param leaseWaits calls that waited: for a connection in use, for another caller that connected, or for the server
 * @param exhausted nested calls that were refused because no connection was left
 * @param idleClosed connections closed because nobody used them
 * @param stale idle connections dropped because they had ended, or were made before one that the server ended
 * @param discarded connections closed after a call: it had expired, was interrupted, or its connection had ended
 */
public record ClientStats(
        int connections,
        int waiting,
        long connects,
        long failedConnects,
        long retries,
        long leaseWaits,
        long exhausted,
        long idleClosed,
        long stale,
        long discarded) {}

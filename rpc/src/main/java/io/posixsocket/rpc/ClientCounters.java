package io.posixsocket.rpc;

import java.util.concurrent.atomic.LongAdder;

/** What {@link ClientStats} counts. Nothing here is on the path of a call that finds its connection idle. */
final class ClientCounters {
    final LongAdder connects = new LongAdder();
    final LongAdder failedConnects = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder leaseWaits = new LongAdder();
    final LongAdder exhausted = new LongAdder();
    final LongAdder idleClosed = new LongAdder();
    final LongAdder stale = new LongAdder();
    final LongAdder discarded = new LongAdder();

    ClientStats snapshot(int connections, int waiting) {
        return new ClientStats(
                connections,
                waiting,
                connects.sum(),
                failedConnects.sum(),
                retries.sum(),
                leaseWaits.sum(),
                exhausted.sum(),
                idleClosed.sum(),
                stale.sum(),
                discarded.sum());
    }
}

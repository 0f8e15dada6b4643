package io.posixsocket.rpc;

import java.util.concurrent.atomic.LongAdder;

/** What {@link ServerStats} tells, being counted. */
final class ServerCounters {
    final LongAdder accepted = new LongAdder();
    final LongAdder denied = new LongAdder();
    final LongAdder overLimit = new LongAdder();
    final LongAdder acceptErrors = new LongAdder();

    ServerStats stats(int connections, int workers) {
        return new ServerStats(accepted.sum(), denied.sum(), overLimit.sum(), acceptErrors.sum(), connections, workers);
    }
}

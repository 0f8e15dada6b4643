package io.posixsocket.rpc;

import java.util.concurrent.atomic.LongAdder;

/** What {@link ServerStats} tells, being counted. */
final class ServerCounters {
    final LongAdder accepted = new LongAdder();
    final LongAdder denied = new LongAdder();
    final LongAdder overLimit = new LongAdder();
    final LongAdder acceptErrors = new LongAdder();

    final LongAdder started = new LongAdder();
    final LongAdder answered = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder lateReplies = new LongAdder();

    final LongAdder unimplemented = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder oversized = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder timedOut = new LongAdder();

    ServerStats stats(int connections, int workers) {
        return new ServerStats(
                accepted.sum(),
                denied.sum(),
                overLimit.sum(),
                acceptErrors.sum(),
                started.sum(),
                answered.sum(),
                failed.sum(),
                cancelled.sum(),
                lateReplies.sum(),
                unimplemented.sum(),
                malformed.sum(),
                oversized.sum(),
                refused.sum(),
                timedOut.sum(),
                connections,
                workers);
    }
}

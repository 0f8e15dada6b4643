package io.posixsocket.rpc;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A connection's lease: those who want it against each other and against who gives it back. */
final class LeaseStress {
    private LeaseStress() {}

    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "One has it")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or nobody")
    @State
    public static class OneTakes {
        private final Lease lease = idle();

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = lease.take(Thread.currentThread());
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = lease.take(Thread.currentThread());
        }
    }

    /** The keeper takes what was not used since it looked before. */
    @JCStressTest
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Taken as idle, the caller goes elsewhere")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Used: it stays")
    @Outcome(expect = FORBIDDEN, desc = "Closed while it is used, or used after it was closed, or neither")
    @State
    public static class KeeperAgainstCaller {
        private final Lease lease = idle();

        public KeeperAgainstCaller() {
            lease.takeIfIdleFor(0, 0);
        }

        @Actor
        public void caller(ZZ_Result r) {
            r.r1 = lease.take(Thread.currentThread());
        }

        @Actor
        public void keeper(ZZ_Result r) {
            r.r2 = lease.takeIfIdleFor(0, 0);
        }
    }

    /** As in the pool: who queues says so and then looks, who gives back does that and then asks whether somebody waits. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true", "true, true"},
            expect = ACCEPTABLE,
            desc = "One saw the other, or both did")
    @Outcome(expect = FORBIDDEN, desc = "The caller waits and nobody knows")
    @State
    public static class NoWakeUpIsLost {
        private final Lease lease = new Lease();
        private volatile boolean crowded;

        @Actor
        public void giver(ZZ_Result r) {
            lease.end();
            r.r1 = crowded;
        }

        @Actor
        public void waiter(ZZ_Result r) {
            crowded = true;
            r.r2 = lease.take(Thread.currentThread());
        }
    }

    /** What belongs to the holder needs no order of its own. */
    @JCStressTest
    @Outcome(
            id = {"false, 0", "true, 1"},
            expect = ACCEPTABLE,
            desc = "Who has it sees what its last holder wrote")
    @Outcome(expect = FORBIDDEN, desc = "A holder sees an older state")
    @State
    public static class HolderSeesItsPredecessor {
        private final Lease lease = new Lease();
        private int written;

        @Actor
        public void before(ZI_Result r) {
            written = 1;
            lease.end();
        }

        @Actor
        public void after(ZI_Result r) {
            r.r1 = lease.take(Thread.currentThread());
            if (r.r1) r.r2 = written;
        }
    }

    private static Lease idle() {
        Lease lease = new Lease();
        lease.end();
        return lease;
    }
}

package io.posixsocket.rpc;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Who reads a connection: the role against a kernel that is a model of one-shot epoll. */
final class ReadingRoleStress {
    private static final int BYTES = 1;

    private ReadingRoleStress() {}

    /** A connection whose kernel side remembers the last arm; the later one replaces the earlier, as EPOLL_CTL_MOD does. */
    static class Connection implements ReadingRole.Watched {
        final ReadingRole role = new ReadingRole(this);
        volatile boolean pressure;
        final AtomicInteger armed =
                new AtomicInteger(-1); // what the kernel watches for; 0: a hang-up alone; -1: nothing
        private int frames; // the reader's own state, plain: the role has to publish it

        @Override
        public void arm(int events) {
            armed.set(events);
        }

        @Override
        public int wanted() {
            return BYTES;
        }

        @Override
        public boolean pressure() {
            return pressure;
        }

        /** Only for the holder. */
        int read() {
            return ++frames;
        }

        /** Whether a byte wakes somebody; once, as it is armed once. */
        boolean fires() {
            return armed.compareAndSet(BYTES, -1);
        }

        /** Whether the next byte would give somebody the role. */
        boolean wakes() {
            return fires() && role.claim();
        }
    }

    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "The connection is watched for bytes")
    @Outcome(id = "false", expect = FORBIDDEN, desc = "Nobody reads, and nobody will be woken: a lost wake-up")
    @State
    public static class PressureGoesWhileTheHolderHalts extends Connection {
        public PressureGoesWhileTheHolderHalts() {
            pressure = true;
        }

        @Actor
        public void holder() {
            role.halt();
        }

        @Actor
        public void reliever() {
            pressure = false;
            role.relieve();
        }

        @Arbiter
        public void woken(Z_Result r) {
            r.r1 = wakes();
        }
    }

    @JCStressTest
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "One of the two gave it to the kernel, once")
    @Outcome(expect = FORBIDDEN, desc = "Given to the kernel by nobody or by both")
    @State
    public static class TwoRelieve extends Connection {
        private final AtomicInteger arms = new AtomicInteger();

        public TwoRelieve() {
            pressure = true;
            role.halt();
            arms.set(0);
        }

        @Override
        public void arm(int events) {
            super.arm(events);
            if (events == BYTES) arms.incrementAndGet();
        }

        @Actor
        public void one() {
            pressure = false;
            role.relieve();
        }

        @Actor
        public void other() {
            pressure = false;
            role.relieve();
        }

        @Arbiter
        public void woken(ZI_Result r) {
            r.r2 = arms.get();
            r.r1 = wakes();
        }
    }

    /** An event of the latest arm and a hang-up of an earlier one may be in two threads' hands. */
    @JCStressTest
    @Outcome(id = "true, false, 2", expect = ACCEPTABLE, desc = "The first has the role")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "The second has the role")
    @Outcome(expect = FORBIDDEN, desc = "Two holders, or none; or the holder does not see what the one before it read")
    @State
    public static class TwoEventsAtOnce extends Connection {
        public TwoEventsAtOnce() {
            read();
            role.watch();
        }

        @Actor
        public void one(ZZI_Result r) {
            if (role.claim()) {
                r.r1 = true;
                r.r3 += read();
            }
        }

        @Actor
        public void other(ZZI_Result r) {
            if (role.claim()) {
                r.r2 = true;
                r.r3 += read();
            }
        }
    }

    /** The event may be taken before arm returns, and the taker may give the role again before that. */
    @JCStressTest
    @Outcome(
            id = "true, 1, 2",
            expect = ACCEPTABLE,
            desc = "Taken while arm ran; the taker saw the first one's reading")
    @Outcome(id = "false, 1, 0", expect = ACCEPTABLE, desc = "Not armed yet: the kernel keeps the event")
    @Outcome(expect = FORBIDDEN, desc = "The event was for nothing, or the taker saw an older state")
    @State
    public static class EventComesBeforeArmReturns extends Connection {
        @Actor
        public void holder(ZII_Result r) {
            r.r2 = read();
            role.watch();
        }

        @Actor
        public void event(ZII_Result r) {
            if (!fires()) return;
            r.r1 = true;
            if (role.claim()) r.r3 = read();
        }
    }

    /** A hang-up reported for arm(0) may come when a reliever has made the role WATCHED and has not armed yet. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The hang-up ended it while it was halted")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The hang-up claimed it while it was watched")
    @Outcome(expect = FORBIDDEN, desc = "Ended twice, or the hang-up came to nobody")
    @State
    public static class HangUpAgainstRelief extends Connection {
        public HangUpAgainstRelief() {
            pressure = true;
            role.halt();
        }

        @Actor
        public void reliever() {
            pressure = false;
            role.relieve();
        }

        /** As a connection acts on it; when both fail, the reliever's arm comes last and reports the hang-up again. */
        @Actor
        public void hangUp(ZZ_Result r) {
            if (role.claim()) {
                role.end();
                r.r2 = true;
            } else if (role.endHalted()) {
                r.r1 = true;
            }
        }

        @Arbiter
        public void again(ZZ_Result r) {
            if (!r.r1 && !r.r2 && wakes()) r.r2 = true;
            if (role.claim() || role.endHalted()) r.r1 = r.r2 = true;
        }
    }

    @JCStressTest
    @Outcome(
            id = {"true, false, false", "false, true, false"},
            expect = ACCEPTABLE,
            desc = "Ended once, and never read again")
    @Outcome(expect = FORBIDDEN, desc = "Ended twice or never, or relieved after its end")
    @State
    public static class EndedOnce extends Connection {
        public EndedOnce() {
            pressure = true;
            role.halt();
        }

        @Actor
        public void lastCall(ZZZ_Result r) {
            r.r1 = role.endHalted();
        }

        @Actor
        public void hangUp(ZZZ_Result r) {
            r.r2 = role.endHalted();
        }

        @Arbiter
        public void reliefAfterwards(ZZZ_Result r) {
            pressure = false;
            role.relieve();
            r.r3 = role.claim();
        }
    }

    /** The last call of a half-closed connection against the holder that has just seen the end of the stream. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "One of them closes")
    @Outcome(
            id = "2, 0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Relieved by a look that was older than the end: the end wakes one more holder, who closes")
    @Outcome(expect = FORBIDDEN, desc = "Closed twice, or left open for ever")
    @State
    public static class HalfCloseAgainstTheLastAnswer extends Connection {
        private volatile boolean eof;
        private final AtomicInteger inFlight = new AtomicInteger(1);

        @Override
        public boolean pressure() {
            return eof;
        }

        @Actor
        public void reader(II_Result r) {
            eof = true;
            role.halt();
            if (inFlight.get() == 0 && role.endHalted()) r.r1 = 1;
        }

        @Actor
        public void lastCall(II_Result r) {
            boolean last = inFlight.decrementAndGet() == 0;
            if (eof && last && role.endHalted()) r.r2 = 1;
            else role.relieve();
        }

        /** The end of the stream is there for whoever is armed for it. */
        @Arbiter
        public void endOfStream(II_Result r) {
            if (!wakes()) return;
            role.halt();
            if (inFlight.get() == 0 && role.endHalted()) r.r1 += 2;
        }
    }
}

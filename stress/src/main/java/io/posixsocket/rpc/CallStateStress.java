package io.posixsocket.rpc;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A call's states: the handler's thread against those who cancel and those who answer. */
@SuppressWarnings(
        "ThreadPriorityCheck") // whoever waits here lets the other side run: there may be fewer cores than actors
final class CallStateStress {
    private CallStateStress() {}

    /** A call belongs to the thread that makes it: this makes one on the handler's actor and hands it to the others. */
    static final class Call extends CallState {}

    private static StatusException why() {
        return new StatusException(Status.CANCELLED, "why");
    }

    /** Waits for the call without any order but the volatile's own. */
    private static Call await(Handoff handoff) {
        for (; ; ) {
            Call call = handoff.call;
            if (call != null) return call;
            Thread.yield();
        }
    }

    static class Handoff {
        volatile Call call;
    }

    @JCStressTest
    @Outcome(id = "false, false, false", expect = ACCEPTABLE, desc = "The handler ended first: no cancel, no interrupt")
    @Outcome(
            id = "true, true, false",
            expect = ACCEPTABLE,
            desc = "Cancelled first: end says so, and the flag is clear")
    @Outcome(expect = FORBIDDEN, desc = "An interrupt leaks to the next call, or the two sides disagree")
    @State
    public static class EndAgainstCancel extends Handoff {
        /** Runs the call; then runs the next one, which must not find an interrupt. */
        @Actor
        public void handler(ZZZ_Result r) {
            Call mine = new Call();
            call = mine;
            r.r2 = mine.end() != null;
            boolean leaked = Thread.interrupted();
            while (!cancellerDone) Thread.yield();
            leaked |= Thread.interrupted(); // nor does it come later
            r.r3 = leaked;
        }

        private volatile boolean cancellerDone;

        @Actor
        public void canceller(ZZZ_Result r) {
            r.r1 = await(this).cancel(why());
            cancellerDone = true;
        }
    }

    /** A call that finds its peer gone cancels itself, while another thread may. Two actors: a third needs a third core. */
    @JCStressTest
    @Outcome(id = "true, false, true, false", expect = ACCEPTABLE, desc = "The call itself won, its reason counts")
    @Outcome(id = "false, true, true, false", expect = ACCEPTABLE, desc = "The other canceller won, its reason counts")
    @Outcome(expect = FORBIDDEN, desc = "Both won or none, the reason is not the winner's, or an interrupt leaks")
    @State
    public static class TwoCancellers extends Handoff {
        private final StatusException own = why();
        private final StatusException theirs = why();

        private volatile boolean cancellerDone;

        @Actor
        public void handler(ZZZZ_Result r) {
            Call mine = new Call();
            call = mine;
            boolean won = mine.cancel(own);
            StatusException outcome = mine.end();
            boolean leaked = Thread.interrupted();
            while (!cancellerDone) Thread.yield();
            r.r1 = won;
            r.r3 = outcome == (won ? own : theirs);
            r.r4 = Thread.interrupted() || leaked;
        }

        @Actor
        public void canceller(ZZZZ_Result r) {
            r.r2 = await(this).cancel(theirs);
            cancellerDone = true;
        }
    }

    /** One that waits for its executor; {@code abandoned} is for who cancels it before it has begun. */
    static final class QueuedCall extends CallState {
        volatile boolean abandoned;

        QueuedCall() {
            super(true);
        }

        @Override
        void abandoned(StatusException why) {
            abandoned = true;
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "It began, and was cancelled in its thread")
    @Outcome(id = "false, true, true", expect = ACCEPTABLE, desc = "It never began, and is the canceller's")
    @Outcome(id = "true, false, false", expect = ACCEPTABLE, desc = "It had ended before")
    @Outcome(expect = FORBIDDEN, desc = "Both have it or nobody, or an interrupt leaks")
    @State
    public static class BeginAgainstCancel {
        private final QueuedCall call = new QueuedCall();
        private volatile boolean cancellerDone;

        @Actor
        public void executor(ZZZ_Result r) {
            boolean begun = call.begin();
            boolean cancelled = begun && call.end() != null;
            boolean leaked = Thread.interrupted();
            while (!cancellerDone) Thread.yield();
            leaked |= Thread.interrupted();
            r.r1 = begun;
            r.r2 = call.abandoned;
            if (leaked || (begun && cancelled != cancelledByOther)) r.r2 = r.r1; // forbidden, whichever it is
        }

        private volatile boolean cancelledByOther;

        @Actor
        public void canceller(ZZZ_Result r) {
            boolean won = call.cancel(why());
            cancelledByOther = won;
            r.r3 = won;
            cancellerDone = true;
        }
    }

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The handler's thread answers")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The keeper answers")
    @Outcome(expect = FORBIDDEN, desc = "Two answers, or none")
    @State
    public static class OneAnswers {
        private final Call call = new Call();

        @Actor
        public void handler(ZZ_Result r) {
            r.r1 = call.answer();
        }

        @Actor
        public void keeper(ZZ_Result r) {
            r.r2 = call.answer();
        }
    }

    /** The connection's side of it: entered before asked, marked before looked for. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The hang-up was seen by the call itself")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The call was found by who saw the hang-up")
    @Outcome(expect = FORBIDDEN, desc = "The call runs on for a peer that is gone, or was cancelled twice")
    @State
    public static class HangUpFindsTheCallOrIsSeenByIt {
        private volatile boolean gone;
        private volatile Call only;

        @Actor
        public void worker(ZZ_Result r) {
            Call call = new Call();
            only = call;
            boolean cancelledHere = gone && call.cancel(why());
            r.r1 = cancelledHere;
            if (!cancelledHere) while (!call.isCancelled() && !looked) Thread.yield();
            call.end();
        }

        private volatile boolean looked;

        @Actor
        public void poller(ZZ_Result r) {
            gone = true;
            Call call = only;
            r.r2 = call != null && call.cancel(why());
            looked = true;
        }
    }
}

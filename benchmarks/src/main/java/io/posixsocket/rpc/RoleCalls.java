package io.posixsocket.rpc;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The reading role given away and taken again, without the kernel: what is watched only notes what it is asked. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class RoleCalls {
    private static final class Noting implements ReadingRole.Watched {
        private int armed;
        private volatile boolean pressure;

        @Override
        public void arm(int events) {
            armed = events;
        }

        @Override
        public int wanted() {
            return 1;
        }

        @Override
        public boolean pressure() {
            return pressure;
        }
    }

    private final Noting watched = new Noting();
    private final ReadingRole role = new ReadingRole(watched);

    /** Given to the kernel, and taken for an event. */
    @Benchmark
    public boolean watchAndClaim() {
        role.watch();
        return role.claim();
    }

    /** Given away because of pressure, which goes; then taken. */
    @Benchmark
    public boolean haltRelieveAndClaim() {
        watched.pressure = true;
        role.halt();
        watched.pressure = false;
        role.relieve();
        return role.claim() && watched.armed != 0;
    }
}

package io.posixsocket.rpc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who may read a connection. One thread at a time does; the role is given by its holder and never taken from it.
 *
 * <pre>
 * WATCHED  the kernel keeps it: armed, one-shot      HELD   one thread reads
 * HALTED   nobody reads: there is pressure           ENDED  nobody will read again
 *
 * WATCHED -> HELD                   the thread that took the event, by CAS; a loser ignores the event
 * HELD    -> WATCHED, HALTED, ENDED the holder alone, a plain volatile write
 * HALTED  -> WATCHED, ENDED         whoever removed the pressure, or saw the hang-up, by CAS
 * </pre>
 *
 * docs/CONCURRENCY.md says why no wake-up is lost; the stress module tests it.
 */
final class ReadingRole {
    /** The connection as its role sees it. */
    interface Watched {
        /** Asks the kernel for one event; 0 for a hang-up alone. From any thread, also after the end. */
        void arm(int events);

        /** What to wait for, buffered frames considered. Asked by the holder, or by the winner of the role's CAS. */
        int wanted();

        /** Whether reading must wait. Reads volatile state alone. */
        boolean pressure();
    }

    static final int WATCHED = 0;
    static final int HELD = 1;
    static final int HALTED = 2;
    static final int ENDED = 3;

    private static final VarHandle ROLE;

    static {
        try {
            ROLE = MethodHandles.lookup().findVarHandle(ReadingRole.class, "role", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Watched watched;
    private volatile int role;
    private volatile int claims; // written by the holder

    /** Starts as HELD by the thread that makes it. */
    ReadingRole(Watched watched) {
        this.watched = watched;
        this.role = HELD;
    }

    /** Takes the role for an event; false if the event says nothing new. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread has the role
    boolean claim() {
        if (!ROLE.compareAndSet(this, WATCHED, HELD)) return false;
        claims++;
        return true;
    }

    /** How often the role was claimed: if this and {@link #isWatched} are the same at two times, nobody has read between them. */
    int claims() {
        return claims;
    }

    /** Whether nobody reads, and the kernel would tell somebody to. */
    boolean isWatched() {
        return role == WATCHED;
    }

    /** Gives the role to the kernel. The caller held it and must not read any more: another thread may already. */
    void watch() {
        int events = watched.wanted(); // while still the holder
        role = WATCHED; // before arm: the event may be taken before arm returns
        watched.arm(events);
    }

    /** Gives the role to whoever removes the pressure. The caller held it. */
    void halt() {
        watched.arm(0); // a hang-up is still reported. Before the role: a reliever's arm must come last
        role = HALTED;
        relieve(); // the pressure may have gone between the caller's test and the write
    }

    /** After some pressure was removed, by a volatile write. From any thread. */
    void relieve() {
        if (!watched.pressure() && ROLE.compareAndSet(this, HALTED, WATCHED)) watched.arm(watched.wanted());
    }

    /** The holder stops for good. */
    void end() {
        role = ENDED;
    }

    /** Stops for good where nobody holds the role; true for the one thread that did it. */
    boolean endHalted() {
        return ROLE.compareAndSet(this, HALTED, ENDED);
    }

    @Override
    public String toString() {
        return switch (role) {
            case WATCHED -> "WATCHED";
            case HELD -> "HELD";
            case HALTED -> "HALTED";
            default -> "ENDED";
        };
    }
}

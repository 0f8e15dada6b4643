package io.posixsocket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The waits behind {@link PosixSocket}. A signal does not cut them short, and none ends early: times are rounded up. */
final class Polling {
    private static final int EINTR = Errno.EINTR.number();
    private static final int POLLFD = 8;
    private static final int TIMESPEC = 16;
    private static final long SECOND = 1_000_000_000;
    private static final Duration FOREVER = Duration.ofDays(36500);

    private Polling() {}

    static int poll(Pollfd[] fds, int timeout) throws ErrnoException {
        NativeBuffer memory = BufferPool.SMALL.take(fds.length * POLLFD);
        try {
            put("poll", memory.bytes(), fds);
            long end = timeout > 0 ? System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout) : 0;
            int n = LibC.poll(memory, fds.length, timeout);
            while (n == -EINTR) n = LibC.poll(memory, fds.length, left(timeout, end));
            if (n < 0) throw new ErrnoException("poll", fds.length + " descriptors, " + timeout + " ms", -n);
            read(memory.bytes(), fds);
            return n;
        } finally {
            BufferPool.SMALL.give(memory);
        }
    }

    /** One descriptor, to the nanosecond where the platform can; the events found, 0 when the time is up, or an errno. */
    static int one(int fd, int events, long timeoutNanos) {
        NativeBuffer memory = BufferPool.SMALL.take(POLLFD + TIMESPEC);
        try {
            ByteBuffer bytes = memory.bytes();
            put(bytes, 0, fd, events);
            long end = timeoutNanos > 0 ? System.nanoTime() + timeoutNanos : 0;
            long left = timeoutNanos;
            for (; ; ) {
                int n;
                if (left <= 0) {
                    n = LibC.poll(memory, 1, left < 0 ? -1 : 0);
                } else if (Platform.CURRENT == Platform.LINUX) {
                    putTimespec(bytes, POLLFD, left);
                    n = LibC.ppoll(memory, 1, POLLFD);
                } else {
                    n = LibC.poll(memory, 1, millis(left));
                }
                if (n > 0) return revents(bytes, 0);
                if (n == 0 && (left <= 0 || left < Integer.MAX_VALUE * 1_000_000L)) return 0;
                if (n < 0 && n != -EINTR) return n;
                if (timeoutNanos > 0) left = Math.max(0, end - System.nanoTime());
            }
        } finally {
            BufferPool.SMALL.give(memory);
        }
    }

    static int ppoll(Pollfd[] fds, Duration timeout) throws ErrnoException {
        long end = deadline(timeout);
        int time = fds.length * POLLFD;
        NativeBuffer memory = BufferPool.SMALL.take(time + TIMESPEC);
        try {
            put("ppoll", memory.bytes(), fds);
            for (; ; ) {
                long left = timeout == null ? -1 : Math.max(0, end - System.nanoTime());
                int n;
                if (left < 0 || !Capabilities.isNative("ppoll")) {
                    n = LibC.poll(memory, fds.length, left < 0 ? -1 : millis(left));
                } else {
                    putTimespec(memory.bytes(), time, left);
                    n = LibC.ppoll(memory, fds.length, time);
                }
                if (isCutShort(n, timeout, end)) continue;
                if (n < 0) throw new ErrnoException("ppoll", fds.length + " descriptors, " + timeout, -n);
                read(memory.bytes(), fds);
                return n;
            }
        } finally {
            BufferPool.SMALL.give(memory);
        }
    }

    /** How select and pselect count the time: in microseconds and in nanoseconds. */
    enum Select {
        SELECT("select", 1_000),
        PSELECT("pselect", 1);

        private final String function;
        private final long tickNanos;

        Select(String function, long tickNanos) {
            this.function = function;
            this.tickNanos = tickNanos;
        }

        private int call(int nfds, NativeBuffer memory, int[] at, int time) {
            return this == SELECT
                    ? LibC.select(nfds, memory, at[0], at[1], at[2], time)
                    : LibC.pselect(nfds, memory, at[0], at[1], at[2], time);
        }
    }

    static int select(Select kind, int nfds, FdSet[] sets, Duration timeout) throws ErrnoException {
        if (nfds < 0 || nfds > SocketConstants.FD_SETSIZE)
            throw new IllegalArgumentException("nfds is " + nfds + ", " + kind.function + " takes 0 to "
                    + SocketConstants.FD_SETSIZE + ": use poll");
        long end = deadline(timeout);
        int time = sets.length * FdSet.SIZE;
        NativeBuffer memory = NativeBuffer.allocate(time + TIMESPEC);
        int[] at = new int[sets.length];
        for (; ; ) {
            for (int i = 0; i < sets.length; i++) {
                at[i] = sets[i] == null ? -1 : i * FdSet.SIZE;
                if (sets[i] != null) sets[i].write(memory.bytes(), at[i]);
            }
            if (timeout != null) {
                long left = Math.max(0, end - System.nanoTime());
                long ticks = (left + kind.tickNanos - 1) / kind.tickNanos;
                long perSecond = SECOND / kind.tickNanos;
                StructLayout.putLong(memory.bytes(), time, ticks / perSecond);
                StructLayout.putLong(memory.bytes(), time + Platform.LONG, ticks % perSecond);
            }
            int n = kind.call(nfds, memory, at, timeout == null ? -1 : time);
            if (isCutShort(n, timeout, end)) continue;
            if (n < 0) throw new ErrnoException(kind.function, "descriptors below " + nfds + ", " + timeout, -n);
            for (int i = 0; i < sets.length; i++) if (sets[i] != null) sets[i].read(memory.bytes(), at[i]);
            return n;
        }
    }

    static int epollWait(int epfd, EpollEvents events, int timeout) throws ErrnoException {
        long end = timeout > 0 ? System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout) : 0;
        int n = LibC.epollWait(epfd, events.memory(), events.capacity(), timeout);
        while (n == -EINTR) n = LibC.epollWait(epfd, events.memory(), events.capacity(), left(timeout, end));
        if (n < 0) throw new ErrnoException("epoll_wait", "fd " + epfd, -n);
        return n;
    }

    private static boolean isCutShort(int result, Duration timeout, long end) {
        return result == -EINTR || (result == 0 && (timeout == null || System.nanoTime() - end < 0));
    }

    /** As {@link System#nanoTime} counts; a wait without limit has none. */
    private static long deadline(Duration timeout) {
        if (timeout == null) return 0;
        if (timeout.isNegative())
            throw new IllegalArgumentException("timeout is " + timeout + ", must not be negative");
        // nanoTime overflows after 292 years, and a difference of more than that has the wrong sign
        long nanos = timeout.compareTo(FOREVER) < 0 ? timeout.toNanos() : FOREVER.toNanos();
        return System.nanoTime() + nanos;
    }

    private static int left(int timeout, long end) {
        return timeout <= 0 ? timeout : millis(Math.max(0, end - System.nanoTime()));
    }

    private static int millis(long nanos) {
        return (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
    }

    private static void putTimespec(ByteBuffer bytes, int offset, long nanos) {
        StructLayout.putLong(bytes, offset, nanos / SECOND);
        StructLayout.putLong(bytes, offset + Platform.LONG, nanos % SECOND);
    }

    private static void put(String function, ByteBuffer bytes, Pollfd[] fds) {
        for (int i = 0; i < fds.length; i++) {
            PosixSocket.requireDefined(function, fds[i].events(), 0, 0);
            put(bytes, i * POLLFD, fds[i].fd(), fds[i].events());
        }
    }

    private static void put(ByteBuffer bytes, int offset, int fd, int events) {
        bytes.putInt(offset, fd).putShort(offset + 4, (short) events).putShort(offset + 6, (short) 0);
    }

    private static void read(ByteBuffer bytes, Pollfd[] fds) {
        for (int i = 0; i < fds.length; i++) fds[i].revents(revents(bytes, i * POLLFD));
    }

    private static int revents(ByteBuffer bytes, int offset) {
        return bytes.getShort(offset + 6) & 0xffff;
    }
}

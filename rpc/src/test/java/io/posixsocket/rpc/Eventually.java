package io.posixsocket.rpc;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** For what other threads count or close, where no latch can be put. */
final class Eventually {
    private Eventually() {}

    /** Asks until the answer is the expected one, which it returns; the test's timeout is the limit. */
    static <T> T get(Supplier<T> question, Predicate<T> expected) {
        T answer = question.get();
        while (!expected.test(answer)) {
            LockSupport.parkNanos(1_000_000);
            if (Thread.interrupted()) throw new IllegalStateException("still " + answer);
            answer = question.get();
        }
        return answer;
    }
}

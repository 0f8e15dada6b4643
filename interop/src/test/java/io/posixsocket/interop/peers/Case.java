package io.posixsocket.interop.peers;

/**
 * One row of the table: what is tried with every pair that can.
 *
 * @param streams whether it needs them
 */
record Case(String name, boolean streams, Body body) {
    @FunctionalInterface
    interface Body {
        /** Throws an AssertionError, or returns what the table says: "ok", the status that was expected, or an error. */
        String run(Pair pair) throws Exception;
    }

    static Case unary(String name, Body body) {
        return new Case(name, false, body);
    }

    static Case stream(String name, Body body) {
        return new Case(name, true, body);
    }
}

package io.posixsocket.benchmarks;

import java.util.concurrent.Callable;

/** Makes each call on a connection of its own: what is timed is to connect, one call, and to close. */
final class FreshCaller implements Caller {
    private final Callable<Caller> connect;
    private Caller last;

    FreshCaller(Callable<Caller> connect) {
        this.connect = connect;
    }

    @Override
    public void call(int number) throws Exception {
        try (Caller caller = connect.call()) {
            caller.call(number);
            last = caller;
        }
    }

    @Override
    public void verify(int number) {
        last.verify(number);
    }

    @Override
    public double messageBytes() {
        return last.messageBytes();
    }
}

package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** A conversation with one request, which is what opens it. */
final class OneRequestCall<Q extends MessageLite, R extends MessageLite> implements Call<Q, R> {
    private final MethodDescriptor<Q, R> method;
    private final Function<Q, Call<Q, R>> opener;
    private final AtomicBoolean sent = new AtomicBoolean();
    private volatile Call<Q, R> opened; // written once
    private volatile StatusException failure; // of the opening
    private volatile boolean closed;

    OneRequestCall(MethodDescriptor<Q, R> method, Function<Q, Call<Q, R>> opener) {
        this.method = method;
        this.opener = opener;
    }

    @Override
    public void send(Q request) {
        Objects.requireNonNull(request, "request");
        if (closed) throw new StatusException(Status.CANCELLED, method + ": the call was closed", Executed.NO, null);
        if (!sent.compareAndSet(false, true))
            throw new IllegalStateException("second request of " + method + ", which takes one");
        try {
            opened = opener.apply(request);
        } catch (StatusException e) {
            failure = e;
            throw e;
        }
        if (closed) opened.close(); // written before asked: close() sees it, or is seen here
    }

    @Override
    public void closeSend() {
        opened();
    }

    @Override
    public R receive() {
        return opened().receive();
    }

    private Call<Q, R> opened() {
        Call<Q, R> call = opened;
        if (call == null && failure != null) throw failure;
        if (call == null) throw new IllegalStateException("no request of " + method + " was sent yet, which takes one");
        return call;
    }

    @Override
    public void close() {
        closed = true;
        Call<Q, R> call = opened;
        if (call != null) call.close();
    }

    @Override
    public String toString() {
        return "call of " + method;
    }
}

package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.util.Objects;
import java.util.function.Function;

/** A conversation with one request, which is what opens it. */
final class OneRequestCall<Q extends MessageLite, R extends MessageLite> implements Call<Q, R> {
    private final MethodDescriptor<Q, R> method;
    private final Function<Q, Call<Q, R>> opener;

    // Guarded by this. close() interrupts who opens, and who opens takes that interrupt away with it.
    private boolean sent;
    private Thread opening; // null: nobody
    private boolean woken;

    private volatile Call<Q, R> opened; // written once
    private volatile RuntimeException failure; // of the opening
    private volatile boolean closed; // written under that lock

    OneRequestCall(MethodDescriptor<Q, R> method, Function<Q, Call<Q, R>> opener) {
        this.method = method;
        this.opener = opener;
    }

    @Override
    public void send(Q request) {
        Objects.requireNonNull(request, "request");
        begin();
        try {
            opened = opener.apply(request);
        } catch (StatusException e) {
            failure = end() && e.status() == Status.CANCELLED ? closed(e.executed(), e) : e;
            throw failure;
        } catch (RuntimeException e) { // an interceptor's
            failure = e;
            throw e;
        } finally {
            end();
        }
        if (closed) opened.close(); // written before asked: close() sees it, or is seen here
    }

    private synchronized void begin() {
        if (closed) throw closed(Executed.NO, null);
        if (sent) throw new IllegalStateException("second request of " + method + ", which takes one");
        sent = true;
        opening = Thread.currentThread();
    }

    /** From now on the thread is not woken. Whether it was. */
    private synchronized boolean end() {
        if (opening != null && woken) Thread.interrupted();
        opening = null;
        return woken;
    }

    private StatusException closed(Executed executed, StatusException cause) {
        return new StatusException(Status.CANCELLED, method + ": the call was closed", executed, cause);
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
        if (call != null) return call;
        if (failure != null) throw failure;
        throw unopened();
    }

    private synchronized RuntimeException unopened() {
        if (closed) return closed(sent ? Executed.MAYBE : Executed.NO, null);
        return new IllegalStateException("no request of " + method + " was sent yet, which takes one");
    }

    @Override
    public void close() {
        wake();
        Call<Q, R> call = opened;
        if (call != null) call.close();
    }

    /** Who opens may be waiting for a connection, or for the server to take the request: all of that ends by an interrupt. */
    private synchronized void wake() {
        closed = true;
        if (opening == null || woken) return;
        woken = true;
        opening.interrupt();
    }

    @Override
    public String toString() {
        return "call of " + method;
    }
}

package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import java.util.concurrent.TimeUnit;

/**
 * Walks the requests of a call that streams both ways, on a thread of its own, so that responses are consumed whatever
 * {@code next()} waits for. It is virtual if the caller is.
 */
final class RequestWalker<Q extends MessageLite> {
    private static final System.Logger LOG = System.getLogger(Client.class.getName());
    private static final long LAST_WAIT_MILLIS = TimeUnit.SECONDS.toMillis(1);

    private final ClientStream<Q, ?> stream;
    private final Iterable<? extends Q> requests;
    private final CallContext incoming = CurrentCall.get(); // what the caller serves; null for nothing
    private final Thread thread;
    private volatile Throwable failure;
    private volatile boolean over;

    RequestWalker(ClientStream<Q, ?> stream, Iterable<? extends Q> requests) {
        this.stream = stream;
        this.requests = requests;
        this.thread = VirtualThreads.isCurrent()
                ? VirtualThreads.unstarted(this::walk)
                : new Thread(null, this::walk, "", 0, false);
        thread.setName(VirtualThreads.currentName() + "-requests");
        thread.setDaemon(true);
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    }

    void start() {
        stream.sentBy(thread);
        thread.start();
    }

    private void walk() {
        CurrentCall.swap(incoming);
        try {
            for (Q request : requests) if (!stream.offer(request)) return;
            stream.closeSend();
        } catch (Throwable e) { // the requests' own, mostly: the caller's thread throws it
            if (over) LOG.log(System.Logger.Level.DEBUG, () -> stream + ": requests ended after the call", e);
            else failure = e;
            stream.close(); // wakes the caller
        }
    }

    /** The call has ended: so does the walk. Waits for it, 1 s at most; one that ignores its interrupt goes on as a daemon. */
    void end() {
        if (over) return; // once
        over = true;
        if (!thread.isAlive()) return;
        thread.interrupt();
        boolean interrupted = Thread.interrupted(); // mostly why the call ended
        try {
            thread.join(LAST_WAIT_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) Thread.currentThread().interrupt();
        if (thread.isAlive())
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> stream + " has ended, and its requests wait on in thread " + thread.getName());
    }

    /** What the requests threw; null if nothing, or after the call had ended. */
    Throwable failure() {
        return failure;
    }
}

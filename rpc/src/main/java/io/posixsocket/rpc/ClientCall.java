package io.posixsocket.rpc;

import io.posixsocket.PeerCredentials;
import java.util.Optional;

/** An outgoing call as its interceptors see it. Written by the calling thread alone. */
final class ClientCall implements CallContext {
    private final MethodDescriptor<?, ?> method;
    private final Deadline deadline;
    private volatile Metadata metadata;
    private volatile boolean proceeded;

    ClientCall(MethodDescriptor<?, ?> method, Deadline deadline, Metadata metadata) {
        this.method = method;
        this.deadline = deadline;
        this.metadata = metadata;
    }

    /** The metadata to send; nothing can be added any more. */
    Metadata proceed() {
        proceeded = true;
        return metadata;
    }

    @Override
    public MethodDescriptor<?, ?> method() {
        return method;
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    public void addMetadata(String key, String value) {
        if (proceeded) throw new IllegalStateException("call of " + method + " has proceeded, its metadata is sent");
        metadata = metadata.with(key, value);
    }

    @Override
    public Optional<Deadline> deadline() {
        return Optional.ofNullable(deadline);
    }

    @Override
    public Optional<PeerCredentials> peer() {
        return Optional.empty();
    }

    @Override
    public Scope attach() {
        throw new IllegalStateException(this + " is an outgoing call: only an incoming one is a thread's current call");
    }

    @Override
    public boolean isCancelled() {
        return deadline != null && deadline.isExpired();
    }

    @Override
    public String toString() {
        return "call of " + method;
    }
}

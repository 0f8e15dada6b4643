package io.posixsocket.rpc;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A call of a client, from its wait for a connection to its outcome. */
@Name("io.posixsocket.ClientCall")
@Label("Client Call")
@Description("A call of a client, from its wait for a connection to its outcome")
final class ClientCallEvent extends CallEvent {
    private static final ClientCallEvent ANY = new ClientCallEvent();

    @Label("Blocked")
    @Description("Whether the caller slept for a reply; otherwise each came while it looked")
    boolean blocked;

    private transient int waits; // of the connection, when it was leased

    /** Null unless it is recorded. */
    static ClientCallEvent begin(MethodDescriptor<?, ?> method, Client client) {
        if (!ANY.isEnabled()) return null;
        ClientCallEvent event = new ClientCallEvent();
        event.method = method.toString();
        event.peer = client.toString();
        event.begin();
        return event;
    }

    /** The connection is leased, on which callers slept so often before. */
    void leased(int waits) {
        this.waits = waits;
    }

    /** The lease ends. */
    void returned(int waits) {
        blocked |= waits != this.waits;
    }
}

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

    /** Null unless it is recorded. */
    static CallRecording begin(MethodDescriptor<?, ?> method, Client client) {
        return ANY.isEnabled() ? new CallRecording(new ClientCallEvent(), method, client.toString()) : null;
    }
}

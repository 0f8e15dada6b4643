package io.posixsocket.rpc;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A call on a server, from the beginning of its handler to the end of its answer. */
@Name("io.posixsocket.ServerCall")
@Label("Server Call")
@Description("A call on a server, from the beginning of its handler to the end of its answer")
final class ServerCallEvent extends CallEvent {
    private static final ServerCallEvent ANY = new ServerCallEvent();

    /** Null unless it is recorded. */
    static CallRecording begin(ServerCall call) {
        if (!ANY.isEnabled()) return null;
        return new CallRecording(new ServerCallEvent(), call.method(), call.peerText());
    }
}

package io.posixsocket.rpc;

/**
 * What Java Flight Recorder is told of calls: nothing, and at no cost, unless a recording runs. The one place that knows that a
 * runtime image may lack the module {@code jdk.jfr}: there the classes of the events cannot be loaded.
 */
final class CallRecording {
    private static final boolean POSSIBLE =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private CallRecording() {}

    /** The event of an outgoing call that begins now; null if nobody records it. */
    static ClientCallEvent begin(MethodDescriptor<?, ?> method, Client client) {
        return POSSIBLE ? ClientCallEvent.begin(method, client) : null;
    }

    /** The event of an incoming call whose handler begins now; null if nobody records it. */
    static ServerCallEvent begin(ServerCall call) {
        return POSSIBLE ? ServerCallEvent.begin(call) : null;
    }
}

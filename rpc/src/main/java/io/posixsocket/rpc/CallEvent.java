package io.posixsocket.rpc;

import com.google.protobuf.MessageLite;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;

/** What Flight Recorder keeps of a call on either side. Made only while a recording runs; two threads of a stream may count. */
@Category("PosixSocket")
@StackTrace(false)
abstract class CallEvent extends Event {
    @Label("Method")
    String method;

    @Label("Peer")
    @Description("Where the server is, or who calls")
    String peer;

    @Label("Status")
    String status = Status.OK.name();

    @Label("Requests")
    @Description("More or less than one if they are streamed")
    long requests;

    @Label("Request Bytes")
    @DataAmount
    long requestBytes;

    @Label("Replies")
    @Description("More or less than one if they are streamed")
    long replies;

    @Label("Reply Bytes")
    @DataAmount
    long replyBytes;

    final synchronized void request(MessageLite message) {
        requests++;
        requestBytes += message.getSerializedSize();
    }

    final synchronized void reply(MessageLite message) {
        replies++;
        replyBytes += message.getSerializedSize();
    }

    /** @param failure null for none */
    final void end(Throwable failure) {
        if (failure instanceof StatusException e) status = e.status().name();
        else if (failure != null) status = Status.UNKNOWN.name();
        commit();
    }
}

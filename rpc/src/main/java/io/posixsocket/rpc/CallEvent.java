package io.posixsocket.rpc;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;

/** What Flight Recorder keeps of a call on either side. */
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
}

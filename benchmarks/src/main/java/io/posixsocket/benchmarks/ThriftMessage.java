package io.posixsocket.benchmarks;

import java.nio.ByteBuffer;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolException;
import org.apache.thrift.protocol.TProtocolUtil;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.protocol.TType;

/**
 * A message with one field of bytes, a method's argument or its result: what Thrift's generator, which is no Maven artifact,
 * would write for {@code binary echo(1: binary body)}.
 */
final class ThriftMessage {
    private static final TStruct STRUCT = new TStruct("echo");
    /** The only argument, which the generator counts from 1. */
    static final TField BODY = new TField("body", TType.STRING, (short) 1);
    /** The result, which is always field 0. */
    static final TField SUCCESS = new TField("success", TType.STRING, (short) 0);

    private ThriftMessage() {}

    /** Sends it. */
    static void write(TProtocol out, byte type, int sequence, TField field, ByteBuffer body) throws TException {
        out.writeMessageBegin(new TMessage("echo", type, sequence));
        out.writeStructBegin(STRUCT);
        out.writeFieldBegin(field);
        out.writeBinary(body);
        out.writeFieldEnd();
        out.writeFieldStop();
        out.writeStructEnd();
        out.writeMessageEnd();
        out.getTransport().flush();
    }

    /** Receives what follows the head of a message, and returns its {@code field}. */
    static ByteBuffer readBody(TProtocol in, TField field) throws TException {
        ByteBuffer body = null;
        in.readStructBegin();
        for (TField next = in.readFieldBegin(); next.type != TType.STOP; next = in.readFieldBegin()) {
            if (next.id == field.id && next.type == field.type) body = in.readBinary();
            else TProtocolUtil.skip(in, next.type);
            in.readFieldEnd();
        }
        in.readStructEnd();
        in.readMessageEnd();
        if (body == null) throw new TProtocolException(field.name + " is missing");
        return body;
    }
}

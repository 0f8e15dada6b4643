package io.posixsocket.benchmarks;

import java.nio.ByteBuffer;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.transport.TSocket;

/** Makes Thrift's blocking calls, each calling thread on a connection of its own. */
final class ThriftClient implements Caller {
    private final TSocket socket;
    private final TProtocol protocol;
    private final byte[][] bodies;
    private int sequence;
    private ByteBuffer reply;

    private ThriftClient(int port, byte[][] bodies) throws TException {
        this.bodies = bodies;
        this.socket = new TSocket("127.0.0.1", port);
        this.protocol = new TBinaryProtocol(socket);
        socket.open();
    }

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        int port = PortFile.read(terms.path());
        byte[][] bodies = Bodies.of(terms.size());
        ClientConsole.attend(terms, () -> new ThriftClient(port, bodies));
    }

    @Override
    public void call(int number) throws TException {
        ByteBuffer body = ByteBuffer.wrap(bodies[number % Bodies.COUNT]);
        ThriftMessage.write(protocol, TMessageType.CALL, ++sequence, ThriftMessage.BODY, body);
        TMessage head = protocol.readMessageBegin();
        if (head.type != TMessageType.REPLY || head.seqid != sequence)
            throw new TApplicationException("call " + sequence + " was answered by " + head);
        reply = ThriftMessage.readBody(protocol, ThriftMessage.SUCCESS);
    }

    @Override
    public void verify(int number) {
        if (!reply.equals(ByteBuffer.wrap(bodies[number % Bodies.COUNT]))) throw WrongReplyException.to(number);
    }

    @Override
    public void close() {
        socket.close();
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TServerSocket;

/** Answers Thrift's calls over TCP on the loopback interface, a thread per connection. */
final class ThriftServer {
    private ThriftServer() {}

    public static void main(String[] args) throws IOException, TException {
        Terms terms = Terms.of(args);
        TServerSocket listener = new TServerSocket(new TServerSocket.ServerSocketTransportArgs()
                .bindAddr(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .backlog(512));
        TThreadPoolServer server = new TThreadPoolServer(new TThreadPoolServer.Args(listener)
                .protocolFactory(new TBinaryProtocol.Factory())
                .processor(ThriftServer::answer));
        PortFile.write(terms.path(), listener.getServerSocket().getLocalPort());
        Daemons.start("server", server::serve);
        ServerConsole.attend();
        System.exit(0); // its threads would stay
    }

    private static void answer(TProtocol in, TProtocol out) throws TException {
        int sequence = in.readMessageBegin().seqid;
        ThriftMessage.write(
                out,
                TMessageType.REPLY,
                sequence,
                ThriftMessage.SUCCESS,
                ThriftMessage.readBody(in, ThriftMessage.BODY));
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.rmi.Remote;
import java.rmi.server.UnicastRemoteObject;

/**
 * Answers RMI's calls over TCP on the loopback interface, a thread per connection. There is no registry: its client finds the
 * stub in the file where others have their socket.
 */
final class RmiServer implements RmiEcho {
    private static final RmiServer ECHO = new RmiServer(); // RMI alone would let the collector have it

    private RmiServer() {}

    public static void main(String[] args) throws IOException {
        Terms terms = Terms.of(args);
        System.setProperty("java.rmi.server.hostname", "127.0.0.1"); // what the stub says
        Remote stub = UnicastRemoteObject.exportObject(
                ECHO, 0, null, port -> new ServerSocket(port, 512, InetAddress.getLoopbackAddress()));
        try (ObjectOutputStream file = new ObjectOutputStream(Files.newOutputStream(terms.path()))) {
            file.writeObject(stub);
        }
        ServerConsole.attend();
        System.exit(0); // its threads would stay
    }

    @Override
    public byte[] echo(byte[] body) {
        return body;
    }
}

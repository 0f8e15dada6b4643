package io.posixsocket.benchmarks;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.rmi.server.RMISocketFactory;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Calls by one stub, whose pool gives each calling thread a connection of its own. */
final class RmiClient implements Caller {
    /** For 5 ms RMI sends on a connection without asking whether it is still there. */
    private static final long TRUSTED_NANOS = TimeUnit.MILLISECONDS.toNanos(6);

    private final RmiEcho echo;
    private final byte[][] bodies;
    private final Sockets sockets;
    private boolean closed;
    private byte[] reply;

    private RmiClient(RmiEcho echo, byte[][] bodies, Sockets sockets) {
        this.echo = echo;
        this.bodies = bodies;
        this.sockets = sockets;
    }

    public static void main(String[] args) throws Exception {
        Terms terms = Terms.of(args);
        byte[][] bodies = Bodies.of(terms.size());
        Sockets sockets = new Sockets();
        RMISocketFactory.setSocketFactory(sockets);
        RmiEcho echo;
        try (ObjectInputStream file = new ObjectInputStream(Files.newInputStream(terms.path()))) {
            echo = (RmiEcho) file.readObject();
        }
        sockets.close(); // the one by which the stub made itself known to its server
        ClientConsole.attend(terms, () -> new RmiClient(echo, bodies, sockets));
    }

    @Override
    public void call(int number) throws IOException {
        reply = echo.echo(bodies[number % Bodies.COUNT]);
    }

    /** Outside of the time taken, waits until RMI no longer takes the connection that was closed to be open. */
    @Override
    public void verify(int number) {
        if (closed) LockSupport.parkNanos(TRUSTED_NANOS);
        if (!Arrays.equals(reply, bodies[number % Bodies.COUNT])) throw WrongReplyException.to(number);
    }

    @Override
    public void close() throws IOException {
        sockets.close();
        closed = true;
    }

    /** Opens RMI's connections. It has no way to close one, but replaces those in its pool that it finds closed. */
    private static final class Sockets extends RMISocketFactory {
        private final Queue<Socket> opened = new ConcurrentLinkedQueue<>();

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            Socket socket = new Socket(host, port);
            opened.add(socket);
            return socket;
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return new ServerSocket(port);
        }

        /** Closes all. */
        void close() throws IOException {
            for (Socket socket = opened.poll(); socket != null; socket = opened.poll()) socket.close();
        }
    }
}

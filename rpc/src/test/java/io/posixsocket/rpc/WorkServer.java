package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;

import io.posixsocket.Errno;
import io.posixsocket.ErrnoException;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The process of a {@link Work} service. Each call appends its name to a ledger when it begins; one called {@code hang...} says
 * "hanging" and waits to be released or interrupted, one called {@code stream...} says "inside", one called {@code slow...} takes
 * 2 s.
 *
 * <p>Its arguments: the path; the ledger; optionally the length of the backlog of a socket that is then given to the server, or
 * nothing; and the most workers.
 *
 * <p>Says "loaded". Told {@code listen}, listens, as soon as the path is free, and says "listening"; {@code shutdown}: says
 * "shut" and whether every call ended in time, and ends; {@code release}: lets
 * what hangs return, from now on, until {@code hold}; {@code heap}: says how many bytes are in use.
 */
final class WorkServer {
    static final String HANG = "hang";
    static final String SLOW = "slow";
    static final String STREAM = "stream";
    static final Duration GRACE = Duration.ofMinutes(1);
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(2);

    // No channel: one handler that is interrupted, because its caller has gone, would close it for all others.
    private final OutputStream ledger;
    private volatile CountDownLatch released = new CountDownLatch(1);

    private WorkServer(Path ledger) throws IOException {
        this.ledger = new FileOutputStream(ledger.toFile(), true);
    }

    private void work(Hello request) {
        String name = request.text();
        name = name.substring(0, Math.min(40, name.length()));
        try { // one write with O_APPEND: a line is whole whoever else writes
            ledger.write((name + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (name.startsWith(STREAM)) System.out.println("inside");
        if (name.startsWith(SLOW)) LockSupport.parkNanos(SLOW_NANOS);
        if (!name.startsWith(HANG)) return;
        System.out.println("hanging");
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws Exception {
        WorkServer work = new WorkServer(Path.of(args[1]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("loaded");
        Server server = null;
        for (String told = in.readLine(); told != null; told = in.readLine()) {
            switch (told) {
                case "listen" -> {
                    server = work.listen(args);
                    System.out.println("listening");
                }
                case "release" -> work.released.countDown();
                case "hold" -> {
                    work.released = new CountDownLatch(1);
                    System.out.println("holding");
                }
                case "heap" -> {
                    System.gc();
                    System.out.println(ManagementFactory.getMemoryMXBean()
                            .getHeapMemoryUsage()
                            .getUsed());
                }
                case "shutdown" -> {
                    System.out.println("shut " + server.shutdown(GRACE));
                    return;
                }
                default -> throw new IllegalArgumentException(told);
            }
        }
        if (server != null) server.shutdown(Duration.ZERO);
    }

    private Server listen(String[] args) throws IOException {
        SockaddrUn path = SockaddrUn.path(Path.of(args[0]));
        if (args.length > 2 && !args[2].isEmpty()) {
            OwnedFd fd = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_STREAM, 0));
            fd.bind(path);
            fd.listen(Integer.parseInt(args[2]));
            return builder(args).listen(fd).start();
        }
        for (; ; ) {
            try {
                return builder(args).listen(path).start();
            } catch (ErrnoException e) { // the one before still listens
                if (e.errno() != Errno.EADDRINUSE) throw e;
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private Server.Builder builder(String[] args) {
        Server.Builder builder = Server.builder().service(Work.service(this::work));
        return args.length > 3 ? builder.maxWorkers(Integer.parseInt(args[3])) : builder;
    }
}

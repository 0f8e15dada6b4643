package io.posixsocket.examples.shim;

import containerd.task.v2.Shim.DeleteResponse;
import containerd.task.v2.Task;
import io.posixsocket.rpc.Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * A runtime of containerd: {@code bin/containerd-shim-java-v1} runs it, once for each container, in the directory that containerd
 * made for that, the bundle. Started, it prints where its server listens and serves containerd until it is told to shut
 * down. {@code delete} is what containerd calls when a server has died.
 */
public final class JavaShim {
    private static final Path SOCKETS = Path.of("/run/containerd/s");
    private static final int KILLED = 128 + 9;

    private JavaShim() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> flags = new HashMap<>();
        String command = "";
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("-")) command = args[i];
            else if (!args[i].equals("-debug")) flags.put(args[i].substring(1), args[++i]);
        }
        Path bundle = Path.of(flags.getOrDefault("bundle", "")).toAbsolutePath();
        switch (command) {
            case "start" -> serve(bundle, socket(flags), flags.get("namespace"));
            case "delete" -> delete(bundle, socket(flags));
            default -> throw new IllegalArgumentException("neither start nor delete: " + String.join(" ", args));
        }
    }

    /** Paths of sockets are short, those of bundles need not be. */
    private static Path socket(Map<String, String> flags) throws NoSuchAlgorithmException {
        String container = flags.get("address") + " " + flags.get("namespace") + " " + flags.get("id");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(container.getBytes(StandardCharsets.UTF_8));
        return SOCKETS.resolve("java-" + HexFormat.of().formatHex(digest, 0, 16));
    }

    private static void serve(Path bundle, Path socket, String namespace) throws IOException, InterruptedException {
        Files.createDirectories(SOCKETS);
        try (TaskEvents events = new TaskEvents(System.getenv("TTRPC_ADDRESS"), namespace)) {
            TaskService tasks = new TaskService(events);
            try (Server server = Server.builder()
                    .listen("unix:" + socket)
                    .service(Task.service(tasks))
                    .start()) {
                String address = server.addresses().get(0).toString().replaceFirst("unix:", "unix://");
                Files.writeString(bundle.resolve("address"), address); // for the next containerd, if this one restarts
                System.out.println(address);
                System.out.close(); // containerd reads to the end
                tasks.awaitShutdown();
            }
        }
    }

    /** Ends what a shim that was killed left behind. */
    private static void delete(Path bundle, Path socket) throws IOException {
        Files.deleteIfExists(socket);
        Files.deleteIfExists(Path.of(socket + ".lock"));
        DeleteResponse.newBuilder()
                .setPid(Container.killLeft(bundle))
                .setExitStatus(KILLED)
                .setExitedAt(TaskEvents.timestamp(Instant.now()))
                .build()
                .writeTo(System.out);
        System.out.flush();
    }
}

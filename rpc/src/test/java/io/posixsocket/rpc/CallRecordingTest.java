package io.posixsocket.rpc;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static io.posixsocket.rpc.Streamer.COUNT;
import static io.posixsocket.rpc.Streamer.DOUBLE;
import static io.posixsocket.rpc.Streamer.item;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int64Value;
import io.posixsocket.OwnedFd;
import io.posixsocket.PosixSocket;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** When Flight Recorder is told of calls, and when it costs nothing. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class CallRecordingTest {
    private static final String CLIENT = "io.posixsocket.ClientCall";

    @TempDir
    Path directory;

    private SockaddrUn address() {
        return SockaddrUn.path(directory.resolve("s"));
    }

    private Path file() {
        return directory.resolve("calls.jfr");
    }

    /** What was recorded so far. */
    static List<RecordedEvent> dumped(Recording recording, Path file) {
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server that has replied before it is asked, or does so afterwards. */
    private boolean isBlocked(boolean before, boolean timed) throws Exception {
        int[] pair = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
        try (Recording recording = new Recording();
                ScriptedPeer server = new ScriptedPeer(OwnedFd.adopt(pair[1]));
                Client client = Client.connect(OwnedFd.adopt(pair[0]))) {
            recording.enable(CLIENT);
            recording.start();
            if (before) server.send(Frame.reply(1, item(2)));
            Channel channel = timed ? client.withTimeout(Duration.ofMinutes(1)) : client;
            Background<Int64Value> call = Background.run(() -> channel.call(DOUBLE, item(1)));
            server.receive();
            if (!before) {
                Eventually.get(
                        () -> List.of(call.thread().getStackTrace()).toString(),
                        stack -> stack.contains("OwnedFd.awaitRecv(") || stack.contains("OwnedFd.poll("));
                server.send(Frame.reply(1, item(2)));
            }
            assertThat(call.result()).isEqualTo(item(2));
            List<RecordedEvent> events = dumped(recording, file());
            assertThat(events).hasSize(1);
            return events.get(0).getBoolean("blocked");
        }
    }

    @Test
    void aCallerThatSleptIsToldFromOneThatOnlyLooked() throws Exception {
        for (boolean timed : new boolean[] {false, true}) {
            assertThat(isBlocked(false, timed)).isTrue();
            assertThat(isBlocked(true, timed))
                    .as("nobody looks on one processor")
                    .isEqualTo(Runtime.getRuntime().availableProcessors() == 1);
        }
    }

    @Test
    void nothingIsAllocatedWhileNobodyRecords() throws IOException {
        try (Client client = Client.builder(address()).build()) {
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            assertThat(CallRecording.begin(DOUBLE, client)).isNull();
            threads.getCurrentThreadAllocatedBytes();
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100_000; i++)
                if (CallRecording.begin(DOUBLE, client) != null) throw new AssertionError();
            assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                    .as("bytes for 100,000 calls")
                    .isLessThan(100_000);
        }
    }

    /** As in an image made by jlink without the module. */
    @Test
    void callsGoOnInARuntimeWithoutTheRecorder() throws Exception {
        assertThat(child("--limit-modules", "java.logging,jdk.unsupported").strip())
                .isEqualTo("no recorder: 14 and 3");
    }

    /** Which takes as long as some 10,000 calls. */
    @Test
    void theClassesOfTheEventsAreNotLoadedUntilSomebodyRecords() throws Exception {
        String said = child("-Xlog:class+load");
        assertThat(said).contains("a recorder: 14 and 3", CallRecording.class.getName() + " ");
        assertThat(said.lines().filter(line -> line.contains("CallEvent"))).isEmpty();
    }

    private static String child(String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24)
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), CallRecordingTest.class.getName()));
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
        return said;
    }

    /** The child. */
    public static void main(String[] args) throws IOException {
        try (Server server = Server.builder().service(new Streamer().service()).start();
                Client client = server.connect()) {
            // as frameworks look at it: no type of its methods may be missing
            if (Client.class.getDeclaredMethods().length == 0) throw new AssertionError();
            List<Int64Value> counted = new ArrayList<>();
            long twice = client.call(DOUBLE, item(7)).getValue();
            client.callServerStreaming(COUNT, item(3), counted::add);
            String recorder = ModuleLayer.boot().findModule("jdk.jfr").isPresent() ? "a recorder" : "no recorder";
            System.out.println(recorder + ": " + twice + " and " + counted.size());
        }
    }
}

package io.posixsocket.rpc;

import static io.posixsocket.rpc.Streamer.COUNT;
import static io.posixsocket.rpc.Streamer.DOUBLE;
import static io.posixsocket.rpc.Streamer.ECHO;
import static io.posixsocket.rpc.Streamer.SUM_UP;
import static io.posixsocket.rpc.Streamer.item;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int64Value;
import io.posixsocket.SockaddrUn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What Flight Recorder's events say of calls. On a newer JDK, because the recorder of 17 loses strings that several threads repeat. */
@Timeout(120)
@ExtendWith({NewerJvm.class, NoLeaks.class})
class RecordedCallsTest {
    private static final String CLIENT = "io.posixsocket.ClientCall";
    private static final String SERVER = "io.posixsocket.ServerCall";

    @TempDir
    Path directory;

    private SockaddrUn address() {
        return SockaddrUn.path(directory.resolve("s"));
    }

    private Path file() {
        return directory.resolve("calls.jfr");
    }

    private static Iterable<Int64Value> items(long count) {
        return () -> LongStream.rangeClosed(1, count).mapToObj(Streamer::item).iterator();
    }

    /** What is recorded while {@code calls} runs with a client of {@code streamer}: so many events. */
    private List<RecordedEvent> record(Streamer streamer, int count, Consumer<Client> calls) throws IOException {
        try (Recording recording = new Recording();
                Server server = Server.builder()
                        .listen(address())
                        .service(streamer.service())
                        .start();
                Client client = Client.builder(address()).build()) {
            recording.enable(CLIENT);
            recording.enable(SERVER);
            recording.start();
            calls.accept(client);
            assertThat(server.isDraining()).isFalse();
            return Eventually.get(() -> CallRecordingTest.dumped(recording, file()), events -> events.size() >= count);
        }
    }

    /** Method, status, requests, their bytes, replies, their bytes. */
    private static List<String> told(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .map(event -> event.getString("method").replace(Streamer.SERVICE + "/", "") + " "
                        + event.getString("status") + " " + event.getLong("requests") + " "
                        + event.getLong("requestBytes") + " " + event.getLong("replies") + " "
                        + event.getLong("replyBytes"))
                .collect(Collectors.toList());
    }

    @Test
    void callsOfEveryShapeAreToldOnBothSides() throws IOException {
        List<RecordedEvent> events = record(new Streamer(), 10, client -> {
            client.call(DOUBLE, item(7));
            client.callServerStreaming(COUNT, item(3), reply -> {});
            client.callClientStreaming(SUM_UP, items(4));
            client.callBidiStreaming(ECHO, items(5), reply -> {});
            try (Call<Int64Value, Int64Value> call = client.start(DOUBLE)) {
                call.send(item(1));
                assertThat(call.receive()).isNotNull();
                assertThat(call.receive()).isNull();
            }
        });
        String[] all = {
            "Double OK 1 2 1 2", "Count OK 1 2 3 6", "SumUp OK 4 8 1 4", "Echo OK 5 10 5 10", "Double OK 1 2 1 2"
        };
        assertThat(told(events, CLIENT)).containsExactlyInAnyOrder(all);
        assertThat(told(events, SERVER)).containsExactlyInAnyOrder(all);
        for (RecordedEvent event : events) {
            assertThat(event.getDuration()).isPositive();
            assertThat(event.getString("peer"))
                    .startsWith(
                            event.getEventType().getName().equals(CLIENT)
                                    ? "unix:" + directory
                                    : "pid " + ProcessHandle.current().pid() + ", uid ");
        }
    }

    @Test
    void failuresAreToldWithTheirStatus() throws IOException {
        Streamer streamer = new Streamer();
        streamer.twice = item -> {
            throw new StatusException(Status.NOT_FOUND, "no");
        };
        streamer.echo = (items, out) -> {
            throw new IllegalStateException("handler");
        };
        List<RecordedEvent> events = record(streamer, 5, client -> {
            List<Status> statuses = new ArrayList<>();
            for (Runnable call : List.<Runnable>of(
                    () -> client.call(DOUBLE, item(7)),
                    () -> client.callBidiStreaming(ECHO, List.of(), reply -> {}),
                    () -> client.call(Hello.SAY_HELLO, Hello.of("nobody's")))) {
                try {
                    call.run();
                } catch (StatusException e) {
                    statuses.add(e.status());
                }
            }
            assertThat(statuses).containsExactly(Status.NOT_FOUND, Status.UNKNOWN, Status.UNIMPLEMENTED);
        });
        assertThat(told(events, CLIENT))
                .containsExactlyInAnyOrder(
                        "Double NOT_FOUND 1 2 0 0",
                        "Echo UNKNOWN 0 0 0 0",
                        "demo.greeter.v1.Greeter/SayHello UNIMPLEMENTED 1 10 0 0");
        assertThat(told(events, SERVER)).containsExactlyInAnyOrder("Double NOT_FOUND 1 2 0 0", "Echo UNKNOWN 0 0 0 0");
    }

    @Test
    void aServerThatIsNotThereIsToldToo() throws IOException {
        Path nobody = directory.resolve("nobody");
        try (Recording recording = new Recording();
                Client client = Client.builder(SockaddrUn.path(nobody)).build()) {
            recording.enable(CLIENT);
            recording.start();
            for (Runnable call : List.<Runnable>of(
                    () -> client.call(DOUBLE, item(7)), () -> client.callServerStreaming(COUNT, item(1), reply -> {})))
                assertThat(org.assertj.core.api.Assertions.catchThrowable(call::run))
                        .isInstanceOf(StatusException.class);
            assertThat(told(CallRecordingTest.dumped(recording, file()), CLIENT))
                    .containsExactlyInAnyOrder("Double UNAVAILABLE 1 2 0 0", "Count UNAVAILABLE 1 2 0 0");
        }
    }

    /** The line in the README. */
    @Test
    void theJdksOwnToolPrintsThem() throws Exception {
        record(new Streamer(), 2, client -> client.call(DOUBLE, item(7)));
        Process jfr = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jfr").toString(),
                        "print",
                        "--events",
                        CLIENT,
                        file().toString())
                .redirectErrorStream(true)
                .start();
        String printed = new String(jfr.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jfr.waitFor()).as(printed).isZero();
        assertThat(printed)
                .contains(CLIENT + " {", "method = \"demo.stream.v1.Streamer/Double\"", "requestBytes = 2 bytes");
    }
}

package io.posixsocket.interop.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import containerd.task.v2.Shim.ConnectRequest;
import containerd.task.v2.Task;
import io.posixsocket.rpc.Client;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The example that is a runtime of containerd's, driven by containerd. */
@EnabledIf(value = "io.posixsocket.interop.containerd.Containerd#isInstalled", disabledReason = Containerd.NEEDS)
class JavaShimTest {
    private static final String RUNTIME = "io.containerd.java.v1";

    @TempDir
    private static Path directory;

    private static Containerd containerd;

    @BeforeAll
    static void start() throws Exception {
        containerd = new Containerd(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        containerd.close();
    }

    private static void remove(String id) {
        containerd.ctr("task", "rm", id);
        containerd.ctr("container", "rm", id);
        assertThat(containerd.status(id)).isEmpty();
    }

    /** The pid of the task, from {@code ctr task ps}, whose second line begins with it. */
    private static long pid(String id) {
        return Long.parseLong(containerd.ctr("task", "ps", id).get(1).split("\\s+", 2)[0]);
    }

    private static String numberless(List<String> lines) {
        return String.join("\n", lines)
                .replaceAll("\\d+", "N")
                .replaceAll(" +", " ")
                .replace(" \n", "\n");
    }

    /** Numbers and columns aside. Lists of tasks are asked for until they are the README's: a signal takes its time. */
    @Test
    void theTranscriptOfTheReadmeIsTrue() throws IOException {
        String readme = Files.readString(Containerd.BASE.resolve("examples/README.md"));
        Matcher block = Pattern.compile(
                        "^## shim$.*?^```console\n\\$ ctr (.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(readme);
        assertThat(block.find()).isTrue();
        for (String step : block.group(1).split("\n\\$ ctr ", -1)) {
            List<String> lines = step.lines().toList();
            String[] command = lines.get(0)
                    .replace("/tmp/rootfs", containerd.rootfs().toString())
                    .split(" ", -1);
            String expected = numberless(lines.subList(1, lines.size()));
            if (command[1].equals("ls"))
                Containerd.await(
                        expected, () -> numberless(containerd.ctr(command)).equals(expected));
            else assertThat(numberless(containerd.ctr(command))).as(step).isEqualTo(expected);
        }
    }

    @Test
    void everyEventComesInOrderWithTheExitStatus() throws Exception {
        try (CtrEvents events = CtrEvents.subscribed(containerd)) {
            containerd.runDetached(RUNTIME, "three", "/bin/sh", "-c", "exit 3");
            containerd.awaitStatus("three", "STOPPED");
            remove("three");
            Containerd.await("the last event", () -> !events.of("/tasks/delete").isEmpty());
            List<String> lines = events.of("/tasks/");
            assertThat(lines)
                    .extracting(line -> line.replaceAll(".*(/tasks/\\w+).*", "$1"))
                    .containsExactly("/tasks/create", "/tasks/start", "/tasks/exit", "/tasks/delete");
            assertThat(lines.subList(2, 4)).allSatisfy(line -> assertThat(line).contains("\"exit_status\":3"));
        }
    }

    @Test
    void theProcessHasTheContainersRootEnvironmentDirectoryAndStreams() throws Exception {
        Files.createDirectory(containerd.rootfs().resolve("work"));
        Path config = directory.resolve("config.json");
        Files.writeString(config, """
                {"ociVersion": "1.0.2", "root": {"path": "%s"}, "process": {"cwd": "/work", "user": {"uid": 1234, "gid": 5678},
                "env": ["GREETING=a=b"],
                "args": ["/bin/sh", "-c", "pwd; echo $GREETING; /bin/busybox id; /bin/busybox ls /bin; cat; exit 7"]}}
                """.formatted(containerd.rootfs()));
        Process ctr = containerd
                .command("run", "--rm", "--runtime", RUNTIME, "--config", config.toString(), "streams")
                .start();
        try (BufferedReader output = ctr.inputReader()) {
            ctr.getOutputStream().write("from stdin\n".getBytes(StandardCharsets.US_ASCII));
            ctr.getOutputStream().close();
            assertThat(output.lines())
                    .containsExactly(
                            "/work", "a=b", "uid=1234 gid=5678", "busybox", "cat", "sh", "sleep", "from stdin");
            assertThat(ctr.waitFor()).isEqualTo(7);
        } finally {
            ctr.destroyForcibly();
        }
        assertThat(containerd.status("streams")).isEmpty();
    }

    @Test
    void waitDoesNotKeepOthersWaiting() throws Exception {
        Process waiting = containerd
                .command(
                        "run",
                        "--rm",
                        "--rootfs",
                        "--runtime",
                        RUNTIME,
                        containerd.rootfs().toString(),
                        "waited-for",
                        "/bin/sleep",
                        "3600")
                .start();
        try {
            containerd.awaitStatus("waited-for", "RUNNING");
            assertThat(pid("waited-for")).isPositive();
            assertThat(containerd.run("task", "pause", "waited-for"))
                    .isEqualTo(new Containerd.Result(1, List.of("ctr: method Pause: not implemented")));
            assertThat(waiting.isAlive()).isTrue();
            containerd.ctr("task", "kill", "waited-for");
            assertThat(waiting.waitFor()).isEqualTo(128 + 15);
        } finally {
            waiting.destroyForcibly();
        }
    }

    @Test
    void signalsReachDescendantsIfAllAreMeant() {
        containerd.runDetached(RUNTIME, "family", "/bin/sh", "-c", "sleep 3600; exit");
        Containerd.await(
                "the family is complete",
                () -> containerd.ctr("task", "ps", "family").size() == 1 + 2);
        List<ProcessHandle> children =
                ProcessHandle.of(pid("family")).orElseThrow().children().toList();
        containerd.ctr("task", "kill", "--all", "--signal", "KILL", "family");
        containerd.awaitStatus("family", "STOPPED");
        Containerd.await("its children have ended", () -> children.stream().noneMatch(Containerd::lives));
        remove("family");
    }

    @Test
    void aReaderThatGoesAwayDoesNotEndTheProcess() {
        Path root = containerd.rootfs();
        containerd.runDetached(
                RUNTIME,
                "writer",
                "/bin/sh",
                "-c",
                "until [ -e /go ]; do sleep 0.1; done; echo unread; : >/written; sleep 3600");
        Containerd.await(
                "it can go on after ctr has ended",
                () -> root.resolve("go").toFile().mkdir());
        Containerd.await("it has written", () -> Files.exists(root.resolve("written")));
        containerd.ctr("task", "kill", "--signal", "KILL", "writer");
        containerd.awaitStatus("writer", "STOPPED");
        remove("writer");
    }

    @Test
    void whatAKilledShimLeavesIsCleanedUp() throws Exception {
        try (CtrEvents events = CtrEvents.subscribed(containerd)) {
            containerd.runDetached(RUNTIME, "orphan", "/bin/sleep", "3600");
            ProcessHandle process = ProcessHandle.of(pid("orphan")).orElseThrow();
            shim("orphan").destroyForcibly();
            Containerd.await("the exit is told", () -> !events.of("/tasks/exit").isEmpty());
            assertThat(events.of("/tasks/exit"))
                    .singleElement()
                    .asString()
                    .contains("\"pid\":" + process.pid() + ",\"exit_status\":137");
            Containerd.await("the process has ended", () -> !Containerd.lives(process));
            containerd.ctr("container", "rm", "orphan");
        }
    }

    private static ProcessHandle shim(String id) throws IOException {
        try (Client client = Client.connect(containerd.shimAddress(id))) {
            int pid = Task.stub(client)
                    .connect(ConnectRequest.newBuilder().setId(id).build())
                    .getShimPid();
            return ProcessHandle.of(pid).orElseThrow();
        }
    }

    @Test
    void theContainerOutlivesContainerdWhichFindsItAgain() throws Exception {
        containerd.runDetached(RUNTIME, "survivor", "/bin/sleep", "3600");
        long pid = pid("survivor");
        containerd.stop();
        containerd.start();
        assertThat(containerd.status("survivor")).isEqualTo("RUNNING");
        assertThat(pid("survivor")).isEqualTo(pid);
        containerd.ctr("task", "kill", "survivor");
        containerd.awaitStatus("survivor", "STOPPED");
        remove("survivor");
    }
}

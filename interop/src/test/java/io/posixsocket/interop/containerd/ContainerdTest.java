package io.posixsocket.interop.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Any;
import com.google.protobuf.Timestamp;
import containerd.events.Task.TaskOOM;
import containerd.services.events.ttrpc.v1.Events;
import containerd.services.events.ttrpc.v1.EventsOuterClass.Envelope;
import containerd.services.events.ttrpc.v1.EventsOuterClass.ForwardRequest;
import containerd.task.v2.Shim.ConnectRequest;
import containerd.task.v2.Shim.KillRequest;
import containerd.task.v2.Shim.PauseRequest;
import containerd.task.v2.Shim.PidsRequest;
import containerd.task.v2.Shim.ResizePtyRequest;
import containerd.task.v2.Shim.ResumeRequest;
import containerd.task.v2.Shim.StateRequest;
import containerd.task.v2.Shim.StateResponse;
import containerd.task.v2.Shim.StatsRequest;
import containerd.task.v2.Shim.WaitRequest;
import containerd.task.v2.Shim.WaitResponse;
import containerd.task.v2.Task;
import containerd.v1.types.Task.ProcessInfo;
import containerd.v1.types.Task.Status;
import io.posixsocket.rpc.Client;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Servers that nobody here wrote: the shim that containerd starts for runc, and containerd itself. */
@EnabledIf(value = "io.posixsocket.interop.containerd.Containerd#isInstalled", disabledReason = Containerd.NEEDS)
class ContainerdTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int SIGKILL = 9;

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

    private static StateResponse state(Task task, String id) {
        return task.state(StateRequest.newBuilder().setId(id).build());
    }

    @Test
    void waitIsPendingWhileOtherCallsControlTheContainer() throws Exception {
        containerd.runDetached("io.containerd.runc.v2", "one", "/bin/sleep", "3600");
        try (Client client = Client.connect(containerd.shimAddress("one"))) {
            Task task = Task.stub(client.withTimeout(TIMEOUT));
            FutureTask<WaitResponse> exit = new FutureTask<>(() -> Task.stub(client)
                    .wait_(WaitRequest.newBuilder().setId("one").build()));
            new Thread(exit, "wait").start();
            Containerd.await("Wait has its connection", () -> client.stats().connections() == 1);

            int pid = state(task, "one").getPid();
            assertThat(state(task, "one").getStatus()).isEqualTo(Status.RUNNING);
            assertThat(task.pids(PidsRequest.newBuilder().setId("one").build()).getProcessesList())
                    .extracting(ProcessInfo::getPid)
                    .containsExactly(pid);
            assertThat(task.connect(ConnectRequest.newBuilder().setId("one").build())
                            .getTaskPid())
                    .isEqualTo(pid);
            Any stats =
                    task.stats(StatsRequest.newBuilder().setId("one").build()).getStats();
            assertThat(stats.getTypeUrl()).matches("io\\.containerd\\.cgroups\\.v[12]\\.Metrics");
            assertThat(stats.getValue().isEmpty()).isFalse();
            task.pause(PauseRequest.newBuilder().setId("one").build());
            assertThat(state(task, "one").getStatus()).isEqualTo(Status.PAUSED);
            assertThat(containerd.status("one")).isEqualTo("PAUSED");
            task.resume(ResumeRequest.newBuilder().setId("one").build());
            assertThat(state(task, "one").getStatus()).isEqualTo(Status.RUNNING);
            assertThat(exit.isDone()).isFalse();

            task.kill(KillRequest.newBuilder().setId("one").setSignal(SIGKILL).build());
            assertThat(exit.get().getExitStatus()).isEqualTo(128 + SIGKILL);
            assertThat(exit.get().getExitedAt().getSeconds())
                    .isCloseTo(Instant.now().getEpochSecond(), within(60L));
            assertThat(state(task, "one").getStatus()).isEqualTo(Status.STOPPED);
        }
    }

    @Test
    void errorsOfTheShimArriveWithTheirStatus() throws Exception {
        containerd.runDetached("io.containerd.runc.v2", "two", "/bin/sleep", "3600");
        try (Client client = Client.connect(containerd.shimAddress("two"))) {
            Task task = Task.stub(client.withTimeout(TIMEOUT));
            assertThatThrownBy(() -> state(task, "nobody")).hasMessageStartingWith("NOT_FOUND: ");
            assertThatThrownBy(() -> task.resizePty(ResizePtyRequest.newBuilder()
                            .setId("two")
                            .setExecId("nobody")
                            .build()))
                    .hasMessageStartingWith("NOT_FOUND: ");
            Task hurried = Task.stub(client.withTimeout(Duration.ofMillis(200)));
            assertThatThrownBy(() ->
                            hurried.wait_(WaitRequest.newBuilder().setId("two").build()))
                    .hasMessageStartingWith("DEADLINE_EXCEEDED");
            assertThat(state(task, "two").getStatus()).isEqualTo(Status.RUNNING);
        }
    }

    @Test
    void forwardedEventsAreShownByCtr() throws Exception {
        try (Client client = Client.connect(containerd.ttrpcAddress());
                CtrEvents shown = new CtrEvents(containerd)) {
            Events events = Events.stub(client.withTimeout(TIMEOUT));
            // nothing tells when ctr has subscribed
            Containerd.await("the event is shown", () -> {
                events.forward(
                        ForwardRequest.newBuilder().setEnvelope(outOfMemory()).build());
                return !shown.of("from Java").isEmpty();
            });
            assertThat(shown.of("from Java").get(0))
                    .isEqualTo("2001-09-09 01:46:40 +0000 UTC " + containerd.namespace()
                            + " /tasks/oom {\"container_id\":\"from Java\"}");
        }
    }

    private static Envelope outOfMemory() {
        TaskOOM event = TaskOOM.newBuilder().setContainerId("from Java").build();
        return Envelope.newBuilder()
                .setTimestamp(Timestamp.newBuilder().setSeconds(1_000_000_000))
                .setNamespace(containerd.namespace())
                .setTopic("/tasks/oom")
                .setEvent(Any.newBuilder()
                        .setTypeUrl(event.getDescriptorForType().getFullName())
                        .setValue(event.toByteString()))
                .build();
    }
}

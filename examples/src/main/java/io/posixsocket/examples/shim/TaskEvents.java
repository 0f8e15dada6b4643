package io.posixsocket.examples.shim;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import containerd.events.Task.TaskCreate;
import containerd.events.Task.TaskDelete;
import containerd.events.Task.TaskExit;
import containerd.events.Task.TaskIO;
import containerd.events.Task.TaskStart;
import containerd.services.events.ttrpc.v1.Events;
import containerd.services.events.ttrpc.v1.EventsOuterClass.Envelope;
import containerd.services.events.ttrpc.v1.EventsOuterClass.ForwardRequest;
import containerd.task.v2.Shim.CreateTaskRequest;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Tells containerd what happens: in order, and in the background, so that a containerd that restarts keeps nobody waiting. */
final class TaskEvents implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(TaskEvents.class.getName());
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final String namespace;
    private final Client client;
    private final Events events;
    private final ExecutorService queue = Executors.newSingleThreadExecutor();

    /** To the containerd whose ttRPC socket has this path. */
    TaskEvents(String path, String namespace) {
        this.namespace = namespace;
        this.client = Client.connect("unix:" + path);
        this.events = Events.stub(client.withWaitForReady().withTimeout(TIMEOUT));
    }

    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    void created(CreateTaskRequest request) {
        TaskIO streams = TaskIO.newBuilder()
                .setStdin(request.getStdin())
                .setStdout(request.getStdout())
                .setStderr(request.getStderr())
                .build();
        publish(
                "/tasks/create",
                TaskCreate.newBuilder()
                        .setContainerId(request.getId())
                        .setBundle(request.getBundle())
                        .setIo(streams)
                        .build());
    }

    void started(String id, int pid) {
        publish(
                "/tasks/start",
                TaskStart.newBuilder().setContainerId(id).setPid(pid).build());
    }

    void exited(String id, Container.Exit exit) {
        publish(
                "/tasks/exit",
                TaskExit.newBuilder()
                        .setContainerId(id)
                        .setId(id)
                        .setPid(exit.pid())
                        .setExitStatus(exit.status())
                        .setExitedAt(timestamp(exit.at()))
                        .build());
    }

    void deleted(String id, Container.Exit exit) {
        publish(
                "/tasks/delete",
                TaskDelete.newBuilder()
                        .setContainerId(id)
                        .setPid(exit.pid())
                        .setExitStatus(exit.status())
                        .setExitedAt(timestamp(exit.at()))
                        .build());
    }

    private void publish(String topic, Message event) {
        Any packed = Any.newBuilder()
                .setTypeUrl(event.getDescriptorForType().getFullName()) // containerd's have no type.googleapis.com/
                .setValue(event.toByteString())
                .build();
        Envelope envelope = Envelope.newBuilder()
                .setTimestamp(timestamp(Instant.now()))
                .setNamespace(namespace)
                .setTopic(topic)
                .setEvent(packed)
                .build();
        queue.execute(() -> forward(envelope));
    }

    private void forward(Envelope envelope) {
        try {
            events.forward(ForwardRequest.newBuilder().setEnvelope(envelope).build());
        } catch (StatusException e) { // the container lives on, whoever knows
            LOG.log(System.Logger.Level.WARNING, "containerd did not take " + envelope.getTopic(), e);
        }
    }

    /** Blocks until containerd has been told everything, for a while at most. */
    @Override
    public void close() {
        queue.shutdown();
        try {
            if (!queue.awaitTermination(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) queue.shutdownNow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}

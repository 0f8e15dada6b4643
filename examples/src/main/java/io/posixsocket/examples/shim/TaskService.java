package io.posixsocket.examples.shim;

import com.google.protobuf.Empty;
import containerd.task.v2.Shim.ConnectRequest;
import containerd.task.v2.Shim.ConnectResponse;
import containerd.task.v2.Shim.CreateTaskRequest;
import containerd.task.v2.Shim.CreateTaskResponse;
import containerd.task.v2.Shim.DeleteRequest;
import containerd.task.v2.Shim.DeleteResponse;
import containerd.task.v2.Shim.KillRequest;
import containerd.task.v2.Shim.PidsRequest;
import containerd.task.v2.Shim.PidsResponse;
import containerd.task.v2.Shim.ShutdownRequest;
import containerd.task.v2.Shim.StartRequest;
import containerd.task.v2.Shim.StartResponse;
import containerd.task.v2.Shim.StateRequest;
import containerd.task.v2.Shim.StateResponse;
import containerd.task.v2.Shim.WaitRequest;
import containerd.task.v2.Shim.WaitResponse;
import containerd.task.v2.Task;
import containerd.v1.types.Task.ProcessInfo;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;

/**
 * containerd's calls, for the one container of a shim. They come on one connection, several at a time: {@link #wait_} blocks
 * for the life of the container while the others come and go. What is not here answers UNIMPLEMENTED.
 */
final class TaskService implements Task {
    private final TaskEvents events;
    private final CountDownLatch shutdown = new CountDownLatch(1);
    private volatile Container container; // null before it is created and after it is deleted

    TaskService(TaskEvents events) {
        this.events = events;
    }

    /** Blocks until containerd wants no more of this shim. */
    void awaitShutdown() throws InterruptedException {
        shutdown.await();
    }

    @Override
    public synchronized CreateTaskResponse create(CreateTaskRequest request) {
        if (container != null) throw new StatusException(Status.ALREADY_EXISTS, request.getId() + " exists");
        if (request.getTerminal()) throw new StatusException(Status.UNIMPLEMENTED, "no terminals here");
        if (request.getRootfsCount() > 0)
            throw new StatusException(Status.UNIMPLEMENTED, "no mounts here, use --rootfs");
        Container.Streams streams = new Container.Streams(request.getStdin(), request.getStdout(), request.getStderr());
        try {
            container = new Container(request.getId(), Path.of(request.getBundle()), streams, events);
        } catch (IOException e) {
            throw failed(e);
        }
        events.created(request);
        return CreateTaskResponse.getDefaultInstance(); // no pid: there is no process yet
    }

    @Override
    public StartResponse start(StartRequest request) {
        Container created = container(request.getId(), request.getExecId());
        try {
            created.start();
        } catch (IOException e) {
            throw failed(e);
        }
        return StartResponse.newBuilder().setPid(created.pid()).build();
    }

    @Override
    public ConnectResponse connect(ConnectRequest request) {
        return ConnectResponse.newBuilder()
                .setShimPid((int) ProcessHandle.current().pid())
                .setTaskPid(container(request.getId(), "").pid())
                .build();
    }

    @Override
    public StateResponse state(StateRequest request) {
        Container asked = container(request.getId(), request.getExecId());
        StateResponse.Builder state = StateResponse.newBuilder()
                .setId(request.getId())
                .setBundle(asked.bundle().toString())
                .setPid(asked.pid())
                .setStatus(
                        asked.isStarted()
                                ? containerd.v1.types.Task.Status.RUNNING
                                : containerd.v1.types.Task.Status.CREATED)
                .setStdin(asked.streams().stdin())
                .setStdout(asked.streams().stdout())
                .setStderr(asked.streams().stderr());
        asked.exit()
                .ifPresent(exit -> state.setStatus(containerd.v1.types.Task.Status.STOPPED)
                        .setExitStatus(exit.status())
                        .setExitedAt(TaskEvents.timestamp(exit.at())));
        return state.build();
    }

    @Override
    public PidsResponse pids(PidsRequest request) {
        PidsResponse.Builder pids = PidsResponse.newBuilder();
        container(request.getId(), "")
                .processes()
                .forEach(process -> pids.addProcesses(ProcessInfo.newBuilder().setPid((int) process.pid())));
        return pids.build();
    }

    @Override
    public Empty kill(KillRequest request) {
        try {
            container(request.getId(), request.getExecId()).kill(request.getSignal(), request.getAll());
        } catch (IOException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            throw unwanted(e);
        }
        return Empty.getDefaultInstance();
    }

    @Override
    public WaitResponse wait_(WaitRequest request) {
        try {
            Container.Exit exit =
                    container(request.getId(), request.getExecId()).awaitExit();
            return WaitResponse.newBuilder()
                    .setExitStatus(exit.status())
                    .setExitedAt(TaskEvents.timestamp(exit.at()))
                    .build();
        } catch (InterruptedException e) {
            throw unwanted(e);
        }
    }

    @Override
    public synchronized DeleteResponse delete(DeleteRequest request) {
        Container stopped = container(request.getId(), request.getExecId());
        if (stopped.isStarted() && stopped.exit().isEmpty())
            throw new StatusException(Status.FAILED_PRECONDITION, request.getId() + " still runs");
        Container.Exit exit = stopped.exit().orElse(new Container.Exit(0, 0, Instant.now()));
        container = null;
        events.deleted(request.getId(), exit);
        return DeleteResponse.newBuilder()
                .setPid(exit.pid())
                .setExitStatus(exit.status())
                .setExitedAt(TaskEvents.timestamp(exit.at()))
                .build();
    }

    @Override
    public Empty shutdown(ShutdownRequest request) {
        if (container == null) shutdown.countDown(); // the server answers this call before it ends
        return Empty.getDefaultInstance();
    }

    private Container container(String id, String execId) {
        Container found = container;
        if (found == null || !execId.isEmpty())
            throw new StatusException(Status.NOT_FOUND, "no process " + execId + " in container " + id);
        return found;
    }

    private static StatusException failed(IOException e) {
        return new StatusException(Status.UNKNOWN, e.toString(), e);
    }

    /** The caller is gone, or out of time. */
    private static StatusException unwanted(InterruptedException e) {
        return new StatusException(Status.CANCELLED, "nobody waits", e);
    }
}

package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Services that others wrote: containerd's and NRI's, which lie in {@code src/test/resources/corpus} as Debian has them; gRPC's
 * own and Google's, with annotations for HTTP, from jars that have their messages as well.
 */
class CorpusTest {
    private static final String CONTAINERD = "github.com/containerd/containerd/api/";
    private static final List<String> SERVICES = List.of(
            CONTAINERD + "runtime/task/v2/shim.proto",
            CONTAINERD + "runtime/task/v3/shim.proto",
            CONTAINERD + "services/content/v1/content.proto",
            CONTAINERD + "services/events/v1/events.proto",
            CONTAINERD + "services/streaming/v1/streaming.proto",
            CONTAINERD + "services/ttrpc/events/v1/events.proto",
            "github.com/containerd/nri/pkg/api/api.proto");
    private static final List<String> TYPES = List.of(
            CONTAINERD + "types/fieldpath.proto",
            CONTAINERD + "types/mount.proto",
            CONTAINERD + "types/task/task.proto");
    private static final List<String> SERVICES_IN_JARS = List.of(
            "google/longrunning/operations.proto",
            "google/pubsub/v1/pubsub.proto",
            "google/pubsub/v1/schema.proto",
            "grpc/channelz/v1/channelz.proto",
            "grpc/health/v1/health.proto",
            "grpc/reflection/v1/reflection.proto",
            "grpc/reflection/v1alpha/reflection.proto");
    private static final List<String> TYPES_IN_JARS = List.of(
            "google/api/annotations.proto",
            "google/api/client.proto",
            "google/api/field_behavior.proto",
            "google/api/http.proto",
            "google/api/launch_stage.proto",
            "google/api/resource.proto",
            "google/rpc/status.proto");

    @TempDir
    private Path scratch;

    @Test
    void everyMethodOfRealServicesIsCalledOverSocket() throws Exception {
        Path jars = scratch.resolve("jars");
        Protoc protoc = new Protoc(scratch, Path.of("src/test/resources/corpus"), Files.createDirectory(jars)).lite();
        Protoc.copyResources(jars, SERVICES_IN_JARS);
        Protoc.copyResources(jars, TYPES_IN_JARS);
        List<String> files =
                Stream.concat(SERVICES.stream(), SERVICES_IN_JARS.stream()).toList();
        List<String> messages = Stream.concat(SERVICES.stream(), TYPES.stream()).toList();
        Project project = new Project(scratch, protoc, files, messages, "");

        Path classes = project.compile();

        assertThat(project.interfaces())
                .contains(
                        "containerd.task.v2.Task",
                        "nri.pkg.api.v1alpha1.Plugin",
                        "io.grpc.health.v1.Health",
                        "com.google.pubsub.v1.Subscriber");
        assertThat(EveryMethod.call(classes, scratch.resolve("s"), project.interfaces()))
                .isEqualTo(project.rpcs());
    }
}

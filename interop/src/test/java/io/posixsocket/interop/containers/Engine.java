package io.posixsocket.interop.containers;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import io.posixsocket.PosixSocket;
import java.nio.file.Path;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.ImageFromDockerfile;

/** Containers that run the programs of a {@link JvmRoot}, without a network. */
final class Engine {
    static final String NEEDS =
            "needs root and a container engine: Debian package docker.io, dockerd --iptables=false --bridge=none";

    /** Where the directory of the test is in its containers. */
    static final String SHARED = "/shared";

    private final ImageFromDockerfile image;
    private final Path shared;

    Engine(JvmRoot root, Path shared) {
        this.image = new ImageFromDockerfile()
                .withDockerfileFromBuilder(
                        file -> file.from("scratch").copy("root", "/").build())
                .withFileFromPath("root", root.path());
        this.shared = shared;
    }

    /** A condition, not an assumption: the skipped are counted. */
    static boolean isRunning() {
        return PosixSocket.geteuid() == 0 && DockerClientFactory.instance().isDockerAvailable();
    }

    void removeImage() {
        DockerClientFactory.lazyClient()
                .removeImageCmd(image.get())
                .withForce(true)
                .exec();
    }

    GenericContainer<?> container(Class<?> main, String... args) {
        return new GenericContainer<>(image)
                .withNetworkMode("none")
                .withTmpFs(Map.of("/tmp", "rw,exec,mode=1777")) // jffi unpacks its library there
                .withCommand(JvmRoot.command("", main, args).toArray(String[]::new))
                .withCreateContainerCmdModifier(
                        create -> create.getHostConfig().withBinds(new Bind(shared.toString(), new Volume(SHARED))));
    }
}

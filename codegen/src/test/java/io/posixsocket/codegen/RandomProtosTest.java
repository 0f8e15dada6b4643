package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Services that nobody would write are generated, compiled without a warning, and every method of them is called. Another run
 * of the same files: {@code -Dposixsocket.codegen.seed=…}.
 */
class RandomProtosTest {
    private static final int FILES = 200;

    @TempDir
    private Path scratch;

    @Test
    void everyMethodOfRandomServicesIsCalledOverSocket() throws Exception {
        long seed = Long.getLong("posixsocket.codegen.seed", new Random().nextLong());
        System.out.println("RandomProtosTest: -Dposixsocket.codegen.seed=" + seed);
        Map<String, String> protos = RandomProtos.of(new Random(seed), FILES);
        Path root = scratch.resolve("proto");
        Project.write(root, protos);
        // Lite messages are enough for generated code, and are compiled in half the time.
        List<String> files = List.copyOf(protos.keySet());
        Project project = new Project(scratch, new Protoc(scratch, root).lite(), files, files, "");

        Path classes = project.compile();

        assertThat(project.rpcs()).isGreaterThan(FILES);
        assertThat(EveryMethod.call(classes, scratch.resolve("s"), project.interfaces()))
                .isEqualTo(project.rpcs());
    }
}

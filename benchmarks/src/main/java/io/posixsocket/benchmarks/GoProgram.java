package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The contestant in Go, which is built of Debian's packages, without a network. */
final class GoProgram {
    private static final Path PACKAGES = Path.of("/usr/share/gocode");

    private GoProgram() {}

    /** Builds {@code ttrpcecho.go}; what was built before and has not changed takes half a second. */
    static NativeProgram ttrpcEcho(Path base) throws IOException, InterruptedException {
        Path source = base.resolve("benchmarks/src/main/go/ttrpcecho.go").toAbsolutePath();
        Path binary = base.resolve("benchmarks/target/ttrpcecho").toAbsolutePath();
        List<String> words = List.of("go", "build", "-o", binary.toString(), source.toString());
        return new NativeProgram(binary, String.join(" ", words), build(source, binary, words));
    }

    private static Optional<String> build(Path source, Path binary, List<String> words)
            throws IOException, InterruptedException {
        if (Machine.find("go").isEmpty()) return Optional.of("go is not on the PATH");
        if (!Files.isDirectory(PACKAGES.resolve("src/github.com/containerd/ttrpc")))
            return Optional.of("golang-github-containerd-ttrpc-dev is not installed");
        Files.createDirectories(binary.getParent());
        // Outside of modules, whose versions would have to be asked for. One compiler at a time: each takes much
        // memory.
        Map<String, String> environment =
                Map.of("GO111MODULE", "off", "GOPATH", PACKAGES.toString(), "GOFLAGS", "-p=1");
        return Build.run(source.getParent(), environment, words);
    }
}

package io.posixsocket.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The contestant in node, whose module npm gets and compiles. */
final class NodeProgram {
    private static final Path ADDON = Path.of("node_modules/posix-socket/build/Release/addon.node");
    private static final List<String> INSTALL = List.of(
            "npm",
            "install",
            "--loglevel=error",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--fetch-retries=0",
            "--fetch-timeout=60000");

    private NodeProgram() {}

    /** Puts {@code pingpong.js} beside its module, which is installed where it is missing: that takes half a minute. */
    static NativeProgram pingPong(Path base) throws IOException, InterruptedException {
        Path sources = base.resolve("benchmarks/src/main/node");
        Path directory = base.resolve("benchmarks/target/node").toAbsolutePath();
        Path script = directory.resolve("pingpong.js");
        return new NativeProgram(script, String.join(" ", INSTALL), install(sources, directory));
    }

    private static Optional<String> install(Path sources, Path directory) throws IOException, InterruptedException {
        for (String program : List.of("node", "npm"))
            if (Machine.find(program).isEmpty()) return Optional.of(program + " is not on the PATH");
        Files.createDirectories(directory);
        Path addon = directory.resolve(ADDON);
        boolean installed = Files.exists(addon) // of what is wanted now
                && Files.mismatch(sources.resolve("package.json"), directory.resolve("package.json")) < 0;
        for (String name : List.of("package.json", "pingpong.js"))
            Files.copy(
                    sources.resolve(name),
                    directory.resolve(name),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
        if (installed) return Optional.empty();
        Optional<String> failure = Build.run(directory, Map.of(), INSTALL);
        if (failure.isPresent() || Files.exists(addon)) return failure;
        return Optional.of("npm install has not compiled posix-socket");
    }
}

package io.posixsocket.codegen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory of {@code src/test/resources/golden}: {@code proto} holds the files to generate, {@code imports} those
 * that are only imported, {@code options} the generator's options if there are any, {@code java} what is expected.
 */
record GoldenCase(String name, Path directory) {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    static List<GoldenCase> all() throws IOException {
        try (Stream<Path> directories = Files.list(GOLDEN)) {
            return directories
                    .sorted()
                    .map(directory -> of(directory.getFileName().toString()))
                    .toList();
        }
    }

    static GoldenCase of(String name) {
        return new GoldenCase(name, GOLDEN.resolve(name));
    }

    Path expected() {
        return directory.resolve("java");
    }

    Project project(Path scratch) throws IOException {
        Path proto = directory.resolve("proto");
        Path imports = directory.resolve("imports");
        Path options = directory.resolve("options");
        List<String> files = List.copyOf(Project.read(proto).keySet());
        List<String> messages = new ArrayList<>(files);
        messages.addAll(Project.read(imports).keySet());
        return new Project(
                scratch,
                new Protoc(scratch, proto, imports),
                files,
                messages,
                Files.exists(options) ? Files.readString(options).strip() : "");
    }

    @Override
    public String toString() {
        return name;
    }
}

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

    /** Returns one project of all cases that have no options, with editions or without. */
    static Project together(Path scratch, boolean editions) throws IOException {
        List<Path> roots = new ArrayList<>();
        List<String> files = new ArrayList<>();
        List<String> messages = new ArrayList<>();
        for (GoldenCase golden : all()) {
            Project project = golden.project(scratch);
            if (project.parameter().isEmpty() && (editions || !golden.name.startsWith("edition"))) {
                roots.add(golden.directory.resolve("proto"));
                roots.add(golden.directory.resolve("imports"));
                files.addAll(project.files());
                messages.addAll(project.messages());
            }
        }
        return new Project(scratch, new Protoc(scratch, roots.toArray(Path[]::new)), files, messages, "");
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

package io.posixsocket.codegen;

import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory of {@code src/test/resources/golden}: {@code proto} holds the files to generate, {@code imports} those
 * that are only imported, {@code java} what is expected.
 */
record GoldenCase(String name, Path directory) {
    static final Path GOLDEN = Path.of("src/test/resources/golden");

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

    Protoc protoc(Path scratch) throws IOException {
        return new Protoc(scratch, directory.resolve("proto"), directory.resolve("imports"));
    }

    List<String> protoFiles() throws IOException {
        return List.copyOf(read(directory.resolve("proto")).keySet());
    }

    /** Returns the generated files by their paths. */
    Map<String, String> generate(Path scratch) throws IOException, InterruptedException {
        CodeGeneratorResponse response = Generator.respond(protoc(scratch).request(protoFiles()));
        if (response.hasError()) {
            throw new AssertionError(name + ": " + response.getError());
        }
        Map<String, String> files = new TreeMap<>();
        response.getFileList().forEach(file -> files.put(file.getName(), file.getContent()));
        return files;
    }

    /** Generates messages and services into {@code src}, compiles them into {@code classes} and returns that. */
    Path compile(Path scratch) throws IOException, InterruptedException {
        Path messages = scratch.resolve("messages");
        Path services = scratch.resolve("services");
        Path classes = scratch.resolve("classes");
        List<String> protos = new ArrayList<>(protoFiles());
        protos.addAll(read(directory.resolve("imports")).keySet());
        protoc(scratch).messages(messages, protos);
        write(services, generate(scratch));
        Javac.compile(messages, classes);
        Javac.compileStrictly(services, classes);
        return classes;
    }

    /** Returns the files below a directory, which may be absent, by their paths. */
    static Map<String, String> read(Path root) throws IOException {
        Map<String, String> files = new TreeMap<>();
        if (Files.isDirectory(root)) {
            try (Stream<Path> tree = Files.walk(root)) {
                for (Path file : tree.filter(Files::isRegularFile).toList()) {
                    files.put(root.relativize(file).toString().replace('\\', '/'), Files.readString(file));
                }
            }
        }
        return files;
    }

    static void write(Path root, Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> entry : files.entrySet()) {
            Path file = root.resolve(entry.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, entry.getValue());
        }
    }

    @Override
    public String toString() {
        return name;
    }
}

package io.posixsocket.codegen;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real protoc, which the build puts where the system properties {@code posixsocket.protoc…} say. */
final class Protoc {
    // They lie in protobuf-java's jar; protoc's artifact is the bare program.
    private static final List<String> WELL_KNOWN = List.of(
            "google/protobuf/any.proto",
            "google/protobuf/descriptor.proto",
            "google/protobuf/duration.proto",
            "google/protobuf/empty.proto",
            "google/protobuf/field_mask.proto",
            "google/protobuf/java_features.proto",
            "google/protobuf/struct.proto",
            "google/protobuf/timestamp.proto",
            "google/protobuf/wrappers.proto");

    private final Path scratch;
    private final List<Path> roots = new ArrayList<>();
    private String messageOptions = "";
    private String programProperty = "posixsocket.protoc";

    /** Finds files in the given directories; writes only into the scratch directory. */
    Protoc(Path scratch, Path... roots) throws IOException {
        this.scratch = scratch;
        for (Path root : roots) {
            if (Files.isDirectory(root)) {
                this.roots.add(root);
            }
        }
        this.roots.add(wellKnown(scratch.resolve("well-known")));
    }

    /** Generates lite messages from now on. */
    Protoc lite() {
        messageOptions = "lite:";
        return this;
    }

    /** Is the oldest protoc that is supported from now on. */
    Protoc oldest() {
        programProperty = "posixsocket.protoc.oldest";
        return this;
    }

    private static Path wellKnown(Path directory) throws IOException {
        copyResources(directory, WELL_KNOWN);
        return directory;
    }

    /** Copies .proto files out of jars on the class path. */
    static void copyResources(Path directory, List<String> names) throws IOException {
        for (String name : names) {
            Path file = directory.resolve(name);
            if (!Files.exists(file)) {
                Files.createDirectories(file.getParent());
                try (InputStream in = Protoc.class.getResourceAsStream("/" + name)) {
                    Files.copy(in, file);
                }
            }
        }
    }

    /** Returns what protoc would send to a plugin for these files. */
    CodeGeneratorRequest request(List<String> files) throws IOException, InterruptedException {
        Path descriptors = Files.createTempFile(scratch, "descriptors", ".bin");
        List<String> arguments = new ArrayList<>(
                List.of("--include_imports", "--include_source_info", "--descriptor_set_out=" + descriptors));
        arguments.addAll(files);
        run(arguments);
        return CodeGeneratorRequest.newBuilder()
                .addAllFileToGenerate(files)
                .addAllProtoFile(FileDescriptorSet.parseFrom(Files.readAllBytes(descriptors))
                        .getFileList())
                .build();
    }

    /** Generates the messages of these files. */
    void messages(Path directory, List<String> files) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        List<String> arguments = new ArrayList<>(List.of("--java_out=" + messageOptions + directory));
        arguments.addAll(files);
        run(arguments);
    }

    void run(List<String> arguments) throws IOException, InterruptedException {
        Outcome outcome = attempt(arguments);
        if (outcome.status() != 0) {
            throw new AssertionError("protoc " + arguments + " failed: " + outcome.output());
        }
    }

    Outcome attempt(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program().toString()));
        roots.forEach(root -> command.add("-I" + root));
        command.addAll(arguments);
        Path log = Files.createTempFile(scratch, "protoc", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("protoc " + arguments + " still runs after 60 s");
        }
        return new Outcome(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
    }

    private Path program() {
        String property = System.getProperty(programProperty);
        if (property == null) {
            throw new AssertionError("the system property " + programProperty + " must name protoc; Maven sets it");
        }
        Path program = Path.of(property);
        // An artifact has no file mode.
        if (!Files.isExecutable(program) && !program.toFile().setExecutable(true)) {
            throw new AssertionError(program + " cannot be made executable");
        }
        return program;
    }

    record Outcome(int status, String output) {}
}

package io.posixsocket.codegen;

import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
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
 * .proto files on their way to classes.
 *
 * @param scratch where everything is written
 * @param files those to generate
 * @param messages those whose messages are to be generated, too
 * @param parameter the generator's options
 */
record Project(Path scratch, Protoc protoc, List<String> files, List<String> messages, String parameter) {
    CodeGeneratorRequest request() throws IOException, InterruptedException {
        return protoc.request(files).toBuilder().setParameter(parameter).build();
    }

    /** Returns the generated files by their paths. */
    Map<String, String> generate() throws IOException, InterruptedException {
        CodeGeneratorResponse response = Generator.respond(request());
        if (response.hasError()) {
            throw new AssertionError(files + ": " + response.getError());
        }
        Map<String, String> sources = new TreeMap<>();
        response.getFileList().forEach(file -> sources.put(file.getName(), file.getContent()));
        return sources;
    }

    /** Generates messages and services and compiles them; a warning about the services is a failure. */
    Path compile() throws IOException, InterruptedException {
        return compile(System.getProperty("java.class.path"));
    }

    Path compile(String classPath) throws IOException, InterruptedException {
        Path messageSources = scratch.resolve("messages");
        Path services = scratch.resolve("services");
        Path classes = scratch.resolve("classes");
        protoc.messages(messageSources, messages);
        write(services, generate());
        Javac.compile(messageSources, classes, classPath);
        Javac.compileStrictly(services, classes, classPath);
        return classes;
    }

    /** Returns the names of the interfaces that were compiled. */
    List<String> interfaces() throws IOException {
        List<String> names = new ArrayList<>();
        read(scratch.resolve("services")).forEach((path, source) -> {
            if (source.contains("\npublic interface ")) {
                names.add(path.replace(".java", "").replace('/', '.'));
            }
        });
        return names;
    }

    /** Returns how many rpcs the files have. */
    int rpcs() throws IOException, InterruptedException {
        return request().getProtoFileList().stream()
                .filter(file -> files.contains(file.getName()))
                .flatMap(file -> file.getServiceList().stream())
                .mapToInt(service -> service.getMethodCount())
                .sum();
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
}

package io.posixsocket.codegen;

import com.google.protobuf.DescriptorProtos;
import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Turns a request of protoc into the response: three Java files for a service, or the reason why there are none. */
final class Generator {
    static {
        // JavaFeaturesProto, which GeneratorNames needs, fails to initialize unless this class came first.
        DescriptorProtos.getDescriptor();
    }

    private Generator() {}

    static CodeGeneratorResponse respond(CodeGeneratorRequest request) {
        try {
            return generate(request);
        } catch (GenerationException e) {
            return refuse(e.getMessage());
        } catch (LinkageError e) {
            // Says nothing but the error: the setters of response() may be among what is missing.
            return CodeGeneratorResponse.newBuilder()
                    .setError("protobuf-java on the generator's class path is older than the generator: " + e)
                    .build();
        } catch (RuntimeException | StackOverflowError e) {
            // A defect of ours. protoc prints this text; a stack trace would tell its reader nothing.
            return refuse("internal error, please report it: " + e);
        }
    }

    static CodeGeneratorResponse refuse(String reason) {
        return response().setError(reason).build();
    }

    private static CodeGeneratorResponse generate(CodeGeneratorRequest request) throws GenerationException {
        Options options = Options.parse(request.getParameter());
        ProtoFiles files = ProtoFiles.of(request);
        List<JavaService> services = new ArrayList<>();
        for (FileDescriptor file : files.toGenerate()) {
            Comments comments = new Comments(file);
            JavaFile javaFile = JavaFile.of(file);
            for (ServiceDescriptor service : file.getServices()) {
                services.add(JavaService.of(service, javaFile, comments, options));
            }
        }
        TopLevelTypes.of(files, options).check(services);

        // Sorted, so that the order in which files are given does not show in the answer.
        Map<String, String> contents = new TreeMap<>();
        for (JavaService service : services) {
            JavaFile file = service.file();
            contents.computeIfAbsent(file.path(file.className()), path -> FileSource.of(file, options));
            contents.put(file.path(service.interfaceName()), InterfaceSource.of(service, options));
            contents.put(file.path(service.stubName()), StubSource.of(service, options));
        }
        CodeGeneratorResponse.Builder response = response();
        contents.forEach(
                (path, content) -> response.addFileBuilder().setName(path).setContent(content));
        return response.build();
    }

    /** An answer without files, which says what we understand; protoc wants that even with an error. */
    private static CodeGeneratorResponse.Builder response() {
        return CodeGeneratorResponse.newBuilder()
                .setSupportedFeatures(Feature.FEATURE_PROTO3_OPTIONAL_VALUE | Feature.FEATURE_SUPPORTS_EDITIONS_VALUE)
                .setMinimumEdition(Edition.EDITION_PROTO2_VALUE)
                .setMaximumEdition(Edition.EDITION_2024_VALUE);
    }
}

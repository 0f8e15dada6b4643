package io.posixsocket.codegen;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of a request, linked: those to generate and all that they import. */
final class ProtoFiles {
    private final Map<String, FileDescriptor> byName;
    private final List<FileDescriptor> toGenerate;

    private ProtoFiles(Map<String, FileDescriptor> byName, List<FileDescriptor> toGenerate) {
        this.byName = byName;
        this.toGenerate = toGenerate;
    }

    static ProtoFiles of(CodeGeneratorRequest request) throws GenerationException {
        Map<String, FileDescriptor> byName = new LinkedHashMap<>();
        // protoc sends a file after everything that it imports, so one pass links them all.
        for (FileDescriptorProto file : request.getProtoFileList()) {
            byName.put(file.getName(), link(file, byName));
        }
        List<FileDescriptor> toGenerate = new ArrayList<>();
        for (String name : request.getFileToGenerateList()) {
            FileDescriptor file = byName.get(name);
            if (file == null) {
                throw new GenerationException(name + " is to be generated but is not among the files of the request");
            }
            toGenerate.add(file);
        }
        return new ProtoFiles(byName, List.copyOf(toGenerate));
    }

    private static FileDescriptor link(FileDescriptorProto file, Map<String, FileDescriptor> earlier)
            throws GenerationException {
        List<FileDescriptor> imports = new ArrayList<>();
        for (String name : file.getDependencyList()) {
            FileDescriptor imported = earlier.get(name);
            if (imported == null) {
                throw new GenerationException(
                        file.getName() + " imports " + name + ", which the request does not contain before it");
            }
            imports.add(imported);
        }
        try {
            return FileDescriptor.buildFrom(file, imports.toArray(FileDescriptor[]::new));
        } catch (DescriptorValidationException e) {
            throw new GenerationException(file.getName() + " is not valid: " + e.getMessage());
        }
    }

    Collection<FileDescriptor> all() {
        return byName.values();
    }

    List<FileDescriptor> toGenerate() {
        return toGenerate;
    }
}

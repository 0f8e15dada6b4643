package io.posixsocket.codegen;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a .proto file says about its services and methods: the comment before each, else the one behind it. */
final class Comments {
    // Keyed by location path, whose format is given where descriptor.proto defines SourceCodeInfo.
    private final Map<List<Integer>, String> byPath = new HashMap<>();

    Comments(FileDescriptor file) {
        for (Location location : file.toProto().getSourceCodeInfo().getLocationList()) {
            String before = location.getLeadingComments();
            String text = before.isBlank() ? location.getTrailingComments() : before;
            if (!text.isBlank()) {
                byPath.put(location.getPathList(), text);
            }
        }
    }

    /** Returns the text as it stands in the file, without comment marks; empty if there is none. */
    String of(ServiceDescriptor service) {
        return byPath.getOrDefault(path(service), "");
    }

    /** Returns the text as it stands in the file, without comment marks; empty if there is none. */
    String of(MethodDescriptor method) {
        List<Integer> service = path(method.getService());
        return byPath.getOrDefault(
                List.of(service.get(0), service.get(1), ServiceDescriptorProto.METHOD_FIELD_NUMBER, method.getIndex()),
                "");
    }

    private static List<Integer> path(ServiceDescriptor service) {
        return List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, service.getIndex());
    }
}

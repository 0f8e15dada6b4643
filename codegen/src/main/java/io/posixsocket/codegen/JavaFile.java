package io.posixsocket.codegen;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.GeneratorNames;

/** A .proto file as the code generated for it has it: {@code className} is the class that its services share. */
record JavaFile(String protoFile, String javaPackage, String className, ByteString descriptor) {
    static JavaFile of(FileDescriptor file) {
        return new JavaFile(
                file.getName(),
                GeneratorNames.getFileJavaPackage(file),
                className(file),
                // Comments are most of a file, and no caller's business.
                file.toProto().toBuilder().clearSourceCodeInfo().build().toByteString());
    }

    /** Differs from file to file of a package, because the outer classes do, or protoc would refuse them. */
    static String className(FileDescriptor file) {
        return GeneratorNames.getFileClassName(file) + "PosixSocket";
    }

    /** Returns where protoc is to put a class of this file's package. */
    String path(String simpleName) {
        return qualified(simpleName).replace('.', '/') + ".java";
    }

    /** Returns the full name of a class of this file's package. */
    String qualified(String simpleName) {
        return javaPackage.isEmpty() ? simpleName : javaPackage + "." + simpleName;
    }
}

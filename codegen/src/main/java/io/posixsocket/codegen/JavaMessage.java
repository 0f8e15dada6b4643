package io.posixsocket.codegen;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.GeneratorNames;

/** The Java class of a message, which protoc generates. */
record JavaMessage(String protoName, String javaPackage, String className, boolean deprecated) {
    static JavaMessage of(Descriptor message) {
        return new JavaMessage(
                message.getFullName(),
                GeneratorNames.getFileJavaPackage(message.getFile()),
                GeneratorNames.getQualifiedClassName(message),
                isDeprecated(message));
    }

    /** Says whether javac warns of the class's use; naming a class names those around it as well. */
    private static boolean isDeprecated(Descriptor message) {
        for (Descriptor type = message; type != null; type = type.getContainingType()) {
            if (type.getOptions().getDeprecated()) {
                return true;
            }
        }
        return false;
    }

    /** Returns what Java looks up first when it reads the class's name: a package or, in the unnamed one, a class. */
    String firstWord() {
        int dot = className.indexOf('.');
        return dot < 0 ? className : className.substring(0, dot);
    }
}

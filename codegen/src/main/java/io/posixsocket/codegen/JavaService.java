package io.posixsocket.codegen;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A service as the generated code has it; its names are legal and differ from each other. */
record JavaService(
        JavaFile file,
        String fullName,
        String interfaceName,
        String stubName,
        String comment,
        boolean deprecated,
        List<JavaMethod> methods) {

    static JavaService of(ServiceDescriptor service, JavaFile file, Comments comments, Options options)
            throws GenerationException {
        List<JavaMethod> methods = new ArrayList<>();
        for (MethodDescriptor method : service.getMethods()) {
            methods.add(JavaMethod.of(method, comments));
        }
        JavaService result = new JavaService(
                file,
                service.getFullName(),
                interfaceName(service, options),
                stubName(service, options),
                comments.of(service),
                service.getOptions().getDeprecated(),
                List.copyOf(methods));
        result.checkPackage();
        result.checkMembers();
        result.checkMessages();
        return result;
    }

    static String interfaceName(ServiceDescriptor service, Options options) {
        return JavaNames.type(service.getName() + options.suffix());
    }

    static String stubName(ServiceDescriptor service, Options options) {
        return service.getName() + options.suffix() + "Stub";
    }

    /** Says whether a method streams on either side. */
    boolean streams() {
        return methods.stream().anyMatch(method -> method.shape() != Shape.UNARY);
    }

    /** Says whether the interface or one of its users needs to silence javac. */
    boolean touchesDeprecated() {
        return deprecated || methods.stream().anyMatch(JavaMethod::touchesDeprecated);
    }

    /** Also keeps the generated files below protoc's output directory. */
    private void checkPackage() throws GenerationException {
        if (!JavaNames.isPackage(file.javaPackage())) {
            throw new GenerationException("service " + fullName + " would be generated into the Java package \""
                    + file.javaPackage() + "\", a name that Java does not allow; set option java_package in "
                    + file.protoFile());
        }
    }

    private void checkMembers() throws GenerationException {
        Map<String, JavaMethod> byName = new HashMap<>();
        Map<String, JavaMethod> byConstant = new HashMap<>();
        for (JavaMethod method : methods) {
            JavaMethod twin = byName.putIfAbsent(method.name(), method);
            if (twin != null) {
                throw twins(twin, method, "Java method " + method.name());
            }
            twin = byConstant.putIfAbsent(method.constant(), method);
            if (twin != null) {
                throw twins(twin, method, "Java constant " + method.constant());
            }
        }
    }

    private GenerationException twins(JavaMethod first, JavaMethod second, String member) {
        return new GenerationException("rpcs " + first.rpc() + " and " + second.rpc() + " of service " + fullName
                + " would share the " + member + "; rename one of them");
    }

    private void checkMessages() throws GenerationException {
        Map<String, JavaMethod> constants = new HashMap<>();
        methods.forEach(method -> constants.put(method.constant(), method));
        for (JavaMethod method : methods) {
            for (JavaMessage message : List.of(method.request(), method.reply())) {
                if (message.javaPackage().isEmpty() && !file.javaPackage().isEmpty()) {
                    throw new GenerationException("service " + fullName + ", generated into the Java package "
                            + file.javaPackage() + ", cannot name message " + message.protoName()
                            + ", whose class is in the unnamed package; set option java_package in its file");
                }
                // In an expression a variable's name wins over that of a class or package, whatever follows it.
                String word = message.firstWord();
                if (word.equals(JavaNames.SERVICE_NAME) || constants.containsKey(word)) {
                    throw new GenerationException("in service " + fullName + " the constant " + word
                            + (constants.containsKey(word)
                                    ? " of rpc " + constants.get(word).rpc()
                                    : "")
                            + " would hide the beginning of " + message.className() + ", the class of message "
                            + message.protoName() + "; set option java_package in its file");
                }
            }
        }
    }
}

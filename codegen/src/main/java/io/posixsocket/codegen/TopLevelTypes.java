package io.posixsocket.codegen;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.GeneratorNames;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Who owns which name among the top-level classes that protoc and we generate for the files of a request. */
final class TopLevelTypes {
    // Full Java name -> its owner in words.
    private final Map<String, String> owners = new HashMap<>();
    private final Set<String> packages = new HashSet<>();
    private final Options options;

    private TopLevelTypes(Options options) {
        this.options = options;
    }

    /** Gathers the classes of messages, enums and files, imported ones included, and services that are only imported. */
    static TopLevelTypes of(ProtoFiles files, Options options) {
        TopLevelTypes types = new TopLevelTypes(options);
        files.all().forEach(types::addMessages);
        files.all().stream().filter(file -> !files.toGenerate().contains(file)).forEach(types::addImportedServices);
        return types;
    }

    private void addMessages(FileDescriptor file) {
        String javaPackage = GeneratorNames.getFileJavaPackage(file);
        // Also those around it: javac refuses a class of the name of any of them.
        for (int end = javaPackage.length(); end > 0; end = javaPackage.lastIndexOf('.', end - 1)) {
            packages.add(javaPackage.substring(0, end));
        }
        own(javaPackage, GeneratorNames.getFileClassName(file), "the outer class of " + file.getName());
        for (Descriptor message : file.getMessageTypes()) {
            if (!GeneratorNames.getNestInFileClass(message)) {
                own(javaPackage, message.getName(), "message " + message.getFullName());
                own(javaPackage, message.getName() + "OrBuilder", "the accessors of message " + message.getFullName());
            }
        }
        for (EnumDescriptor type : file.getEnumTypes()) {
            if (!GeneratorNames.getNestInFileClass(type)) {
                own(javaPackage, type.getName(), "enum " + type.getFullName());
            }
        }
        if (file.getOptions().getJavaGenericServices()) {
            for (ServiceDescriptor service : file.getServices()) {
                owners.putIfAbsent(
                        GeneratorNames.getQualifiedClassName(service),
                        "the generic service that java_generic_services asks for in " + file.getName());
            }
        }
    }

    private void addImportedServices(FileDescriptor file) {
        String javaPackage = GeneratorNames.getFileJavaPackage(file);
        if (!file.getServices().isEmpty()) {
            own(javaPackage, JavaFile.className(file), shared(file.getName()));
        }
        for (ServiceDescriptor service : file.getServices()) {
            String owner = "service " + service.getFullName();
            own(javaPackage, JavaService.interfaceName(service, options), owner);
            own(javaPackage, JavaService.stubName(service, options), "the stub of " + owner);
        }
    }

    private void own(String javaPackage, String className, String owner) {
        owners.putIfAbsent(qualified(javaPackage, className), owner);
    }

    private static String shared(String protoFile) {
        return "what the services of " + protoFile + " share";
    }

    private static String qualified(String javaPackage, String className) {
        return javaPackage.isEmpty() ? className : javaPackage + "." + className;
    }

    /** Gives the services their names; fails if one is taken, or keeps the generated code from naming what it uses. */
    void check(Collection<JavaService> services) throws GenerationException {
        for (JavaFile file :
                new LinkedHashSet<>(services.stream().map(JavaService::file).toList())) {
            claim(file, file.className(), shared(file.protoFile()));
        }
        for (JavaService service : services) {
            claim(service.file(), service.interfaceName(), "service " + service.fullName());
            claim(service.file(), service.stubName(), "the stub of service " + service.fullName());
        }
        for (JavaService service : services) {
            checkPackagesVisible(service);
        }
    }

    private void claim(JavaFile file, String className, String claimant) throws GenerationException {
        String javaName = file.qualified(className);
        if (!file.javaPackage().isEmpty() && packages.contains(javaName)) {
            throw new GenerationException(
                    claimant + " in " + file.protoFile() + " would be the Java class " + javaName
                            + ", which is also the name of a Java package; rename it, or set java_package, or the option suffix=");
        }
        String owner = owners.putIfAbsent(javaName, claimant);
        if (owner != null) {
            throw new GenerationException(claimant + " in " + file.protoFile() + " and " + owner
                    + " would both be the Java class " + javaName
                    + "; rename one, or set java_package or java_outer_classname, or the option suffix=");
        }
    }

    /** A class of the same package hides a package of its name: beside a class "io", Java finds no io.posixsocket. */
    private void checkPackagesVisible(JavaService service) throws GenerationException {
        Set<String> words = new TreeSet<>(List.of("io", "java"));
        if (options.jspecify()) {
            words.add("org");
        }
        for (JavaMethod method : service.methods()) {
            for (JavaMessage message : List.of(method.request(), method.reply())) {
                if (!message.javaPackage().isEmpty()) {
                    words.add(message.firstWord());
                }
            }
        }
        for (String word : words) {
            String owner = owners.get(service.file().qualified(word));
            if (owner != null) {
                throw new GenerationException(owner + " would be the Java class "
                        + service.file().qualified(word)
                        + ", which hides the package \"" + word + "\" that the code of service " + service.fullName()
                        + " in " + service.file().protoFile() + " has to name; rename it, or set another java_package");
            }
        }
    }
}

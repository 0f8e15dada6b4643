package io.posixsocket.codegen;

import java.util.Locale;
import java.util.Set;
import javax.lang.model.SourceVersion;

/** Names of Java members and types for names of a .proto file, in the manner of protobuf and gRPC. */
final class JavaNames {
    /** The constant of each interface that holds the service's full name. */
    static final String SERVICE_NAME = "SERVICE_NAME";

    // What every interface has from Object, and the static methods that we give it. An rpc of such a name would be an
    // overload at best: equals(request) that sends a message is a trap.
    private static final Set<String> TAKEN_METHODS = Set.of(
            "clone",
            "equals",
            "finalize",
            "getClass",
            "hashCode",
            "notify",
            "notifyAll",
            "toString",
            "wait",
            "fileDescriptor",
            "service",
            "stub");

    // Not keywords, but no names for types either.
    private static final Set<String> TAKEN_TYPES = Set.of("permits", "record", "sealed", "var", "yield");

    private JavaNames() {}

    /**
     * Returns the method for an rpc: {@code SayHello} and {@code say_hello} give {@code sayHello}, as in gRPC. Names that
     * Java or the interface has already taken get an underscore, as in protobuf.
     */
    static String method(String rpc) {
        StringBuilder name = new StringBuilder(rpc.length());
        name.append(Character.toLowerCase(rpc.charAt(0)));
        for (int i = 1; i < rpc.length(); i++) {
            char c = rpc.charAt(i);
            if (c != '_') {
                name.append(rpc.charAt(i - 1) == '_' ? Character.toUpperCase(c) : c);
            }
        }
        String method = name.toString();
        return isKeyword(method) || TAKEN_METHODS.contains(method) ? method + "_" : method;
    }

    /** Returns the constant for an rpc: {@code SayHello} gives {@code SAY_HELLO}, {@code GetURLFor} GET_URL_FOR. */
    static String constant(String rpc) {
        StringBuilder name = new StringBuilder(rpc.length() + 4);
        for (int i = 0; i < rpc.length(); i++) {
            if (i > 0 && startsWord(rpc, i)) {
                name.append('_');
            }
            name.append(rpc.charAt(i));
        }
        String constant = name.toString().toUpperCase(Locale.ROOT);
        return isKeyword(constant) || constant.equals(SERVICE_NAME) ? constant + "_" : constant;
    }

    private static boolean startsWord(String name, int i) {
        char previous = name.charAt(i - 1);
        if (!Character.isUpperCase(name.charAt(i)) || previous == '_') {
            return false;
        }
        boolean lowerFollows = i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1));
        return Character.isLowerCase(previous) || lowerFollows;
    }

    /** Returns the interface for a service: its own name, with an underscore where Java does not allow that. */
    static String type(String service) {
        return isKeyword(service) || TAKEN_TYPES.contains(service) ? service + "_" : service;
    }

    /** Says whether Java has a use for the word; the answer does not depend on the JDK that runs us. */
    private static boolean isKeyword(String word) {
        return SourceVersion.isKeyword(word, SourceVersion.RELEASE_17);
    }

    /** Says whether a Java package can have this name; the empty one, the unnamed package, can. */
    static boolean isPackage(String name) {
        return name.isEmpty() || SourceVersion.isName(name, SourceVersion.RELEASE_17);
    }
}

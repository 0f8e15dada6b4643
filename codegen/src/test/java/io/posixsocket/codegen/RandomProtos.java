package io.posixsocket.codegen;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * .proto files that nobody would write, all of them legal: names that Java, {@code Object} or the generated code has taken,
 * every shape, syntax and option, nested and imported messages, comments that try to get out of their comment.
 */
final class RandomProtos {
    // Packages of these names are hidden where a variable of the name is in scope.
    private static final List<String> PACKAGES = List.of(
            "request", "requests", "responses", "channel", "implementation", "io", "posixsocket", "Capital", "v1");
    private static final List<String> TYPES = List.of(
            "Object Objects String Override Deprecated Consumer Iterable MethodDescriptor ServiceDefinition Channel Void Class"
                    .split(" "));
    private static final List<String> SERVICES =
            List.of("Service Object String interface record enum sealed Iterable Base64 Generated Client".split(" "));
    private static final List<String> RPCS = List.of(
            ("Class new Yield wait Equals ToString HashCode Notify_All GetClass Stub Service ServiceName FileDescriptor Call"
                            + " Channel Request Requests Responses Implementation default goto _ true Null GetURLFor")
                    .split(" "));
    private static final List<String> COMMENTS = List.of(
            "*/ int x; /*",
            "@param nobody @return {@link Nothing} {@code",
            "\\u002a/ \\u000a \\n \\",
            "<b> & </p> <!-- &nbsp; a < b > c",
            "日本語 größe \uD83D\uDE80 \u202e turned",
            "",
            "/** // \"quoted\" '",
            "    indented");
    private static final List<String> SYNTAXES = List.of(
            "syntax = \"proto2\";",
            "syntax = \"proto3\";",
            "edition = \"2023\";",
            "edition = \"2024\"; option features.enforce_naming_style = STYLE_LEGACY;");

    /** A message that later files may name, by its full name and its file. */
    private record Importable(String name, String file) {}

    private final Random random;
    private final Map<String, String> files = new TreeMap<>();
    private final List<Importable> importable = new ArrayList<>();

    // Of the file at hand.
    private final Set<String> taken = new HashSet<>();
    private final Set<String> imports = new HashSet<>();
    private String syntax = "";
    private String path = "";

    private RandomProtos(Random random) {
        this.random = random;
    }

    static Map<String, String> of(Random random, int count) {
        RandomProtos protos = new RandomProtos(random);
        for (int i = 0; i < count; i++) {
            protos.addFile(i);
        }
        return protos.files;
    }

    private void addFile(int number) {
        taken.clear();
        imports.clear();
        syntax = any(SYNTAXES);
        path = any(List.of("", "a/", "some-dir/v1.2/")) + "f" + number + ".proto";
        // The first one is in no package at all; its classes cannot be named from another.
        String protoPackage = number == 0 ? "" : packageName(number);
        StringBuilder options = new StringBuilder();
        if (number > 0 && one(3)) {
            options.append("option java_package = \"%s\";\n".formatted(packageName(number)));
        }
        if (one(2) && !syntax.contains("2024")) {
            options.append("option java_multiple_files = true;\n");
        }
        if (one(4)) {
            options.append("option java_outer_classname = \"%s\";\n".formatted(type(List.of("Outer", "All"))));
        }
        StringBuilder body = new StringBuilder();
        List<String> messages = new ArrayList<>();
        String scope = protoPackage.isEmpty() ? "." : "." + protoPackage + ".";
        // Most files do without: messages are what takes long to compile.
        for (int i = importable.isEmpty() || one(4) ? 1 + random.nextInt(2) : 0; i > 0; i--) {
            addMessage(body, scope, 0, messages);
        }
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            addService(body, messages);
        }
        if (number > 0) {
            // Edition 2024 shows others no nested message.
            messages.stream()
                    .filter(message -> !syntax.contains("2024") || message.lastIndexOf('.') < scope.length())
                    .forEach(message -> importable.add(new Importable(message, path)));
        }
        StringBuilder text = new StringBuilder(syntax).append('\n');
        if (!protoPackage.isEmpty()) {
            text.append("package ").append(protoPackage).append(";\n");
        }
        imports.stream().sorted().forEach(name -> text.append("import \"%s\";\n".formatted(name)));
        files.put(path, text.append(options).append(body).toString());
    }

    private void addMessage(StringBuilder out, String scope, int depth, List<String> messages) {
        String name = type(TYPES);
        messages.add(scope + name);
        out.append("message ").append(name).append(" {\n");
        if (one(8)) {
            out.append("option deprecated = true;\n");
        }
        out.append(syntax.contains("proto2") ? "optional " : "").append("int32 value = 1;\n");
        while (depth < 3 && one(3)) {
            addMessage(out, scope + name + ".", depth + 1, messages);
        }
        out.append("}\n");
    }

    private void addService(StringBuilder out, List<String> messages) {
        addComment(out);
        out.append("service ").append(type(SERVICES)).append(" {");
        addTrailing(out);
        if (one(8)) {
            out.append("option deprecated = true;\n");
        }
        Set<String> names = new HashSet<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            String name = one(2) ? any(RPCS) : identifier();
            // Names that differ by case or underscores alone may be one name in Java.
            if (names.add(name.replace("_", "").toLowerCase(Locale.ROOT))) {
                addComment(out);
                out.append("rpc %s(%s%s) returns (%s%s) {"
                        .formatted(name, stream(), message(messages), stream(), message(messages)));
                addTrailing(out);
                if (one(3)) {
                    out.append("option idempotency_level = %s;\n"
                            .formatted(any(List.of("NO_SIDE_EFFECTS", "IDEMPOTENT", "IDEMPOTENCY_UNKNOWN"))));
                }
                if (one(6)) {
                    out.append("option deprecated = true;\n");
                }
                out.append("}\n");
            }
        }
        out.append("}\n");
    }

    private void addComment(StringBuilder out) {
        while (one(2)) {
            out.append("// ").append(any(COMMENTS)).append('\n');
        }
    }

    private void addTrailing(StringBuilder out) {
        out.append(one(3) ? " // " + any(COMMENTS) + "\n\n" : "\n");
    }

    private String message(List<String> own) {
        if (!own.isEmpty() && (importable.isEmpty() || one(2))) {
            return any(own);
        }
        Importable message = any(importable);
        imports.add(message.file());
        return message.name();
    }

    private String stream() {
        return one(2) ? "stream " : "";
    }

    /** A package of its own for each file, so that no two files have classes of one name. */
    private String packageName(int number) {
        return one(2) ? any(PACKAGES) + ".f" + number : "f" + number + "." + any(PACKAGES);
    }

    /** A name that no other type of the file has; those are compared as file systems and protoc may. */
    private String type(List<String> names) {
        String name;
        do {
            name = one(2) ? any(names) : "T" + identifier();
        } while (!taken.add(name.toLowerCase(Locale.ROOT)));
        return name;
    }

    private String identifier() {
        StringBuilder name = new StringBuilder();
        for (int i = 3 + random.nextInt(12); i > 0; i--) {
            String chars = name.isEmpty() ? "abcxyzABCXYZ" : "abcxyzABCXYZ019_";
            name.append(chars.charAt(random.nextInt(chars.length())));
        }
        return name.toString();
    }

    private boolean one(int of) {
        return random.nextInt(of) == 0;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}

package io.posixsocket.codegen;

import java.util.HashMap;
import java.util.Map;
import javax.lang.model.SourceVersion;

/**
 * What {@code --posixsocket_opt} says: {@code key=value}, separated by commas. Unknown ones are refused, because a misspelt
 * one that is ignored is found out in production.
 *
 * @param suffix what the names of interfaces get behind those of their services
 * @param strict methods are abstract, so that javac names those that an implementation lacks
 * @param javadoc generated code carries comments
 * @param jspecify types carry {@code @NullMarked}
 */
record Options(String suffix, boolean strict, boolean javadoc, boolean jspecify) {
    static final Options DEFAULT = new Options("", false, true, false);

    private static final String KNOWN = "suffix=NAME, strict=true, javadoc=false, nullness=jspecify";

    static Options parse(String parameter) throws GenerationException {
        Map<String, String> given = new HashMap<>();
        for (String option : parameter.split(",", -1)) {
            if (option.isBlank()) {
                continue;
            }
            String[] pair = option.strip().split("=", 2);
            String value = pair.length == 2 ? pair[1].strip() : "";
            if (given.putIfAbsent(pair[0].strip(), value) != null) {
                throw refuse("option \"" + pair[0].strip() + "\" is given twice", parameter);
            }
        }
        Options options = new Options(
                suffix(given.remove("suffix"), parameter),
                bool("strict", given.remove("strict"), DEFAULT.strict, parameter),
                bool("javadoc", given.remove("javadoc"), DEFAULT.javadoc, parameter),
                jspecify(given.remove("nullness"), parameter));
        if (!given.isEmpty()) {
            throw refuse(
                    "unknown option \""
                            + given.keySet().stream().sorted().findFirst().orElseThrow() + "\"",
                    parameter);
        }
        return options;
    }

    private static String suffix(String value, String parameter) throws GenerationException {
        if (value == null) {
            return DEFAULT.suffix;
        }
        // What may follow a name is what may follow a letter.
        if (!SourceVersion.isIdentifier("x" + value)) {
            throw refuse("suffix \"" + value + "\" cannot be part of a Java name", parameter);
        }
        return value;
    }

    private static boolean bool(String key, String value, boolean otherwise, String parameter)
            throws GenerationException {
        if (value == null) {
            return otherwise;
        }
        if (!value.equals("true") && !value.equals("false")) {
            throw refuse("option \"" + key + "\" is neither true nor false", parameter);
        }
        return value.equals("true");
    }

    private static boolean jspecify(String value, String parameter) throws GenerationException {
        if (value != null && !value.equals("jspecify")) {
            throw refuse("option \"nullness\" knows only jspecify", parameter);
        }
        return value != null;
    }

    private static GenerationException refuse(String reason, String parameter) {
        return new GenerationException(reason + " in \"" + parameter + "\"; known options: " + KNOWN);
    }
}

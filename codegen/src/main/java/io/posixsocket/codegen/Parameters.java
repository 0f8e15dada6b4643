package io.posixsocket.codegen;

import java.util.Arrays;
import java.util.List;

/** What {@code --posixsocket_opt} says: {@code key} or {@code key=value}, separated by commas. */
final class Parameters {
    // A parameter belongs here once something heeds it: a misspelt one that is ignored is found out in production.
    private static final List<String> KNOWN = List.of();

    private Parameters() {}

    static void check(String parameters) throws GenerationException {
        String unknown = Arrays.stream(parameters.split(",", -1))
                .map(parameter -> parameter.split("=", 2)[0].strip())
                .filter(key -> !key.isEmpty() && !KNOWN.contains(key))
                .findFirst()
                .orElse(null);
        if (unknown != null) {
            throw new GenerationException("unknown parameter \"" + unknown + "\" in \"" + parameters
                    + "\"; known parameters: " + (KNOWN.isEmpty() ? "none" : String.join(", ", KNOWN)));
        }
    }
}

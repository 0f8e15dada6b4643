package io.posixsocket.codegen;

/** What stands before generated types and members; each text is empty or ends with a line break. */
final class Annotations {
    private static final String DEPRECATED = "@java.lang.Deprecated\n";

    private Annotations() {}

    /** The mark of generated code, and what the options ask for. */
    static String ofEveryType(JavaFile file, Options options) {
        return "@" + file.className() + ".Generated\n"
                + (options.jspecify() ? "@org.jspecify.annotations.NullMarked\n" : "");
    }

    static String of(JavaService service) {
        return (service.deprecated() ? DEPRECATED : "") + silence(service);
    }

    static String of(JavaMethod method) {
        return method.deprecated() ? DEPRECATED : "";
    }

    /** Those who use a deprecated service are to be warned, not those who compile the code generated for it. */
    static String silence(JavaService service) {
        return service.touchesDeprecated() ? "@java.lang.SuppressWarnings(\"deprecation\")\n" : "";
    }
}

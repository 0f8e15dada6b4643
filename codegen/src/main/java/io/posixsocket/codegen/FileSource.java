package io.posixsocket.codegen;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** What the services of one file share: the file's descriptor, once for all of them, and the mark of generated code. */
final class FileSource {
    private static final int LINE = 100;
    // A constant has at most 65,535 bytes; with the line breaks these are 51,712.
    private static final int LINES_PER_PART = 512;

    private FileSource() {}

    static String of(JavaFile file, Options options) {
        SourceWriter out = new SourceWriter(options)
                .add(FileHead.of(file))
                .doc("/** What the services of a .proto file share. */")
                .add(Annotations.ofEveryType(file, options))
                .add("final class %s {".formatted(file.className()))
                .indent()
                .add("private static final java.lang.String[] FILE_DESCRIPTOR = {")
                .indent();
        List<String> lines = base64(file).lines().toList();
        for (int from = 0; from < lines.size(); from += LINES_PER_PART) {
            out.add("\"\"\"");
            lines.subList(from, Math.min(from + LINES_PER_PART, lines.size())).forEach(out::add);
            out.add("\"\"\",");
        }
        return out.outdent()
                .add("};")
                .space()
                .add("""
                    private %1$s() {}

                    static byte[] fileDescriptor() {
                        return java.util.Base64.getMimeDecoder().decode(java.lang.String.join("", FILE_DESCRIPTOR));
                    }

                    """.formatted(file.className()))
                .doc("/** Tells tools that measure or check code that nobody wrote this. */")
                .add("""
                    @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.CLASS)
                    @interface Generated {}
                    """)
                .outdent()
                .add("}")
                .toString();
    }

    private static String base64(JavaFile file) {
        return Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(file.descriptor().toByteArray());
    }
}

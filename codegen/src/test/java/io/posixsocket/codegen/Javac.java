package io.posixsocket.codegen;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The compiler of the JDK that runs the tests. */
final class Javac {
    private Javac() {}

    /** Compiles what others generated, whose warnings are not ours. */
    static void compile(Path sources, Path classes, String classPath) throws IOException {
        run(sources, classes, classPath, List.of("-Xlint:none", "-nowarn"));
    }

    /** Compiles; a warning, also one about Javadoc that is malformed, is a failure. */
    static void compileStrictly(Path sources, Path classes) throws IOException {
        compileStrictly(sources, classes, System.getProperty("java.class.path"));
    }

    static void compileStrictly(Path sources, Path classes, String classPath) throws IOException {
        run(sources, classes, classPath, List.of("-Xlint:all", "-Xdoclint:all,-missing", "-Werror"));
    }

    private static void run(Path sources, Path classes, String classPath, List<String> strictness) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(sources)) {
            files = tree.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
        if (files.isEmpty()) {
            return;
        }
        Files.createDirectories(classes);
        List<String> options = new ArrayList<>(strictness);
        options.addAll(List.of("--release", "17", "-proc:none", "-implicit:none", "-encoding", "UTF-8"));
        options.addAll(List.of("-d", classes.toString()));
        options.addAll(List.of("-cp", classes + File.pathSeparator + classPath));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter output = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            output, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            if (!compiled) {
                throw new AssertionError("javac " + strictness + " in " + sources + ":\n" + output);
            }
        }
    }
}

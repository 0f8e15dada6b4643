package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the tests of a class on JDK 21, which has virtual threads, or newer: in this JVM if it is that, else in one child of a JDK
 * that is installed beside this one. The child knows no more of JUnit than {@code @Test}, {@code @TempDir} and {@link NoLeaks}.
 */
final class NewerJvm implements BeforeAllCallback, InvocationInterceptor {
    private static final int FIRST = 21;
    private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(60);
    private static final String OK = "> ok ";
    private static final String FAILED = "> failed ";

    /** What a child said of each test: nothing if it went well. Empty here and now if there is no child. */
    private final Map<String, String> outcomes = new HashMap<>();

    private String lastWords = "";

    private static boolean isHere() {
        return Runtime.version().feature() >= FIRST;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (isHere()) return;
        Optional<Path> home = newerHome();
        assumeTrue(home.isPresent(), "needs a JDK " + FIRST + " or newer beside " + System.getProperty("java.home"));
        List<String> command = new ArrayList<>();
        command.add(home.orElseThrow().resolve("bin/java").toString());
        // a wait that keeps its carrier shall be seen: no more of them are made instead
        command.add("-Djdk.virtualThreadScheduler.parallelism=2");
        command.add("-Djdk.virtualThreadScheduler.maxPoolSize=2");
        if (feature(home.orElseThrow()) >= 24)
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        if (System.getProperty(Poller.PROPERTY) != null)
            command.add("-D" + Poller.PROPERTY + "=" + System.getProperty(Poller.PROPERTY));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), NewerJvm.class.getName()));
        command.add(context.getRequiredTestClass().getName());
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            read(new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } finally {
            child.destroyForcibly();
        }
    }

    private void read(String said) {
        StringBuilder about = new StringBuilder();
        for (String line : said.lines().toList()) {
            if (line.startsWith(OK)) outcomes.put(line.substring(OK.length()), "");
            else if (line.startsWith(FAILED)) outcomes.put(line.substring(FAILED.length()), about.toString());
            else about.append(line).append('\n');
            if (line.startsWith("> ")) about.setLength(0);
        }
        lastWords = about.toString();
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        if (isHere()) {
            invocation.proceed();
            return;
        }
        invocation.skip();
        assertThat(outcomes.get(method.getExecutable().getName()))
                .as("what the child says of it, whose last words are: %s", lastWords)
                .isNotNull()
                .isEmpty();
    }

    private static Optional<Path> newerHome() throws IOException {
        try (Stream<Path> homes = Files.list(Path.of(System.getProperty("java.home"), ".."))) {
            return homes.filter(home -> feature(home) >= FIRST && Files.isExecutable(home.resolve("bin/java")))
                    .sorted()
                    .findFirst();
        }
    }

    /** 0 for what is no JDK. */
    private static int feature(Path home) {
        Properties release = new Properties();
        try (var in = Files.newBufferedReader(home.resolve("release"))) {
            release.load(in);
            return Runtime.Version.parse(
                            release.getProperty("JAVA_VERSION", "0").replace("\"", ""))
                    .feature();
        } catch (IOException | IllegalArgumentException e) {
            return 0;
        }
    }

    /** The child. A test that hangs ends it, all stacks told. */
    public static void main(String[] args) throws Exception {
        for (Method test : Class.forName(args[0]).getDeclaredMethods()) {
            if (!test.isAnnotationPresent(Test.class)) continue;
            Thread runner = new Thread(() -> run(test), "test-" + test.getName());
            runner.start();
            runner.join(PATIENCE_MILLIS);
            if (!runner.isAlive()) continue;
            Thread.getAllStackTraces().forEach((thread, stack) -> {
                System.out.println(thread);
                for (StackTraceElement element : stack) System.out.println("    at " + element);
            });
            System.out.println(FAILED + test.getName());
            System.exit(1);
        }
        System.exit(0);
    }

    private static void run(Method test) {
        try {
            NoLeaks leaks = new NoLeaks();
            leaks.beforeEach(null);
            Object instance = test.getDeclaringClass().getDeclaredConstructor().newInstance();
            Path directory = Files.createTempDirectory("v");
            for (Field field : test.getDeclaringClass().getDeclaredFields())
                if (field.isAnnotationPresent(TempDir.class)) field.set(instance, directory);
            try {
                test.invoke(instance);
            } finally {
                delete(directory);
            }
            leaks.afterEach(null);
            System.out.println(OK + test.getName());
        } catch (Throwable e) {
            StringWriter text = new StringWriter();
            (e instanceof InvocationTargetException ? e.getCause() : e).printStackTrace(new PrintWriter(text));
            System.out.print(text);
            System.out.println(FAILED + test.getName());
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            for (Path one : all.toList()) Files.delete(one);
        }
        Files.delete(directory);
    }
}

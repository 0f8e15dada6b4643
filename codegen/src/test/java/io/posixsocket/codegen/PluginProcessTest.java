package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plugin as protoc meets it: a program with a standard input and a standard output. */
@Timeout(60)
class PluginProcessTest {
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    @TempDir
    private Path scratch;

    @Test
    void protocRunsPlugin() throws Exception {
        GoldenCase golden = GoldenCase.of("options");
        Project project = golden.project(scratch);
        Path out = Files.createDirectory(scratch.resolve("out"));

        project.protoc()
                .run(List.of(
                        "--plugin=protoc-gen-posixsocket=" + launcher(),
                        "--posixsocket_out=" + out,
                        "--posixsocket_opt=" + project.parameter(),
                        project.files().get(0)));

        assertThat(Project.read(out)).isEqualTo(Project.read(golden.expected()));
    }

    @Test
    void protocShowsWhyNothingIsGenerated() throws Exception {
        Project.write(
                scratch.resolve("proto"),
                Map.of(
                        "a.proto",
                        "syntax = \"proto3\"; package p; message M {} service S { rpc R(M) returns (M); rpc r(M) returns (M); }"));
        Path out = Files.createDirectory(scratch.resolve("out"));

        Protoc.Outcome outcome = new Protoc(scratch, scratch.resolve("proto"))
                .attempt(List.of(
                        "--plugin=protoc-gen-posixsocket=" + launcher(), "--posixsocket_out=" + out, "a.proto"));

        assertThat(outcome.status()).isNotZero();
        assertThat(said(outcome.output()))
                .singleElement()
                .asString()
                .startsWith("--posixsocket_out: rpcs R and r of service p.S would share the Java method r;");
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void launcherWithoutJarSaysWhatIsMissing() throws Exception {
        Path launcher = Files.copy(
                Path.of("bin/protoc-gen-posixsocket"), scratch.resolve("launcher"), StandardCopyOption.COPY_ATTRIBUTES);
        Path errors = scratch.resolve("errors");
        Process process = new ProcessBuilder(launcher.toString())
                .redirectError(errors.toFile())
                .start();

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readString(errors))
                .isEqualTo("protoc-gen-posixsocket: there is not one posixsocket-codegen-*-all.jar in %s;"
                                .formatted(scratch.toRealPath())
                        + " put it there, or let POSIXSOCKET_CODEGEN name it\n");
    }

    @Test
    void garbageIsAnsweredByErrorAlone() throws Exception {
        Path garbage = Files.write(scratch.resolve("garbage"), new byte[] {-1, -1, -1});
        Path errors = scratch.resolve("errors");
        Process plugin = new ProcessBuilder(command())
                .redirectInput(garbage.toFile())
                .redirectError(errors.toFile())
                .start();
        CodeGeneratorResponse response = CodeGeneratorResponse.parseFrom(plugin.getInputStream());

        assertThat(plugin.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(plugin.exitValue()).isZero();
        assertThat(response.getError())
                .startsWith("standard input is not a CodeGeneratorRequest, which is what protoc sends: ");
        assertThat(response.getUnknownFields().asMap()).isEmpty();
        assertThat(response.getFileList()).isEmpty();
        assertThat(said(Files.readString(errors))).isEmpty();
    }

    @Test
    void responseThatCannotBeWrittenFailsInOneLine() throws Exception {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "a device that is always full");
        Path errors = scratch.resolve("errors");
        Process plugin = new ProcessBuilder(command())
                .redirectInput(Files.createFile(scratch.resolve("empty")).toFile())
                .redirectOutput(full.toFile())
                .redirectError(errors.toFile())
                .start();

        assertThat(plugin.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(plugin.exitValue()).isEqualTo(1);
        assertThat(said(Files.readString(errors)))
                .singleElement()
                .asString()
                .startsWith("protoc-gen-posixsocket: the response cannot be written: ");
    }

    @Test
    void emptyRequestGivesEmptyResponse() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        Main.run(new ByteArrayInputStream(new byte[0]), out);

        CodeGeneratorResponse response = CodeGeneratorResponse.parseFrom(out.toByteArray());
        assertThat(response.hasError()).isFalse();
        assertThat(response.getFileList()).isEmpty();
    }

    /** Returns the lines that are not a JVM's: newer ones warn of protobuf's use of Unsafe. */
    private static List<String> said(String output) {
        return output.lines().filter(line -> !line.startsWith("WARNING: ")).toList();
    }

    private static List<String> command() {
        return List.of(JAVA.toString(), "-cp", System.getProperty("java.class.path"), Main.class.getName());
    }

    /** The launcher with a jar beside it, which names the real class path. */
    private Path launcher() throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Main.class.getName());
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(path -> Path.of(path).toUri().toString())
                                .collect(Collectors.joining(" ")));
        Path directory = Files.createDirectory(scratch.resolve("with blank"));
        Path jar = directory.resolve("posixsocket-codegen-1.2-all.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        Path launcher = Files.copy(
                Path.of("bin/protoc-gen-posixsocket"),
                directory.resolve("launcher"),
                StandardCopyOption.COPY_ATTRIBUTES);
        return Files.createSymbolicLink(scratch.resolve("protoc-gen-posixsocket"), launcher);
    }
}

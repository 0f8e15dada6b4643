package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.posixsocket.rpc.Channel;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.MethodDescriptor;
import io.posixsocket.rpc.Server;
import io.posixsocket.rpc.ServiceDefinition;
import io.posixsocket.rpc.StatusException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compiles the generated code, every warning being an error, and calls it over a socket. */
@Timeout(120)
class GeneratedCodeTest {
    @TempDir
    private Path scratch;

    @Test
    void everyMethodIsCalledOverSocket() throws Exception {
        callEveryMethod(GoldenCase.together(scratch, true));
    }

    @Test
    void everyMethodIsCalledOverSocketWithEveryOption() throws Exception {
        callEveryMethod(GoldenCase.of("options").project(scratch));
    }

    private void callEveryMethod(Project project) throws Exception {
        Path classes = project.compile();

        assertThat(EveryMethod.call(classes, scratch.resolve("s"), project.interfaces()))
                .isEqualTo(project.rpcs());
    }

    @Test
    void descriptorsTellShapeAndIdempotency() throws Exception {
        Path classes = GoldenCase.of("streams").project(scratch).compile();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Class<?> counter = loader.loadClass("responses.Counter");
            List<String> said = new ArrayList<>();
            for (String name : List.of("GET", "LIST", "SUM", "CHAT")) {
                MethodDescriptor<?, ?> method =
                        (MethodDescriptor<?, ?>) counter.getField(name).get(null);
                said.add(method + " " + method.type() + " " + method.idempotency());
            }
            assertThat(said)
                    .containsExactly(
                            "requests.Counter/Get UNARY NO_SIDE_EFFECTS",
                            "requests.Counter/List SERVER_STREAMING IDEMPOTENT",
                            "requests.Counter/Sum CLIENT_STREAMING UNKNOWN",
                            "requests.Counter/Chat BIDI_STREAMING UNKNOWN");
        }
    }

    @Test
    void callReadsLikeMethodCall() throws Exception {
        String user = """
            package user;

            import demo.Greeter;
            import demo.HelloReply;
            import demo.HelloRequest;
            import io.posixsocket.rpc.Channel;
            import io.posixsocket.rpc.ServiceDefinition;

            public final class Polite implements Greeter {
                @Override
                public HelloReply sayHello(HelloRequest request) {
                    return HelloReply.newBuilder().setMessage("Hello " + request.getName()).build();
                }

                public static ServiceDefinition service() {
                    return Greeter.service(new Polite());
                }

                public static String hello(Channel channel, String name) {
                    HelloRequest request = HelloRequest.newBuilder().setName(name).build();
                    return Greeter.stub(channel).sayHello(request).getMessage();
                }

                public static String goodbye(Channel channel) {
                    return Greeter.stub(channel).sayGoodbye(HelloRequest.getDefaultInstance()).getMessage();
                }
            }
            """;
        Path classes = GoldenCase.of("greeter").project(scratch).compile();
        Project.write(scratch.resolve("user"), Map.of("user/Polite.java", user));
        Javac.compileStrictly(scratch.resolve("user"), classes);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Class<?> polite = loader.loadClass("user.Polite");
            ServiceDefinition service =
                    (ServiceDefinition) polite.getMethod("service").invoke(null);
            try (Server server = server(service);
                    Client client = server.connect()) {
                Method hello = polite.getMethod("hello", Channel.class, String.class);
                assertThat(hello.invoke(null, client, "Ada")).isEqualTo("Hello Ada");

                Method goodbye = polite.getMethod("goodbye", Channel.class);
                assertThatThrownBy(() -> goodbye.invoke(null, client))
                        .as("a method that the implementation does not override")
                        .isInstanceOf(InvocationTargetException.class)
                        .cause()
                        .isInstanceOf(StatusException.class)
                        .hasMessageContaining("UNIMPLEMENTED")
                        .hasMessageContaining("SayGoodbye");
            }
        }
    }

    @Test
    void nullIsRefusedByName() throws Exception {
        Path classes = GoldenCase.of("greeter").project(scratch).compile();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Class<?> greeter = loader.loadClass("demo.Greeter");
            for (Method factory :
                    List.of(greeter.getMethod("stub", Channel.class), greeter.getMethod("service", greeter))) {
                assertThatThrownBy(() -> factory.invoke(null, (Object) null))
                        .cause()
                        .isInstanceOf(NullPointerException.class)
                        .hasMessage(factory.getName().equals("stub") ? "channel" : "implementation");
            }
        }
    }

    @Test
    void deprecationReachesUsers() throws Exception {
        Path classes = GoldenCase.of("comments").project(scratch).compile();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Class<?> risky = loader.loadClass("demo.comments.Risky");
            Class<?> note = loader.loadClass("demo.comments.Note");
            assertThat(loader.loadClass("demo.comments.OldService")).hasAnnotation(Deprecated.class);
            assertThat(risky.isAnnotationPresent(Deprecated.class)).isFalse();
            assertThat(risky.getMethod("old", note).isAnnotationPresent(Deprecated.class))
                    .isTrue();
            assertThat(risky.getField("OLD").isAnnotationPresent(Deprecated.class))
                    .isTrue();
            assertThat(risky.getMethod("tag", note).isAnnotationPresent(Deprecated.class))
                    .isFalse();
        }
    }

    @Test
    void fiveHundredMethodsAreCalled() throws Exception {
        // So long that the descriptor needs more than one constant.
        String name = "M".repeat(100);
        StringBuilder proto = new StringBuilder("syntax = \"proto3\"; package big; message M {} service Big {\n");
        for (int i = 0; i < 500; i++) {
            proto.append("rpc ").append(name).append(i).append("(M) returns (M);\n");
        }
        Path root = scratch.resolve("proto");
        Project.write(root, Map.of("big.proto", proto.append("}").toString()));

        List<String> files = List.of("big.proto");
        Project big = new Project(scratch, new Protoc(scratch, root), files, files, "");
        Path classes = big.compile();

        assertThat(EveryMethod.call(classes, scratch.resolve("s"), big.interfaces()))
                .isEqualTo(500);
        assertThat(fileDescriptor(classes, "big.Big"))
                .hasSizeGreaterThan(40_000)
                .isEqualTo(expectedDescriptor(big, "big.proto"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"comments", "imports"})
    void fileDescriptorIsThatOfProtocWithoutComments(String golden) throws Exception {
        Project project = GoldenCase.of(golden).project(scratch);
        Path classes = project.compile();

        for (String name : project.interfaces()) {
            byte[] descriptor = fileDescriptor(classes, name);
            String file = FileDescriptorProto.parseFrom(descriptor).getName();
            assertThat(project.files()).contains(file);
            assertThat(descriptor).isEqualTo(expectedDescriptor(project, file));
        }
    }

    private static byte[] fileDescriptor(Path classes, String name) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            return (byte[]) loader.loadClass(name).getMethod("fileDescriptor").invoke(null);
        }
    }

    private static byte[] expectedDescriptor(Project project, String name) throws Exception {
        return project.request().getProtoFileList().stream()
                .filter(file -> file.getName().equals(name))
                .map(file -> file.toBuilder().clearSourceCodeInfo().build().toByteArray())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void toolsSeeThatCodeIsGenerated() throws Exception {
        Path classes = GoldenCase.of("greeter").project(scratch).compile();

        for (String name : List.of("Greeter", "GreeterStub", "GreeterOuterClassPosixSocket")) {
            String bytes = Files.readString(classes.resolve("demo/" + name + ".class"), StandardCharsets.ISO_8859_1);
            assertThat(bytes).contains("RuntimeInvisibleAnnotations", "Ldemo/GreeterOuterClassPosixSocket$Generated;");
        }
    }

    private Server server(ServiceDefinition service) throws IOException {
        Path socket = Files.createTempDirectory(scratch, "").resolve("s");
        return Server.builder().listen("unix:" + socket).service(service).start();
    }
}

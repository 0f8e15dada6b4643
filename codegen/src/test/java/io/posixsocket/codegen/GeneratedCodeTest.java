package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.posixsocket.rpc.Channel;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Server;
import io.posixsocket.rpc.ServiceDefinition;
import io.posixsocket.rpc.StatusException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compiles the generated code, every warning being an error, and calls it over a socket. */
@Timeout(120)
class GeneratedCodeTest {
    // A field that no message here declares: protobuf carries it along, so one test suits all messages.
    private static final int FIELD = 12_345;

    @TempDir
    private Path scratch;

    static List<GoldenCase> cases() throws IOException {
        return GoldenCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyMethodIsCalledOverSocket(GoldenCase golden) throws Exception {
        Path classes = golden.compile(scratch);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            List<String> called = new ArrayList<>();
            for (Class<?> service : interfaces(golden, loader)) {
                callAll(service, called);
            }
            assertThat(called).hasSize(rpcs(golden));
        }
    }

    private static List<Class<?>> interfaces(GoldenCase golden, ClassLoader loader) throws Exception {
        List<Class<?>> interfaces = new ArrayList<>();
        for (String path : GoldenCase.read(golden.expected()).keySet()) {
            Class<?> type = Class.forName(path.replace(".java", "").replace('/', '.'), true, loader);
            if (type.isInterface()) {
                interfaces.add(type);
            }
        }
        return interfaces;
    }

    private static int rpcs(GoldenCase golden) throws IOException {
        return GoldenCase.read(golden.directory().resolve("proto")).values().stream()
                .flatMap(String::lines)
                .mapToInt(line -> line.strip().startsWith("rpc ") ? 1 : 0)
                .sum();
    }

    private void callAll(Class<?> service, List<String> called) throws Exception {
        Object implementation = Proxy.newProxyInstance(
                service.getClassLoader(), new Class<?>[] {service}, (proxy, method, arguments) -> {
                    called.add(service.getName() + "." + method.getName());
                    long number = number((Message) arguments[0]);
                    return message(method.getReturnType(), number + called.size());
                });
        ServiceDefinition definition =
                (ServiceDefinition) service.getMethod("service", service).invoke(null, implementation);
        try (Server server = server(definition);
                Client client = server.connect()) {
            Object stub = service.getMethod("stub", Channel.class).invoke(null, client);
            for (Method method : rpcs(service)) {
                method.setAccessible(true);
                Message reply = (Message) method.invoke(stub, message(method.getParameterTypes()[0], 1_000));
                assertThat(reply).isInstanceOf(method.getReturnType());
                assertThat(number(reply)).isEqualTo(1_000 + called.size());
                assertThat(called).endsWith(service.getName() + "." + method.getName());
            }
            String name = (String) service.getField("SERVICE_NAME").get(null);
            assertThat(stub).hasToString(name + " on " + client);
        }
    }

    private static List<Method> rpcs(Class<?> service) {
        return Arrays.stream(service.getDeclaredMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
                .toList();
    }

    private static Message message(Class<?> type, long number) throws ReflectiveOperationException {
        UnknownFieldSet fields = UnknownFieldSet.newBuilder()
                .addField(
                        FIELD,
                        UnknownFieldSet.Field.newBuilder().addVarint(number).build())
                .build();
        Message empty = (Message) type.getMethod("getDefaultInstance").invoke(null);
        return empty.toBuilder().setUnknownFields(fields).build();
    }

    private static long number(Message message) {
        return message.getUnknownFields().getField(FIELD).getVarintList().get(0);
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
        Path classes = GoldenCase.of("greeter").compile(scratch);
        GoldenCase.write(scratch.resolve("user"), Map.of("user/Polite.java", user));
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
        Path classes = GoldenCase.of("greeter").compile(scratch);
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
        Path classes = GoldenCase.of("comments").compile(scratch);
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
    void fiveHundredMethodsCompile() throws Exception {
        StringBuilder proto = new StringBuilder("syntax = \"proto3\"; package big; message M {} service Big {\n");
        for (int i = 0; i < 500; i++) {
            proto.append("rpc Method").append(i).append("(M) returns (M);\n");
        }
        Path directory = scratch.resolve("big");
        GoldenCase.write(
                directory.resolve("proto"),
                Map.of("big.proto", proto.append("}").toString()));

        Path classes = new GoldenCase("big", directory).compile(scratch);

        assertThat(Files.exists(classes.resolve("big/Big.class"))).isTrue();
    }

    private Server server(ServiceDefinition service) throws IOException {
        Path socket = Files.createTempDirectory(scratch, "").resolve("s");
        return Server.builder().listen("unix:" + socket).service(service).start();
    }
}

package io.posixsocket.codegen;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.posixsocket.rpc.Channel;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Server;
import io.posixsocket.rpc.ServiceDefinition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Calls every method of generated services once over a socket, whatever its shape. Needs no more of protobuf than generated
 * code does, so it also runs, as a program, against the oldest protobuf and against lite messages.
 */
final class EveryMethod {
    // A field that no message here declares: protobuf carries it along, so one number suits all messages.
    private static final int FIELD = 12_345;
    private static final List<Long> SENT = List.of(1_000L, 2_000L, 3_000L);

    private final Client client;
    private final List<String> served;
    private int calls;

    private EveryMethod(Client client, List<String> served) {
        this.client = client;
        this.served = served;
    }

    /** Takes the directory of classes, the path of a socket to be, and names of interfaces; prints the number of calls. */
    public static void main(String[] args) throws Exception {
        System.out.println(
                call(Path.of(args[0]), Path.of(args[1]), List.of(args).subList(2, args.length)));
    }

    /** Returns how many methods were called; fails if one does not do what the implementation does. */
    static int call(Path classes, Path socket, List<String> interfaces) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            List<Class<?>> services = new ArrayList<>();
            for (String name : interfaces) {
                services.add(Class.forName(name, true, loader));
            }
            return call(services, socket);
        }
    }

    private static int call(List<Class<?>> services, Path socket) throws Exception {
        List<String> served = Collections.synchronizedList(new ArrayList<>());
        Server.Builder builder = Server.builder().listen("unix:" + socket);
        for (Class<?> service : services) {
            Object implementation = Proxy.newProxyInstance(
                    service.getClassLoader(), new Class<?>[] {service}, (proxy, method, arguments) -> {
                        served.add(method.toString());
                        return serve(method, arguments);
                    });
            builder.service(
                    (ServiceDefinition) service.getMethod("service", service).invoke(null, implementation));
        }
        try (Server server = builder.start();
                Client client = Client.connect("unix:" + socket)) {
            EveryMethod every = new EveryMethod(client, served);
            for (Class<?> service : services) {
                every.callAll(service);
            }
            expect(server + " served", served.size(), every.calls);
            return every.calls;
        }
    }

    /** Adds 1 to each request, and answers with the sum where it may answer once only. */
    @SuppressWarnings("unchecked") // the types are looked up where the method declares them
    private static Object serve(Method method, Object[] arguments) {
        List<Long> replies = new ArrayList<>();
        if (arguments[0] instanceof Iterable<?> requests) {
            for (Object request : requests) {
                replies.add(number((MessageLite) request) + 1);
            }
        } else {
            replies.add(number((MessageLite) arguments[0]) + 1);
            replies.add(1L);
        }
        if (arguments.length == 1) {
            return message(method.getReturnType(), sum(replies));
        }
        Class<?> type = messageType(method.getGenericParameterTypes()[1]);
        replies.forEach(reply -> ((Consumer<Object>) arguments[1]).accept(message(type, reply)));
        return null;
    }

    private void callAll(Class<?> service) throws Exception {
        Object stub = service.getMethod("stub", Channel.class).invoke(null, client);
        for (Method method : service.getDeclaredMethods()) {
            if (!Modifier.isStatic(method.getModifiers()) && !method.isSynthetic()) {
                call(stub, method);
                calls++;
                expect("the method that was served", served.get(served.size() - 1), method.toString());
            }
        }
        expect("a stub", stub.toString(), service.getField("SERVICE_NAME").get(null) + " on " + client);
    }

    private static void call(Object stub, Method method) throws Exception {
        Type[] types = method.getGenericParameterTypes();
        boolean requestsStream = Iterable.class.isAssignableFrom(method.getParameterTypes()[0]);
        Class<?> request = messageType(types[0]);
        Object sent = requestsStream
                ? SENT.stream().map(number -> message(request, number)).toList()
                : message(request, SENT.get(0));
        if (types.length == 1) {
            MessageLite reply = (MessageLite) method.invoke(stub, sent);
            expect(method + " returned", reply.getClass(), method.getReturnType());
            expect(method + " returned", number(reply), requestsStream ? 6_003L : 1_002L);
            return;
        }
        List<Long> received = new ArrayList<>();
        Class<?> response = messageType(types[1]);
        Consumer<MessageLite> responses = message -> {
            expect(method + " was given", message.getClass(), response);
            received.add(number(message));
        };
        method.invoke(stub, sent, responses);
        expect(method + " was given", received, requestsStream ? List.of(1_001L, 2_001L, 3_001L) : List.of(1_001L, 1L));
    }

    /** The type itself, or that of the elements of an Iterable or Consumer. */
    private static Class<?> messageType(Type type) {
        return (Class<?>) (type instanceof ParameterizedType of ? of.getActualTypeArguments()[0] : type);
    }

    private static MessageLite message(Class<?> type, long number) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeInt64(FIELD, number);
            out.flush();
            Parser<?> parser = (Parser<?>) type.getMethod("parser").invoke(null);
            return (MessageLite) parser.parseFrom(bytes.toByteArray());
        } catch (IOException | ReflectiveOperationException e) {
            throw new AssertionError(type + " is no message with unknown fields", e);
        }
    }

    private static long number(MessageLite message) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(message.toByteArray());
            expect("a field of " + message.getClass(), in.readTag() >>> 3, FIELD);
            return in.readInt64();
        } catch (IOException e) {
            throw new AssertionError(message.getClass() + " lost its field", e);
        }
    }

    private static long sum(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).sum();
    }

    private static void expect(String what, Object actual, Object expected) {
        if (!actual.equals(expected)) {
            throw new AssertionError(what + ": " + actual + ", expected " + expected);
        }
    }
}

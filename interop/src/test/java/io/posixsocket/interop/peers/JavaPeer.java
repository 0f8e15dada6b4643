package io.posixsocket.interop.peers;

import com.google.protobuf.ByteString;
import io.posixsocket.interop.v1.Item;
import io.posixsocket.interop.v1.Streams;
import io.posixsocket.interop.v1.Unary;
import io.posixsocket.rpc.Call;
import io.posixsocket.rpc.Channel;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Metadata;
import io.posixsocket.rpc.MethodDescriptor;
import io.posixsocket.rpc.Server;
import io.posixsocket.rpc.StatusException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** This library's own program in the language of {@link PeerProcess}. */
final class JavaPeer {
    private JavaPeer() {}

    public static void main(String[] args) throws IOException {
        String address = "unix:" + args[1];
        if (args[0].equals("serve")) serve(address);
        else call(address);
        System.exit(0); // not waiting for calls under way
    }

    static synchronized void say(String... words) {
        System.out.println(String.join("|", words));
    }

    private static BufferedReader commands() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    private static void serve(String address) throws IOException {
        Server server = Server.builder()
                .listen(address)
                .service(Unary.service(new JavaUnary()))
                .service(Streams.service(new JavaStreams()))
                .start();
        say("ready");
        System.in.transferTo(OutputStream.nullOutputStream());
        server.close();
    }

    private static void call(String address) throws IOException {
        try (Client client = Client.builder(address).maxConnections(128).build()) {
            say("ready");
            BufferedReader commands = commands();
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                List<String> words = List.of(line.split("\\|", -1));
                Thread caller = new Thread(() -> say(words.get(0), answer(client, words)), "call " + line);
                caller.setDaemon(true);
                caller.start();
            }
        }
    }

    private static String answer(Client client, List<String> words) {
        StringBuilder received = new StringBuilder();
        try {
            if (words.get(1).equals("unary")) return unary(client, words.subList(2, words.size()));
            received.append("ok");
            stream(within(client, words.get(3)), words.get(2), words.subList(4, words.size()), received);
            return received.toString();
        } catch (StatusException e) {
            return received + (received.isEmpty() ? "" : "|") + failure(e);
        }
    }

    /** With no deadline for 0. */
    private static Channel within(Client client, String millis) {
        return millis.equals("0") ? client : client.withTimeout(Duration.ofMillis(Long.parseLong(millis)));
    }

    private static String unary(Client client, List<String> words) {
        Channel channel = within(client, words.get(2));
        for (String entry : words.subList(6, words.size())) {
            int equals = entry.indexOf('=');
            channel = channel.withMetadata(Metadata.of(entry.substring(0, equals), entry.substring(equals + 1)));
        }
        Item request = Item.newBuilder()
                .setText(words.get(3))
                .setNumber(Long.parseLong(words.get(4)))
                .setData(ByteString.copyFrom(new byte[Integer.parseInt(words.get(5))]))
                .build();
        // by the words' names, not by the stub's: some of them nobody has
        Item reply =
                channel.call(MethodDescriptor.unary(words.get(0), words.get(1), Item.parser(), Item.parser()), request);
        return "ok|" + reply.getText() + "|" + reply.getNumber() + "|"
                + reply.getData().size() + "|" + String.join(",", reply.getListList());
    }

    private static void stream(Channel channel, String method, List<String> steps, StringBuilder received) {
        MethodDescriptor<Item, Item> descriptor = switch (method) {
            case "Sum" -> Streams.SUM;
            case "Count" -> Streams.COUNT;
            case "Chat" -> Streams.CHAT;
            default -> throw new IllegalArgumentException(method);
        };
        try (Call<Item, Item> call = channel.start(descriptor)) {
            for (String step : steps) {
                switch (step) {
                    case "receive" -> {
                        String reply = text(call.receive());
                        received.append('|').append(reply);
                    }
                    case "close" -> call.closeSend();
                    case "leave" -> {
                        return;
                    }
                    default -> call.send(item(step));
                }
            }
        }
    }

    private static String text(Item item) {
        return item == null ? "end" : item.getText() + ":" + item.getNumber();
    }

    private static Item item(String step) {
        int colon = step.indexOf(':');
        return Item.newBuilder()
                .setText(step.substring("send=".length(), colon))
                .setNumber(Long.parseLong(step.substring(colon + 1)))
                .build();
    }

    private static String failure(StatusException e) {
        return "failed|" + e.status().code() + "|" + e.description() + "|"
                + e.details().stream()
                        .map(d -> d.typeUrl() + "="
                                + HexFormat.of().formatHex(d.value().toByteArray()))
                        .collect(Collectors.joining(","));
    }
}

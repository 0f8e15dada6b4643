package io.posixsocket.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.posixsocket.ErrnoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a server does when accept fails: in a process without descriptors, and under strace, which makes it fail. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class AcceptFaultTest {
    @TempDir
    Path directory;

    private Path path() {
        return directory.resolve("s");
    }

    private static ScriptedPeer asked(Path path) throws IOException {
        return ScriptedPeer.connect(path).send(Frame.request(1, Hello.SAY_HELLO, Hello.of("x")));
    }

    private static void expectReply(ScriptedPeer peer) throws IOException {
        peer.expect(Frame.reply(1, Hello.of("Hello x")));
    }

    @Test
    void withoutDescriptorsWhoIsThereIsServedAndWhoComesWaits() throws Exception {
        List<String> few = List.of("sh", "-c", "ulimit -n 200; exec \"$0\" \"$@\"");
        try (CommandedServer server = CommandedServer.start(few, List.of(), path().toString());
                ScriptedPeer before = asked(path())) {
            expectReply(before);
            assertThat(Integer.parseInt(server.ask("exhaust"))).isPositive();
            long begin = System.nanoTime();
            List<ScriptedPeer> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) waiting.add(asked(path()));
            Eventually.get(() -> server.stat("acceptErrors"), errors -> errors >= 5);
            long errors = server.stat("acceptErrors");
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            assertThat(errors).as("one in 10 ms at most, in %d ms", millis).isLessThanOrEqualTo(2 + millis / 10);
            before.send(Frame.request(3, Hello.SAY_HELLO, Hello.of("y"))).expect(Frame.reply(3, Hello.of("Hello y")));
            server.ask("release");
            for (ScriptedPeer peer : waiting) {
                expectReply(peer);
                peer.close();
            }
            assertThat(server.stat("accepted")).isEqualTo(4);
            assertThat(server.log())
                    .anyMatch(line -> line.contains("cannot accept at unix:" + path() + ", trying again: ")
                            && line.contains("EMFILE"));
        }
    }

    private CommandedServer underStrace(String inject) throws IOException {
        assumeTrue(ChildJvm.isInstalled("strace"), "needs strace");
        Path trace = directory.resolve("trace");
        List<String> strace =
                List.of("strace", "-f", "-qq", "-o", trace.toString(), "-e", "trace=accept4", "-e", inject);
        return CommandedServer.start(strace, List.of(), path().toString());
    }

    private int injected() throws IOException {
        int count = 0;
        for (String line : Files.readAllLines(directory.resolve("trace"))) if (line.contains("INJECTED")) count++;
        return count;
    }

    private void expectAllServed(CommandedServer server) throws IOException {
        int peers = 30;
        for (int i = 0; i < peers; i++) {
            try (ScriptedPeer peer = asked(path())) {
                expectReply(peer);
            }
        }
        assertThat(server.stat("accepted")).isEqualTo(peers);
        assertThat(injected()).as("faults").isGreaterThan(5);
        assertThat(server.stat("acceptErrors")).isEqualTo(injected());
    }

    @Test
    void connectionsThatWentAwayDoNotKeepOthersOut() throws Exception {
        try (CommandedServer server = underStrace("inject=accept4:error=ECONNABORTED:when=1+2")) {
            expectAllServed(server);
            assertThat(server.log()).noneMatch(line -> line.contains("cannot accept"));
        }
    }

    @Test
    void lackOfMemoryPasses() throws Exception {
        try (CommandedServer server = underStrace("inject=accept4:error=ENOBUFS:when=1+2")) {
            expectAllServed(server);
            assertThat(server.log()).anyMatch(line -> line.contains("cannot accept") && line.contains("ENOBUFS"));
        }
    }

    /** strace counts by thread: each worker's second accept fails. Who is connected is served on. */
    @Test
    void listenerThatDoesNotWorkEndsAloneAndSaysSo() throws Exception {
        try (CommandedServer server = underStrace("inject=accept4:error=ENOTSOCK:when=2+");
                ScriptedPeer first = asked(path())) {
            expectReply(first);
            Eventually.get(() -> isGone(path()), gone -> gone);
            assertThat(server.stat("acceptErrors")).isEqualTo(1);
            assertThat(server.log())
                    .anyMatch(line ->
                            line.contains("no longer listening at unix:" + path()) && line.contains("ENOTSOCK"));
            first.send(Frame.request(3, Hello.SAY_HELLO, Hello.of("y"))).expect(Frame.reply(3, Hello.of("Hello y")));
            assertThat(server.stat("accepted")).isEqualTo(1);
        }
    }

    /** Each that connects brings the listener to its next accept. */
    private static boolean isGone(Path path) {
        try {
            ScriptedPeer.connect(path).close();
            return false;
        } catch (ErrnoException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

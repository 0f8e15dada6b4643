package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientConsoleTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void eachCallerMakesItsLeadAndItsCalls() throws Exception {
        Path samples = directory.resolve("samples");
        Counting first = new Counting(Integer.MAX_VALUE);
        Counting second = new Counting(Integer.MAX_VALUE);

        assertThat(attend(List.of(first, second), "run 5 20 0 " + samples)).isTrue();

        assertThat(first.calls.get()).isEqualTo(25);
        assertThat(second.calls.get()).isEqualTo(25);
        assertThat(Files.size(samples)).isEqualTo(2 * 20 * Long.BYTES);
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("READY\nDONE calls=40 wall_nanos=");
    }

    @Test
    void wrongReplyFailsTheRunThoughOthersWaitAtTheStart() throws Exception {
        Counting wrong = new Counting(3);
        Counting right = new Counting(Integer.MAX_VALUE);

        assertThat(attend(List.of(right, wrong), "run 10 20 0 " + directory.resolve("samples")))
                .isFalse();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("FAILED")
                .contains("the reply to call 3 has other bytes than its request");
    }

    @Test
    void callsKeepTheirInterval() throws Exception {
        long begin = System.nanoTime();
        attend(List.of(new Counting(Integer.MAX_VALUE)), "run 0 11 2000000 " + directory.resolve("samples"));
        assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(20_000_000); // never early
    }

    private boolean attend(List<Counting> callers, String line) throws Exception {
        return new ClientConsole(callers)
                .attend(
                        new BufferedReader(new StringReader(line + "\n")),
                        new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    private static final class Counting implements Caller {
        private final AtomicInteger calls = new AtomicInteger();
        private final int wrongReply;

        Counting(int wrongReply) {
            this.wrongReply = wrongReply;
        }

        @Override
        public void call(int number) {
            calls.incrementAndGet();
        }

        @Override
        public void verify(int number) {
            if (number == wrongReply) throw WrongReplyException.to(number);
        }
    }
}

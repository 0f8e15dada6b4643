package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContestantsTest {
    private static final Path BASE = Path.of(System.getProperty("posixsocket.basedir"));

    /** What needs more than Maven and a JDK 17. The others are there on every machine. */
    private static final Set<String> MAY_BE_ABSENT =
            Set.of("c-blocking", "c-spinning", "jdk25-blocking", "rpc-jdk25", "go-ttrpc", "node-posix-socket");

    private static NativeProgram pingpong;

    @BeforeAll
    static void compile() throws Exception {
        pingpong = NativeProgram.compile(BASE);
    }

    static Stream<String> names() {
        return Contestants.names().stream();
    }

    /** A client verifies every reply, so that figures mean right bytes. Some have to be built or installed first. */
    @ParameterizedTest
    @MethodSource("names")
    @Timeout(value = 600, unit = TimeUnit.SECONDS)
    void eachThatThisMachineCanRunMakesItsCalls(String name) throws Exception {
        Options options =
                Options.parse(List.of("--restarts=1", "--rounds=1", "--calls=50", "--warm-up=2", "callers=2"), BASE);
        List<Contestant> contestants = Contestants.named(List.of(name), pingpong);

        Result result =
                new Race(options, options.settings().get(0), contestants).run().get(0);

        assertThat(result.name()).isEqualTo(name);
        assertThat(result.failure()).isEmpty();
        if (result.absence().isPresent()) {
            System.out.println(name + " is absent: " + result.absence().get());
            assertThat(MAY_BE_ABSENT).contains(name);
        } else {
            assertThat(result.slices()).hasSize(1);
            assertThat(result.slices().get(0).calls()).isEqualTo(50);
        }
    }

    @Test
    void thoseOfNoNameNeedNothingFromElsewhere() throws Exception {
        assertThat(Contestants.named(List.of(), pingpong))
                .extracting(Contestant::name)
                .containsExactly("c-blocking", "c-spinning", "core-blocking", "jdk-blocking", "rpc-spin", "rpc-nospin");
    }

    @Test
    void nameThatIsNoneIsRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> Contestants.named(List.of("rpc-spin", "cobra"), pingpong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'cobra'")
                .hasMessageContaining("node-posix-socket, ");
    }

    @Test
    void helpNamesEach() {
        assertThat(Options.HELP.split("\\s+")).containsAll(Contestants.names());
    }
}

package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static Options parse(String... args) {
        return Options.parse(List.of(args), Path.of("."));
    }

    @Test
    void fullHasWhatTheReportPromises() {
        List<Options> parts = parse("--full").parts();

        assertThat(parts.stream().flatMap(part -> part.settings().stream()).map(Setting::name))
                .contains("idle", "pinned", "apart", "pinned-unaware", "busy", "paced", "connect", "crowded")
                .contains("callers=2", "callers=8", "callers=32", "callers=128")
                .contains("size=1024", "size=65536", "size=1048576", "size=max");
        assertThat(parts.stream().flatMap(part -> part.studies().stream()).map(Study::name))
                .containsAll(Study.all().stream().map(Study::name).toList());
        assertThat(parts.get(0).contestants()).isEqualTo(Contestants.names());
        assertThat(parts.get(0).seconds()).isEqualTo(0.4);
    }

    @Test
    void whatIsSaidBesideFullHoldsForEachPart() {
        List<Options> parts = parse("--full", "--restarts=1", "--seconds=0.1", "--contestants=c-blocking,rmi")
                .parts();

        assertThat(parts).allMatch(part -> part.restarts() == 1 && part.seconds() == 0.1 && part.rounds() == 3);
        assertThat(parts.get(0).contestants()).containsExactly("c-blocking", "rmi");
        assertThat(parts.get(1).contestants()).containsExactly("c-blocking");
        assertThat(parse("--full", "--contestants=rmi").parts().get(1).settings())
                .isEmpty();
    }

    @Test
    void smokeMindsOursAlone() {
        assertThat(Contestants.names()).containsAll(Contestants.OURS);
        assertThat(Contestants.OURS).allMatch(Preset.SMOKE::minds);
        assertThat(Preset.SMOKE.minds("c-blocking")).isFalse();
        assertThat(Preset.FULL.minds("c-blocking")).isTrue();
    }

    @Test
    void presetWithSettingsIsRefused() {
        assertThatThrownBy(() -> parse("--full", "idle")).hasMessageContaining("--full and --smoke");
        assertThatThrownBy(() -> parse("--seconds=0")).hasMessageContaining("above 0");
    }
}

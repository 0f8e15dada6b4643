package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The generated text, byte for byte. After a change of the generator that is meant, write the expected files anew and
 * read the difference: {@code mvn -pl codegen -am test -Dtest=GoldenTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dposixsocket.golden.update=true}.
 */
class GoldenTest {
    @TempDir
    private Path scratch;

    static List<GoldenCase> cases() throws IOException {
        return GoldenCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void generatesTheExpectedFiles(GoldenCase golden) throws Exception {
        Map<String, String> generated = golden.project(scratch).generate();
        if (Boolean.getBoolean("posixsocket.golden.update")) {
            rewrite(golden.expected(), generated);
            Assumptions.abort(golden.expected() + " was written anew");
        }

        Map<String, String> expected = Project.read(golden.expected());
        assertThat(expected).isNotEmpty();
        assertThat(generated.keySet()).isEqualTo(expected.keySet());
        generated.forEach((path, text) -> assertThat(text).as(path).isEqualTo(expected.get(path)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void generatesTheSameFromFilesInAnyOrder(GoldenCase golden) throws Exception {
        Project project = golden.project(scratch);
        List<String> reversed =
                project.files().stream().sorted(Comparator.reverseOrder()).toList();
        Project other = new Project(scratch, project.protoc(), reversed, List.of(), project.parameter());

        assertThat(Generator.respond(other.request()).toByteString())
                .isEqualTo(Generator.respond(project.request()).toByteString());
    }

    @Test
    void localeDoesNotShow() throws Exception {
        CodeGeneratorRequest request = GoldenCase.together(scratch, true).request();
        CodeGeneratorResponse here = Generator.respond(request);
        Locale before = Locale.getDefault();
        try {
            for (String tag : List.of("tr", "ar-u-nu-arab", "th-TH-u-nu-thai")) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                assertThat(Generator.respond(request)).isEqualTo(here);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    private static void rewrite(Path directory, Map<String, String> files) throws IOException {
        if (Files.isDirectory(directory)) {
            try (Stream<Path> tree = Files.walk(directory)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        Project.write(directory, files);
    }
}

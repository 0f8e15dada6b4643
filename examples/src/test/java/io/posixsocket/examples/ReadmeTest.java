package io.posixsocket.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;

/**
 * Holds the README to what is compiled and run here: each of its Java and .proto snippets stands in a source of
 * this module, and the tests of this module run those.
 */
class ReadmeTest {
    private static final Path BASE = Path.of(System.getProperty("posixsocket.basedir"));

    private static List<String> blocks(String language) throws IOException {
        return blocks("README.md", language);
    }

    private static List<String> blocks(String file, String language) throws IOException {
        String readme = Files.readString(BASE.resolve(file));
        Matcher block = Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(readme);
        List<String> blocks = new ArrayList<>();
        while (block.find()) blocks.add(block.group(1));
        return blocks;
    }

    /** The README breaks lines to be read, the formatter by its own rules. */
    private static String withoutSpace(String text) {
        return text.replaceAll("\\s+", "");
    }

    private static List<String> sources(String suffix) throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(BASE.resolve("examples/src"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(suffix)).toList()) {
                sources.add(withoutSpace(Files.readString(file)));
            }
        }
        return sources;
    }

    @Test
    void everyJavaSnippetIsCompiledHere() throws IOException {
        areCompiledHere(blocks("java"), 6);
    }

    @Test
    void soIsEveryJavaSnippetOfTheRecipes() throws IOException {
        areCompiledHere(blocks("docs/OBSERVABILITY.md", "java"), 5);
    }

    private static void areCompiledHere(List<String> snippets, int atLeast) throws IOException {
        List<String> sources = sources(".java");
        assertThat(snippets)
                .hasSizeGreaterThanOrEqualTo(atLeast)
                .allSatisfy(snippet -> assertThat(sources)
                        .as(snippet)
                        .anySatisfy(source -> assertThat(source).contains(withoutSpace(snippet))));
    }

    @Test
    void theProtosAreThoseThatAreCompiledHere() throws IOException {
        List<String> sources = sources(".proto");
        assertThat(blocks("proto"))
                .hasSize(2)
                .allSatisfy(snippet -> assertThat(sources).contains(withoutSpace(snippet)));
    }

    @Test
    void theMavenBlockNamesTheVersionsOfThisBuild() throws IOException, ParserConfigurationException, SAXException {
        String block = blocks("xml").get(0);
        Document pom = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new java.io.ByteArrayInputStream(block.getBytes(StandardCharsets.UTF_8)));
        assertThat(pom.getDocumentElement().getNodeName()).isEqualTo("project");
        String parent = Files.readString(BASE.resolve("pom.xml"));
        String version = first(parent, "<artifactId>posixsocket-parent</artifactId>\\s*<version>(.*?)<");
        String protobuf = first(parent, "<protobuf.version>(.*?)<");
        String plugin = first(parent, "<protobuf-maven-plugin.version>(.*?)<");
        assertThat(block).contains("<artifactId>posixsocket-rpc</artifactId>\n      <version>" + version + "<");
        assertThat(block).contains("<artifactId>protobuf-java</artifactId>\n      <version>" + protobuf + "<");
        assertThat(block).contains("<artifactId>protobuf-maven-plugin</artifactId>\n        <version>" + plugin + "<");
        assertThat(blocks("kotlin").get(0))
                .contains("posixsocket-rpc:" + version + "\"")
                .contains("posixsocket-codegen:" + version + ":all@jar\"")
                .contains("protobuf-java:" + protobuf + "\"")
                .contains("protoc:" + protobuf + "\"");
    }

    private static String first(String text, String regex) {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        assertThat(matcher.find()).as(regex).isTrue();
        return matcher.group(1);
    }

    @Test
    void theLinksLeadToFiles() throws IOException {
        Matcher link = Pattern.compile("\\]\\(([^)#]+)\\)").matcher(Files.readString(BASE.resolve("README.md")));
        int links = 0;
        while (link.find()) {
            if (link.group(1).toLowerCase(Locale.ROOT).startsWith("http")) continue;
            assertThat(BASE.resolve(link.group(1))).exists();
            links++;
        }
        assertThat(links).isGreaterThanOrEqualTo(4);
    }
}

package io.posixsocket.interop.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.posixsocket.interop.BuiltPeers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every {@link Case} with every foreign {@link Peer}, as server of our client and as client of our server. What came of it is the
 * table in docs/INTEROP.md, and in target/interop.md; after a change that is meant, write it anew and read the difference:
 * {@code mvn -pl interop -am test -Dtest=InteropTest -Dposixsocket.golden.update=true}.
 */
class InteropTest {
    private static final Path DOC = BuiltPeers.BASE.resolve("docs/INTEROP.md");
    private static final String BEGIN = "<!-- InteropTest writes from here -->\n";
    private static final String END = "<!-- to here -->\n";

    private static final List<Case> CASES = Stream.of(UnaryCases.ALL, StreamCases.ALL, DeathCases.ALL)
            .flatMap(List::stream)
            .toList();

    @TempDir
    private Path directory;

    private final InteropTable table = new InteropTable(CASES);
    private final List<String> figures = new ArrayList<>();
    private Pair pair; // of the column at hand; null between two

    /** Skipped where they are not, which surefire does not tell of a factory. */
    @Test
    void foreignPeersAreBuilt() throws Exception {
        assertThat(BuiltPeers.directory()).isDirectory();
    }

    @TestFactory
    List<DynamicTest> everyCaseWithEveryPeerBothWays() throws Exception {
        Path built = BuiltPeers.directory();
        List<DynamicTest> tests = new ArrayList<>();
        for (Peer foreign : Peer.FOREIGN) {
            column(tests, foreign, "ours to " + foreign.title, () -> new Pair(Peer.OURS, foreign, built, directory));
            column(tests, foreign, foreign.title + " to ours", () -> new Pair(foreign, Peer.OURS, built, directory));
        }
        tests.add(dynamicTest("the table is the document's", this::compareWithDocument));
        return tests;
    }

    private void column(List<DynamicTest> tests, Peer foreign, String title, Callable<Pair> begin) {
        tests.add(dynamicTest(title + ": begins", () -> {
            table.column(title);
            for (Case each : CASES) if (!foreign.can(each)) table.cell(each, "n/a " + Note.NO_STREAMS);
            pair = begin.call();
        }));
        for (Case each : CASES) {
            if (foreign.can(each)) tests.add(dynamicTest(title + ": " + each.name(), () -> run(title, each)));
        }
        tests.add(dynamicTest(title + ": ends", () -> {
            Pair ended = pair;
            pair = null;
            ended.figures.forEach(f -> figures.add(title + ", " + f + "\n"));
            ended.close();
        }));
    }

    private void run(String title, Case each) throws Exception {
        assertThat(pair).as("pair that began").isNotNull();
        try {
            table.cell(each, each.body().run(pair));
        } catch (AssertionError e) { // Maven shows a number in place of the test's name
            throw new AssertionError(title + ": " + each.name(), e);
        }
    }

    /** After the last of them. */
    @AfterEach
    void endWhatWasLeft() {
        if (pair != null) pair.close();
    }

    private void compareWithDocument() throws IOException {
        Path target = BuiltPeers.BASE.resolve("interop/target/interop.md");
        Files.createDirectories(target.getParent());
        Files.writeString(target, table.markdown() + "\n" + String.join("", figures));
        String document = Files.readString(DOC);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        assertThat(end).as("the marks in " + DOC).isGreaterThan(begin);
        if (Boolean.getBoolean("posixsocket.golden.update")) {
            Files.writeString(DOC, document.substring(0, begin) + table.markdown() + document.substring(end));
            Assumptions.abort(DOC + " was written anew");
        }
        assertThat(table.markdown()).doesNotContain("failed").isEqualTo(document.substring(begin, end));
    }
}

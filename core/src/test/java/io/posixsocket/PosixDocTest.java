package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docs/POSIX.md against the code: what it names is there, and what is there it names. */
class PosixDocTest {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private record Row(String header, List<String> cells) {
        String java() {
            return cells.get(1);
        }

        boolean isCarried() {
            return !java().startsWith("not carried: ");
        }
    }

    private static List<Row> rows;

    @BeforeAll
    static void read() throws IOException {
        rows = new ArrayList<>();
        String header = "";
        for (String line : Files.readAllLines(Path.of(System.getProperty("posixsocket.basedir"), "docs", "POSIX.md"))) {
            if (line.startsWith("## ")) header = line.substring(3);
            if (!line.startsWith("| ") || line.startsWith("| C |")) continue;
            String[] cells = line.substring(1).split("\\|", -1);
            rows.add(new Row(header, Arrays.stream(cells).map(String::strip).toList()));
        }
        assertThat(rows).hasSizeGreaterThan(300);
    }

    private static List<String> code(String cell) {
        return CODE.matcher(cell).results().map(found -> found.group(1)).toList();
    }

    /** The class, or the class and a public field or method of it. */
    private static boolean exists(String name) {
        int dot = name.indexOf('.');
        try {
            Class<?> type = Class.forName("io.posixsocket." + (dot < 0 ? name : name.substring(0, dot)));
            String member = name.substring(dot + 1);
            return dot < 0
                    || Stream.concat(
                                    Arrays.stream(type.getDeclaredMethods()).map(Method::getName),
                                    Arrays.stream(type.getDeclaredFields()).map(Field::getName))
                            .anyMatch(member::equals);
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Test
    void everyNameInTheTablesExists() {
        for (Row row : rows) {
            for (String name : code(row.java())) {
                if (name.startsWith("java.")) continue;
                assertThat(exists(name)).as("%s: %s", row.header, row.cells).isTrue();
            }
        }
    }

    @Test
    void everyNameThatIsCarriedHasATestThatExists() {
        for (Row row : rows) {
            if (!row.isCarried() || row.header.startsWith("npm")) continue;
            assertThat(code(row.cells.get(2)))
                    .as("%s: %s", row.header, row.cells)
                    .isNotEmpty()
                    .allMatch(PosixDocTest::exists);
        }
    }

    @Test
    void everyNameOfTheStandardHasItsRow() throws IOException {
        String header = "";
        int names = 0;
        for (String name : Files.readAllLines(
                Path.of(System.getProperty("posixsocket.basedir"), "core/src/test/resources/posix-names.txt"))) {
            if (name.startsWith("<")) header = name;
            if (name.isEmpty() || name.startsWith("<") || name.startsWith("#")) continue;
            String section = header;
            assertThat(rows.stream().filter(row -> row.header.equals(section)))
                    .as("%s in %s", name, section)
                    .anyMatch(row -> code(row.cells.get(0)).contains(name));
            names++;
        }
        assertThat(names).isGreaterThan(220);
    }

    @Test
    void everyPublicFunctionIsInTheTables() {
        Set<String> named =
                rows.stream().flatMap(row -> code(row.java()).stream()).collect(Collectors.toSet());
        Set<String> ours = new TreeSet<>();
        for (Class<?> type : List.of(
                PosixSocket.class,
                OwnedFd.class,
                PosixIo.class,
                PosixFile.class,
                Netdb.class,
                Inet.class,
                NetIf.class,
                SocketActivation.class,
                NioBridge.class)) {
            for (Method method : type.getDeclaredMethods()) {
                boolean isFunction = !method.getName().equals("toString");
                if (Modifier.isPublic(method.getModifiers()) && isFunction)
                    ours.add(type.getSimpleName() + "." + method.getName());
            }
        }
        assertThat(ours).hasSizeGreaterThan(70);
        assertThat(named).containsAll(ours);
    }

    @Test
    void theOriginHasThirteenFunctionsAndItsConstantsAreAllHere() {
        List<String> java = rows.stream()
                .filter(row -> row.header.startsWith("npm"))
                .map(Row::java)
                .toList();
        assertThat(java).filteredOn(name -> name.startsWith("`PosixSocket.")).hasSize(13);
        assertThat(java)
                .filteredOn(name -> name.startsWith("`SocketConstants."))
                .hasSizeGreaterThanOrEqualTo(121);
    }
}

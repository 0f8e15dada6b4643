package io.posixsocket.interop.peers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What came of each case with each pair, as a table in Markdown. */
final class InteropTable {
    private final List<String> columns = new ArrayList<>();
    private final Map<String, List<String>> rows = new LinkedHashMap<>();

    InteropTable(List<Case> cases) {
        cases.forEach(c -> rows.put(c.name(), new ArrayList<>()));
    }

    /** The pair that the next cells are of. */
    void column(String title) {
        columns.add(title);
        rows.values().forEach(cells -> cells.add("failed"));
    }

    /** A cell of the last column; "failed" until it is known. */
    void cell(Case row, String cell) {
        rows.get(row.name()).set(columns.size() - 1, cell);
    }

    String markdown() {
        StringBuilder table = new StringBuilder();
        line(table, "case", columns);
        line(table, "---", columns.stream().map(c -> "---").toList());
        rows.forEach((row, cells) -> line(table, row, cells));
        return table.toString();
    }

    private static void line(StringBuilder table, String first, List<String> others) {
        table.append("| ").append(first);
        for (String other : others) table.append(" | ").append(other);
        table.append(" |\n");
    }
}

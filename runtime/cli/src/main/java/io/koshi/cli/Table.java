package io.koshi.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rows of a payload under headings, as wide as they need. Confined to one thread. */
final class Table {
    private static final int WIDEST = 100;

    private final List<String[]> rows = new ArrayList<>();

    Table(String... headings) {
        rows.add(headings);
    }

    Table row(Object... cells) {
        String[] row = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            row[i] = cell(cells[i]);
        }
        rows.add(row);
        return this;
    }

    /**
     * One row for each map of a list, of these fields; dots go into nested maps, {@code a|b} is the first that
     * is there, {@code field=heading} names one.
     */
    static Table of(Object list, String... columns) {
        String[] fields = new String[columns.length];
        String[] headings = new String[columns.length];
        for (int i = 0; i < columns.length; i++) {
            int named = columns[i].indexOf('=');
            fields[i] = named < 0 ? columns[i] : columns[i].substring(0, named);
            headings[i] = columns[i].substring(named + 1);
        }
        Table table = new Table(headings);
        if (list instanceof List<?> maps) {
            for (Object each : maps) {
                Object[] cells = new Object[fields.length];
                for (int i = 0; i < fields.length; i++) {
                    cells[i] = at(each, fields[i]);
                }
                table.row(cells);
            }
        }
        return table;
    }

    boolean empty() {
        return rows.size() == 1;
    }

    /** A line each; {@code none} when there is no row. */
    String text(String none) {
        if (empty()) {
            return none + "\n";
        }
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }

    private static Object at(Object value, String paths) {
        for (String path : paths.split("\\|")) {
            Object here = value;
            for (String name : path.split("\\.")) {
                here = here instanceof Map<?, ?> map ? map.get(name) : null;
            }
            if (here != null) {
                return here;
            }
        }
        return null;
    }

    private static String cell(Object value) {
        String text = value == null ? "-" : value instanceof String s ? s : Json.write(value);
        String line = text.replace('\n', ' ').replace('\r', ' ');
        return line.length() <= WIDEST ? line : line.substring(0, WIDEST - 1) + "…";
    }
}

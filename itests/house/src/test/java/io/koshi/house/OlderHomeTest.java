package io.koshi.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.store.internal.SqliteStore;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that the first version of every room made and filled is taken over by today's, with all that is in it. */
class OlderHomeTest {
    private static final int ROWS = 40;

    /** Where each room keeps the steps of its tables. */
    private static final Map<String, String> ROOMS = Map.of(
            "agent", "io.koshi.agent.internal.TurnTables",
            "approval", "io.koshi.tool.internal.ApprovalTables",
            "buffer", "io.koshi.buffer.internal.Tables",
            "cron", "io.koshi.cron.internal.CronTables",
            "memory", "io.koshi.memory.internal.MemoryTables",
            "outbox", "io.koshi.outbox.internal.Ledger",
            "session", "io.koshi.session.internal.SessionTables",
            "skill", "io.koshi.skill.internal.SkillTables",
            "task", "io.koshi.task.internal.TaskTables");

    /** A status column gets what it may hold. */
    private static final List<String> STATES = List.of("queued", "leased", "done", "failed", "cancelled");

    @TempDir
    Path data;

    @Test
    void everyStepKeepsWhatTheOnesBeforeItHold() throws Exception {
        Map<String, List<String>> rooms = new TreeMap<>();
        for (Map.Entry<String, String> room : ROOMS.entrySet()) {
            rooms.put(room.getKey(), steps(room.getValue()));
        }
        int newest = rooms.values().stream().mapToInt(List::size).max().orElseThrow();
        assertThat(newest).isGreaterThan(1);
        for (int version = 1; version < newest; version++) {
            int from = version;
            Path home = data.resolve("from-" + version);
            migrate(home, rooms, version);
            fill(home);
            Path kept = Files.createDirectories(data.resolve("kept-" + version));
            Files.copy(home.resolve("koshi.db"), kept.resolve("koshi.db"));

            migrate(home, rooms, newest);
            migrate(home, rooms, newest); // a second start changes nothing

            Map<String, List<String>> before = tables(kept);
            Map<String, List<String>> after = tables(home);
            assertThat(after.keySet()).containsAll(before.keySet()).hasSizeGreaterThan(15);
            before.forEach((table, columns) -> {
                List<String> common = new ArrayList<>(columns);
                common.retainAll(after.get(table));
                String query = "SELECT " + String.join(" || '|' || ", quoted(common)) + " FROM " + table;
                assertThat(rows(home, query))
                        .as("%s of version %s", table, from)
                        .hasSize(ROWS)
                        .containsExactlyInAnyOrderElementsOf(rows(kept, query));
            });
            assertThat(rows(home, "PRAGMA integrity_check")).containsExactly("ok");
        }
    }

    @SuppressWarnings("unchecked")
    private static List<String> steps(String type) throws ReflectiveOperationException {
        Field steps = Class.forName(type).getDeclaredField("STEPS");
        steps.setAccessible(true);
        return (List<String>) steps.get(null);
    }

    private static void migrate(Path home, Map<String, List<String>> rooms, int version) throws Exception {
        SqliteStore store = new SqliteStore(settings(home));
        try {
            rooms.forEach((room, steps) -> store.migrate(room, steps.subList(0, Math.min(version, steps.size()))));
        } finally {
            store.close();
        }
    }

    /** The real configuration of an empty file, and where the data is. */
    private static Settings settings(Path home) throws Exception {
        Files.createDirectories(home);
        Config config = new RecordCodec().fromData(Map.of(), Config.class);
        return (Settings) Proxy.newProxyInstance(
                Settings.class.getClassLoader(),
                new Class<?>[] {Settings.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "config" -> config;
                    case "data", "home" -> home;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static void fill(Path home) throws SQLException {
        Map<String, List<String>> tables = tables(home);
        try (Connection connection = open(home);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false); // one commit for all: a slow disk takes minutes for thousands
            for (Map.Entry<String, List<String>> table : tables.entrySet()) {
                String name = table.getKey();
                List<String> columns = table.getValue();
                List<String> numbers = rows(
                        home, "SELECT name FROM pragma_table_info('" + name + "') WHERE type IN ('INTEGER', 'REAL')");
                for (int i = 1; i <= ROWS; i++) {
                    int row = i;
                    statement.executeUpdate("INSERT INTO " + name + " (" + String.join(", ", columns) + ") VALUES ("
                            + columns.stream()
                                    .map(column ->
                                            numbers.contains(column) ? Integer.toString(row) : value(name, column, row))
                                    .collect(Collectors.joining(", "))
                            + ")");
                }
            }
            connection.commit();
        }
    }

    private static String value(String table, String column, int row) {
        return column.equals("status") || column.equals("state")
                ? "'" + STATES.get(row % STATES.size()) + "'"
                : "'" + table + "-" + column + "-" + row + "'";
    }

    private static List<String> quoted(List<String> columns) {
        return columns.stream().map(column -> "quote(" + column + ")").toList();
    }

    /** The rooms' own tables and their columns; not those of one row that a step fills itself. */
    private static Map<String, List<String>> tables(Path home) {
        Map<String, List<String>> all = new TreeMap<>();
        for (String table : rows(home, """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                  AND name NOT LIKE 'koshi_%' AND name NOT IN ('task_epoch', 'buffer_mark')""")) {
            all.put(table, rows(home, "SELECT name FROM pragma_table_info('" + table + "')"));
        }
        return all;
    }

    private static List<String> rows(Path home, String query) {
        try (Connection connection = open(home);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    private static Connection open(Path home) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + home.resolve("koshi.db"));
    }
}

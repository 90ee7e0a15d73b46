package io.koshi.store.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The prepared statements of one connection, kept by their text. Confined to the connection's user. */
final class Statements implements AutoCloseable {
    private static final int KEPT = 256;

    private final Connection connection;
    private final LinkedHashMap<String, Prepared> kept = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Prepared> eldest) {
            if (size() <= KEPT || eldest.getValue().busy) {
                return false;
            }
            eldest.getValue().closeQuietly();
            return true;
        }
    };

    Statements(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    /** A statement for this text that nobody else uses until it is released. */
    Prepared borrow(String sql) throws SQLException {
        Prepared known = kept.get(sql);
        if (known == null) {
            known = new Prepared(connection.prepareStatement(sql), true);
            kept.put(sql, known);
        } else if (known.busy) { // a mapper that asks the same again, one level down
            known = new Prepared(connection.prepareStatement(sql), false);
        }
        known.busy = true;
        return known;
    }

    /** Forgets a statement that failed: the driver has closed it. */
    void discard(String sql) {
        Prepared failed = kept.remove(sql);
        if (failed != null) {
            failed.closeQuietly();
        }
    }

    /** Forgets all; for when the tables have changed. */
    void clear() {
        kept.values().forEach(Prepared::closeQuietly);
        kept.clear();
    }

    @Override
    public void close() {
        clear();
        Database.close(connection);
    }

    /** One prepared statement and the names of its columns. */
    static final class Prepared {
        final PreparedStatement statement;
        private final boolean keep;
        private boolean busy;
        private Map<String, Integer> columns;

        Prepared(PreparedStatement statement, boolean keep) {
            this.statement = statement;
            this.keep = keep;
        }

        Map<String, Integer> columns() throws SQLException {
            if (columns == null) {
                ResultSetMetaData meta = statement.getMetaData();
                columns = new HashMap<>();
                for (int i = 1; i <= meta.getColumnCount(); i++) {
                    columns.putIfAbsent(meta.getColumnLabel(i), i);
                }
            }
            return columns;
        }

        void release() {
            busy = false;
            if (!keep) {
                closeQuietly();
            }
        }

        private void closeQuietly() {
            try {
                statement.close();
            } catch (SQLException e) {
                // Closing reports again what the last step failed with, and that was reported then.
            }
        }
    }
}

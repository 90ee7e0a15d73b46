package io.koshi.store.internal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.ProgressHandler;

/**
 * Looks through the whole database beside the writer, once the hub has started and then daily.
 *
 * <p>A small file is checked whole, its indexes against their rows; of a larger one each table by itself, with a rest
 * as long as the table took before the next, so that no reader holds the log for long. What is under way at the end of
 * {@link #LONGEST} is left. SQLite keeps no checksum of a page: bytes changed inside of a text pass. Thread-safe.
 */
final class Soundness implements AutoCloseable {
    /** Up to this size the check is the thorough one. */
    private static final long WHOLE_BYTES = 32L << 20;

    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration AGAIN = Duration.ofDays(1);
    private static final int STEPS = 10_000; // between two looks at the clock
    private static final Logger LOG = LoggerFactory.getLogger(Soundness.class);

    private final Database database;
    private final Duration first;
    private final Thread thread = new Thread(this::loop, "koshi-store-look");
    private volatile boolean closed;
    private volatile String outcome = "not yet looked at";
    private volatile Instant at;

    Soundness(Database database, Duration first) {
        this.database = database;
        this.first = first;
        thread.setDaemon(true);
    }

    /** Begins to look, when all that a start writes is written. */
    void begin() {
        thread.start();
    }

    /** The outcome in a word or two and when it was. */
    Map<String, Object> data() {
        Instant when = at;
        return when == null ? Map.of("soundness", outcome) : Map.of("soundness", outcome, "lookedAt", when.toString());
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        Waits.join(thread);
    }

    private void loop() {
        Duration pause = first;
        while (rest(pause) && database.damage().found() == null) {
            look();
            pause = AGAIN;
        }
    }

    /** Whether the time has gone by and the store is still open. */
    private boolean rest(Duration pause) {
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); !closed && left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
        return !closed;
    }

    private void look() {
        long end = System.nanoTime() + LONGEST.toNanos();
        try (Connection connection = database.openReader();
                Statement statement = connection.createStatement()) {
            ProgressHandler.setHandler(connection, STEPS, new ProgressHandler() {
                @Override
                protected int progress() {
                    return closed || System.nanoTime() - end > 0 ? 1 : 0;
                }
            });
            boolean whole = Database.length(database.file()) <= WHOLE_BYTES;
            conclude(whole ? fault(statement, "PRAGMA integrity_check(1)") : faultInTables(connection, statement));
            ProgressHandler.clearHandler(connection);
        } catch (SQLException e) {
            if (SqlFailures.isDamage(e)) {
                database.damage().explain(e);
                outcome("damaged");
            } else if (SqlFailures.isInterrupted(e)) {
                outcome("too large to be looked through in " + LONGEST.toMinutes() + " minutes");
            } else {
                LOG.warn("The database could not be looked through: {}", e.getMessage());
            }
        }
    }

    private void conclude(String fault) {
        if (fault == null) {
            outcome("sound");
        } else {
            database.damage().found(fault);
            outcome("damaged");
        }
    }

    private void outcome(String words) {
        outcome = words;
        at = Instant.now();
    }

    private String faultInTables(Connection connection, Statement statement) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        for (String table : tables) {
            connection.rollback(); // the log may be moved up to here
            long began = System.nanoTime();
            String fault = fault(statement, "PRAGMA quick_check('" + table + "')");
            connection.rollback();
            if (fault != null || !rest(Duration.ofNanos(System.nanoTime() - began))) {
                return fault;
            }
        }
        return null;
    }

    private static String fault(Statement statement, String check) throws SQLException {
        try (ResultSet rows = statement.executeQuery(check)) {
            String words = rows.next() ? rows.getString(1) : "ok";
            return "ok".equals(words) ? null : words;
        }
    }
}

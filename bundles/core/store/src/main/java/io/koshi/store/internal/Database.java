package io.koshi.store.internal;

import io.koshi.api.KoshiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** The database file: opens connections to it the one way the hub uses it. Thread-safe. */
final class Database {
    /**
     * Bytes of a page. Twice SQLite's default: half the system calls for bodies of 6 to 26 KB; still larger
     * ones cost a whole page in the log for each random insert into an index (docs/rooms/store.md).
     */
    static final int PAGE = 8192;

    /** How long a statement waits for another process's lock. */
    static final int BUSY_MS = 5000;

    /** Up to this size a file that was not closed is checked whole before it is used. */
    private static final long CHECKED_BYTES = 8L << 20;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    private final Path file;
    private final int busyMillis;
    private final Damage damage;

    Database(Path file) {
        this(file, BUSY_MS);
    }

    Database(Path file, int busyMillis) {
        this.file = file;
        this.busyMillis = busyMillis;
        this.damage = new Damage(file);
    }

    Damage damage() {
        return damage;
    }

    Path file() {
        return file;
    }

    Path wal() {
        return file.resolveSibling(file.getFileName() + "-wal");
    }

    /**
     * Opens the writer's connection, creating the file where there is none.
     *
     * @throws KoshiException SERVICE_UNAVAILABLE when it is locked, damaged or cannot be written
     */
    Connection openWriter() {
        boolean unclean = length(wal()) > 0;
        boolean suspected = damage.suspected();
        refuseForeignFile();
        Connection connection = null;
        try {
            if (unclean) {
                refuseLostCommits();
            }
            if (suspected || unclean && length(file) <= CHECKED_BYTES) {
                check();
            }
            connection = connect(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA page_size=" + PAGE);
                statement.execute("PRAGMA journal_mode=WAL");
                statement.execute("PRAGMA synchronous=FULL");
                statement.execute("PRAGMA wal_autocheckpoint=0");
                statement.execute("PRAGMA journal_size_limit=" + Checkpoints.MOST_BYTES);
                statement.execute("PRAGMA foreign_keys=ON");
                statement.execute("PRAGMA temp_store=MEMORY");
                statement.execute("PRAGMA cache_size=-16384");
                // The first write finds out whether another process holds the file or its disk is read-only.
                statement.execute("BEGIN IMMEDIATE");
                statement.execute("ROLLBACK");
            }
            if (suspected) {
                damage.gone();
            }
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            close(connection);
            throw damage.explain(e);
        } catch (RuntimeException e) {
            close(connection);
            throw e;
        }
    }

    /** Opens a connection that cannot write; the writer's must have been opened before. */
    Connection openReader() throws SQLException {
        Connection connection = connect(true);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only=ON");
            statement.execute("PRAGMA cache_size=-4096");
        }
        connection.setAutoCommit(false);
        return connection;
    }

    /** A connection that only moves the log into the file. */
    Connection openCheckpointer() throws SQLException {
        Connection connection = connect(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous=FULL");
            statement.execute("PRAGMA wal_autocheckpoint=0");
            statement.execute("PRAGMA cache_size=-64");
        }
        return connection;
    }

    /** As the last that is done with the file: moves all of the log into it, unless it is damaged, and closes. */
    void closeClean(Connection connection) {
        if (damage.found() != null) {
            closeAsItIs(connection);
            return;
        }
        try {
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }
        } catch (SQLException e) {
            LOG.warn("The log was not moved into the database at the stop; the next start does it: {}", e.getMessage());
        }
        close(connection);
    }

    /** Whoever closes last moves the log, unless it cannot write: then an earlier state of a page is still there. */
    private void closeAsItIs(Connection connection) {
        try (Connection last = openReader();
                Statement statement = last.createStatement();
                ResultSet any = statement.executeQuery("SELECT 1 FROM sqlite_schema")) {
            close(connection);
        } catch (SQLException e) {
            LOG.warn("The log of the damaged database may have been moved into it: {}", e.getMessage());
            close(connection);
        }
    }

    static long length(Path file) {
        return file.toFile().length();
    }

    static void close(Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.warn("A connection to the database did not close: {}", e.getMessage());
            }
        }
    }

    private Connection connect(boolean readOnly) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(busyMillis); // the driver sets it before the first statement
        config.setReadOnly(readOnly);
        config.setGetGeneratedKeys(false); // or each INSERT asks for its row in a statement of its own
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source.getConnection();
    }

    /** Once something is written, it is written over them. */
    private void refuseLostCommits() {
        try {
            LogTail.Lost lost = LogTail.in(wal());
            if (lost != null) {
                throw SqlFailures.logDamaged(wal(), lost);
            }
        } catch (IOException e) {
            LOG.warn("The end of the database's log could not be looked at: {}", e.getMessage());
        }
    }

    /** A connection that cannot write leaves the log as it is, also as the last that closes. */
    private void check() throws SQLException {
        if (length(file) == 0) {
            return; // all there is, is in the log, and only who may write can read that
        }
        try (Connection connection = connect(true);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
            if (row.next() && !"ok".equals(row.getString(1))) {
                throw damage.found(row.getString(1));
            }
        }
    }

    /** SQLite would take a short foreign file for an empty database and write over it. */
    private void refuseForeignFile() {
        if (length(file) == 0) {
            return;
        }
        try (InputStream in = Files.newInputStream(file)) {
            if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw SqlFailures.damaged(file, null);
            }
        } catch (IOException e) {
            throw SqlFailures.explain(
                    new SQLException(e.getMessage(), null, org.sqlite.SQLiteErrorCode.SQLITE_CANTOPEN.code, e), file);
        }
    }
}

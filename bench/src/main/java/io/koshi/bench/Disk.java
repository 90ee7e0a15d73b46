package io.koshi.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.sqlite.SQLiteDataSource;

/** What the disk gives plain SQLite: rows a second in commits of a size, WAL, synchronous=FULL. */
final class Disk {
    private Disk() {}

    /** Rows a second when {@code group} rows share a commit, for about {@code seconds}. */
    static double rows(Path directory, List<byte[]> bodies, int group, double seconds) throws Exception {
        Path file = Files.createTempFile(directory, "disk", ".db");
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + file);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=FULL");
            statement.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)");
            connection.setAutoCommit(false);
            run(connection, bodies, group, seconds / 4);
            return run(connection, bodies, group, seconds);
        } finally {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(Path.of(file + suffix));
            }
        }
    }

    private static double run(Connection connection, List<byte[]> bodies, int group, double seconds)
            throws SQLException {
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * 1e9);
        long rows = 0;
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO row (body) VALUES (?)")) {
            while (System.nanoTime() < end) {
                for (int i = 0; i < group; i++) {
                    insert.setBytes(1, bodies.get((int) (rows++ % bodies.size())));
                    insert.executeUpdate();
                }
                connection.commit();
            }
        }
        return rows / ((System.nanoTime() - begin) / 1e9);
    }
}

package io.koshi.store.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.store.Tx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/** Which versions of a room's tables were applied, and which are to come. */
final class Migrations {
    static final String TABLE = """
            CREATE TABLE IF NOT EXISTS koshi_migration (
                room TEXT NOT NULL, version INTEGER NOT NULL, sha256 TEXT NOT NULL, at INTEGER NOT NULL,
                PRIMARY KEY (room, version)) WITHOUT ROWID
            """;

    private static final Pattern SEPARATOR = Pattern.compile("(?m)^[ \\t]*;[ \\t]*$");

    private Migrations() {}

    /**
     * How many of a room's steps the database has.
     *
     * @throws KoshiException CONFLICT when one of them was changed since, or the database has more
     */
    static int applied(Tx tx, String room, List<String> steps) {
        List<String> hashes = tx.query(
                "SELECT sha256 FROM koshi_migration WHERE room = ? ORDER BY version", row -> row.text("sha256"), room);
        if (hashes.size() > steps.size()) {
            throw new KoshiException(
                    ErrorCode.CONFLICT,
                    "the database was written by a newer Koshi (tables of '" + room + "' have version " + hashes.size()
                            + ", this one knows " + steps.size()
                            + "): start the newer one again, or put a copy of data/ from before it in place");
        }
        for (int i = 0; i < hashes.size(); i++) {
            if (!hashes.get(i).equals(sha256(steps.get(i)))) {
                throw new KoshiException(
                        ErrorCode.CONFLICT,
                        "step " + (i + 1) + " of the tables of '" + room
                                + "' was changed after it had been applied: put it back as it was and add a step");
            }
        }
        return hashes.size();
    }

    /** Applies one step, whole or not at all. */
    static void apply(Tx tx, Connection connection, String room, int version, String step) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : SEPARATOR.split(step)) {
                if (!sql.isBlank()) {
                    statement.executeUpdate(sql);
                }
            }
        }
        tx.update(
                "INSERT INTO koshi_migration (room, version, sha256, at) VALUES (?, ?, ?, ?)",
                room,
                version,
                sha256(step),
                Instant.now());
    }

    private static String sha256(String step) {
        try {
            byte[] text = step.strip().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

package io.koshi.store.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.sqlite.SQLiteErrorCode;

/** Says what SQLite's error codes mean for the hub and what a person should do. */
final class SqlFailures {
    private SqlFailures() {}

    /** A failure of SQL as the hub's own; see sqlite.org/rescode.html for the codes. */
    static KoshiException explain(SQLException e, Path file) {
        return switch (primary(e)) {
            case SQLITE_CONSTRAINT ->
                new KoshiException(ErrorCode.CONFLICT, "the write breaks a rule of the database: " + e.getMessage(), e);
            case SQLITE_FULL ->
                unavailable("the disk that holds " + file + " is full; free some space, writing goes on by itself", e);
            case SQLITE_CANTOPEN ->
                unavailable(
                        "the database " + file + " cannot be opened; it must be a file, in a directory, that the hub's"
                                + " user may read and write",
                        e);
            case SQLITE_IOERR ->
                unavailable("the disk does not take writes to " + file + "; check the disk and the system log", e);
            case SQLITE_READONLY, SQLITE_PERM ->
                unavailable(
                        "the database " + file + " may not be written; give the hub's user write access to it and its"
                                + " directory",
                        e);
            case SQLITE_BUSY, SQLITE_LOCKED ->
                unavailable(
                        "another process holds the database " + file + "; end it (fuser " + file
                                + " names it), then try again",
                        e);
            case SQLITE_CORRUPT, SQLITE_NOTADB -> damaged(file, e);
            default -> new KoshiException(ErrorCode.INTERNAL, "the database refused a statement: " + e.getMessage(), e);
        };
    }

    static KoshiException damaged(Path file, Throwable cause) {
        return new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                "the database " + file + " is damaged and was left as it is; stop the hub, keep a copy of it with its"
                        + " -wal file, then put an earlier copy in its place, or what 'sqlite3 FILE .recover' gets out of it",
                cause);
    }

    /** Whether SQLite may have rolled the whole transaction back, not only the statement. */
    static boolean endsTransaction(SQLException e) {
        return switch (primary(e)) {
            case SQLITE_FULL,
                    SQLITE_IOERR,
                    SQLITE_NOMEM,
                    SQLITE_BUSY,
                    SQLITE_LOCKED,
                    SQLITE_INTERRUPT,
                    SQLITE_CORRUPT,
                    SQLITE_NOTADB,
                    SQLITE_CANTOPEN,
                    SQLITE_READONLY,
                    SQLITE_PERM -> true;
            default -> false;
        };
    }

    /** The primary result code; the driver reports extended ones, whose low byte it is. */
    private static SQLiteErrorCode primary(SQLException e) {
        return SQLiteErrorCode.getErrorCode(e.getErrorCode() & 0xFF);
    }

    private static KoshiException unavailable(String sentence, Throwable cause) {
        return new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, sentence, List.of(), Duration.ofSeconds(5), cause);
    }
}

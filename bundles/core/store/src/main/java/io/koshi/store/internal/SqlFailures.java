package io.koshi.store.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

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
            case SQLITE_CORRUPT, SQLITE_NOTADB ->
                ofTextIndex(e)
                        ? unavailable(
                                "an index of words in " + file + " does not fit itself; 'koshi memories rebuild' makes"
                                        + " the memories' anew",
                                e)
                        : damaged(file, e);
            default -> new KoshiException(ErrorCode.INTERNAL, "the database refused a statement: " + e.getMessage(), e);
        };
    }

    /** What is said of commits behind damage in the log. */
    static KoshiException logDamaged(Path wal, LogTail.Lost lost) {
        return new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                wal + " is damaged " + lost.length() + " bytes from its begin and was left as it is, for at least "
                        + lost.commits() + " commits behind that would be lost; keep a copy of it and of the database,"
                        + " then put earlier copies of both in place, or go on without those commits: truncate -s "
                        + lost.length() + " " + wal);
    }

    static KoshiException damaged(Path file, Throwable cause) {
        return new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                "the database " + file + " is damaged and was left as it is; stop the hub, keep a copy of it with its"
                        + " -wal file, then put an earlier copy in its place, or what 'sqlite3 FILE .recover' gets out of it",
                cause);
    }

    /** Whether bytes of the file are not what SQLite wrote; a text index that does not fit itself is less than that. */
    static boolean isDamage(SQLException e) {
        return (primary(e) == SQLiteErrorCode.SQLITE_CORRUPT && !ofTextIndex(e))
                || primary(e) == SQLiteErrorCode.SQLITE_NOTADB;
    }

    static boolean isInterrupted(SQLException e) {
        return primary(e) == SQLiteErrorCode.SQLITE_INTERRUPT;
    }

    private static boolean ofTextIndex(SQLException e) {
        return e instanceof SQLiteException known && known.getResultCode() == SQLiteErrorCode.SQLITE_CORRUPT_VTAB;
    }

    /** Whether SQLite may have rolled the whole transaction back, not only the statement. */
    static boolean endsTransaction(SQLException e) {
        if (ofTextIndex(e)) {
            return false;
        }
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

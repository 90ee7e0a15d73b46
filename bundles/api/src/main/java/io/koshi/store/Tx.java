package io.koshi.store;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A transaction, confined to the work it was given to. Arguments may be String, Integer, Long, Double,
 * Boolean (0 or 1), {@code byte[]}, {@link java.time.Instant} (milliseconds since the epoch), an enum
 * (its name in lower case), an Optional of those, or null.
 */
@ProviderType
public interface Tx {
    /** Runs a statement and returns the number of rows it changed. */
    int update(String sql, Object... args);

    /** Runs an INSERT and returns the row's generated key, or -1 when it inserted nothing. */
    long insert(String sql, Object... args);

    <T> List<T> query(String sql, RowMapper<T> mapper, Object... args);

    /** The first row, if there is one. */
    <T> Optional<T> first(String sql, RowMapper<T> mapper, Object... args);

    /** The first column of the first row as a number, 0 where there is none. */
    long number(String sql, Object... args);

    /** Runs after the commit is on disk, on the store's completion thread; must be short. */
    void afterCommit(Runnable then);
}

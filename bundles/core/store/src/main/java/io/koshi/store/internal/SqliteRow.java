package io.koshi.store.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.store.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The row a result set stands on. Confined to the query that reads it. */
final class SqliteRow implements Row {
    private final ResultSet result;
    private final Map<String, Integer> columns;

    SqliteRow(ResultSet result, Map<String, Integer> columns) {
        this.result = result;
        this.columns = columns;
    }

    @Override
    public String text(String column) {
        return get(column, ResultSet::getString);
    }

    @Override
    public Optional<String> optional(String column) {
        return Optional.ofNullable(text(column));
    }

    @Override
    public long number(String column) {
        return get(column, ResultSet::getLong);
    }

    @Override
    public double real(String column) {
        return get(column, ResultSet::getDouble);
    }

    @Override
    public boolean flag(String column) {
        return number(column) != 0;
    }

    @Override
    public byte[] bytes(String column) {
        return get(column, ResultSet::getBytes);
    }

    @Override
    public Instant instant(String column) {
        long millis = number(column);
        return millis == 0 && isNull(column) ? null : Instant.ofEpochMilli(millis);
    }

    @Override
    public boolean isNull(String column) {
        return get(column, (row, index) -> {
            row.getLong(index);
            return row.wasNull();
        });
    }

    /** Reads one column by its number. */
    private interface Getter<T> {
        T get(ResultSet row, int index) throws SQLException;
    }

    private <T> T get(String column, Getter<T> getter) {
        Integer index = columns.get(column);
        if (index == null) {
            throw new KoshiException(
                    ErrorCode.INTERNAL, "the query has no column '" + column + "', only " + columns.keySet());
        }
        try {
            return getter.get(result, index);
        } catch (SQLException e) {
            throw new KoshiException(ErrorCode.INTERNAL, "cannot read column '" + column + "'", e);
        }
    }
}

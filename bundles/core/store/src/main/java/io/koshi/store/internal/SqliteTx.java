package io.koshi.store.internal;

import io.koshi.api.KoshiException;
import io.koshi.store.RowMapper;
import io.koshi.store.Tx;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What one work may do on one connection. Confined to the thread that runs the work. */
final class SqliteTx implements Tx {
    /** What a changed row costs beside its values, roughly. */
    private static final int STATEMENT_BYTES = 256;

    private final Statements statements;
    private final Damage damage;
    private List<Runnable> hooks = List.of();
    private KoshiException broken;
    private long bytes;

    SqliteTx(Statements statements, Damage damage) {
        this.statements = statements;
        this.damage = damage;
    }

    @Override
    public int update(String sql, Object... args) {
        return run(sql, args, prepared -> prepared.statement.executeUpdate());
    }

    @Override
    public long insert(String sql, Object... args) {
        return update(sql, args) == 0 ? -1 : number("SELECT last_insert_rowid()");
    }

    @Override
    public <T> List<T> query(String sql, RowMapper<T> mapper, Object... args) {
        return select(sql, mapper, Integer.MAX_VALUE, args);
    }

    @Override
    public <T> Optional<T> first(String sql, RowMapper<T> mapper, Object... args) {
        List<T> rows = select(sql, mapper, 1, args);
        return rows.isEmpty() ? Optional.empty() : Optional.ofNullable(rows.get(0));
    }

    @Override
    public long number(String sql, Object... args) {
        return run(sql, args, prepared -> {
            try (ResultSet rows = prepared.statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0L;
            }
        });
    }

    @Override
    public void afterCommit(Runnable then) {
        if (hooks.isEmpty()) {
            hooks = new ArrayList<>(2);
        }
        hooks.add(then);
    }

    List<Runnable> hooks() {
        return hooks;
    }

    /** About how many bytes the arguments of this transaction had. */
    long bytes() {
        return bytes;
    }

    /** Non-null when SQLite gave the whole transaction up, even if the work went on as if it had not. */
    KoshiException broken() {
        return broken;
    }

    private <T> List<T> select(String sql, RowMapper<T> mapper, int limit, Object... args) {
        return run(sql, args, prepared -> {
            List<T> rows = new ArrayList<>();
            try (ResultSet result = prepared.statement.executeQuery()) {
                SqliteRow row = new SqliteRow(result, prepared.columns());
                while (rows.size() < limit && result.next()) {
                    rows.add(mapper.map(row));
                }
            }
            return rows;
        });
    }

    /** One execution of a statement whose arguments are set. */
    private interface Step<T> {
        T run(Statements.Prepared prepared) throws SQLException;
    }

    private <T> T run(String sql, Object[] args, Step<T> step) {
        if (broken != null) {
            throw broken;
        }
        Statements.Prepared prepared = null;
        try {
            prepared = statements.borrow(sql);
            bytes += STATEMENT_BYTES;
            for (int i = 0; i < args.length; i++) {
                bind(prepared.statement, i + 1, args[i]);
            }
            return step.run(prepared);
        } catch (SQLException e) {
            statements.discard(sql);
            KoshiException failure = damage.explain(e);
            if (SqlFailures.endsTransaction(e)) {
                broken = failure;
            }
            throw failure;
        } finally {
            if (prepared != null) {
                prepared.release();
            }
        }
    }

    private void bind(PreparedStatement statement, int index, Object value) throws SQLException {
        if (value instanceof String text) {
            statement.setString(index, text);
            bytes += text.length();
        } else if (value instanceof Long number) {
            statement.setLong(index, number);
        } else if (value instanceof Integer number) {
            statement.setInt(index, number);
        } else if (value instanceof byte[] raw) {
            statement.setBytes(index, raw);
            bytes += raw.length;
        } else if (value == null) {
            statement.setNull(index, java.sql.Types.NULL);
        } else if (value instanceof Instant instant) {
            statement.setLong(index, instant.toEpochMilli());
        } else if (value instanceof Boolean flag) {
            statement.setInt(index, flag ? 1 : 0);
        } else if (value instanceof Double real) {
            statement.setDouble(index, real);
        } else if (value instanceof Enum<?> word) {
            statement.setString(index, word.name().toLowerCase(Locale.ROOT));
        } else if (value instanceof Optional<?> optional) {
            bind(statement, index, optional.orElse(null));
        } else {
            throw new IllegalArgumentException("the store cannot keep a " + value.getClass());
        }
    }
}

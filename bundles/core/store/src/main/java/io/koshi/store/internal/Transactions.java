package io.koshi.store.internal;

import io.koshi.api.KoshiException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs writes in transactions on the one writing connection.
 *
 * <p>A group first runs bare. When one of its works fails the group is rolled back and every work runs
 * again behind a savepoint of its own, so that a failing one takes nothing of its neighbours along; a work
 * so runs at most twice. When the commit itself fails, or SQLite gives the transaction up (full disk, I/O
 * error), every write of the group fails and none was acknowledged; the next group tries afresh, unless the
 * file was found damaged: then all fail. Confined to whoever holds the writer; the counts may be read by anyone.
 */
final class Transactions {
    private static final long GROUP_NANOS = Duration.ofMillis(20).toNanos();
    private static final long SLOW_NANOS = Duration.ofMillis(50).toNanos();
    private static final int COMMIT_BYTES = 2 * Database.PAGE;
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    private final Statements statements;
    private final Damage damage;

    private volatile Runnable afterEach = () -> {};
    private volatile long commits;
    private volatile long writes;
    private volatile long written;
    private volatile KoshiException lastFailure;

    Transactions(Statements statements, Damage damage) {
        this.statements = statements;
        this.damage = damage;
    }

    /** Calls back after each commit; must cost next to nothing. */
    void afterEach(Runnable then) {
        afterEach = then;
    }

    long commits() {
        return commits;
    }

    long writes() {
        return writes;
    }

    /** About how many bytes of arguments were written since the start. */
    long written() {
        return written;
    }

    /** Why the database cannot be written, null when the last group could. */
    KoshiException lastFailure() {
        return lastFailure;
    }

    /** Commits as many as fit into one transaction's time and returns their number; the fate of those is decided then. */
    int commit(List<Pending<?>> waiting) {
        if (damage.found() != null) {
            failAll(waiting, damage.found());
            return waiting.size();
        }
        int size = 0;
        try {
            size = runBare(waiting);
        } catch (Failed failed) {
            size = failed.index + 1;
            if (!failed.transaction) {
                size = runGuarded(waiting, size);
            } else {
                failAll(waiting.subList(0, size), failed.cause);
            }
        }
        return size;
    }

    /** A work that failed, and whether the transaction went with it. */
    private static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;
        private final int index;
        private final boolean transaction;
        private final transient Throwable cause;

        Failed(int index, boolean transaction, Throwable cause) {
            super(null, cause, false, false);
            this.index = index;
            this.transaction = transaction;
            this.cause = cause;
        }
    }

    private int runBare(List<Pending<?>> waiting) throws Failed {
        long start = System.nanoTime();
        long bytes = 0;
        int done = 0;
        for (Pending<?> write : waiting) {
            bytes += runOne(write, done);
            done++;
            if (tookTooLong(start, write, done)) {
                break;
            }
        }
        commitOrFail(waiting.subList(0, done), bytes);
        return done;
    }

    private boolean tookTooLong(long start, Pending<?> write, int done) {
        long took = System.nanoTime() - start;
        if (took > SLOW_NANOS && done == 1) {
            LOG.warn(
                    "{} held the database's writer for {} ms",
                    write.work.getClass().getName(),
                    took / 1_000_000);
        }
        return took > GROUP_NANOS;
    }

    private long runOne(Pending<?> write, int index) throws Failed {
        SqliteTx tx = new SqliteTx(statements, damage);
        try {
            write.run(tx);
        } catch (Throwable e) { // whatever a room throws is that room's failure
            rollback();
            throw new Failed(index, tx.broken() != null, tx.broken() != null ? tx.broken() : e);
        }
        if (tx.broken() != null) {
            rollback();
            throw new Failed(index, true, tx.broken());
        }
        return tx.bytes();
    }

    /** Runs the first {@code size} writes each behind a savepoint, so that each fails alone. */
    private int runGuarded(List<Pending<?>> waiting, int size) {
        List<Pending<?>> group = waiting.subList(0, size);
        long bytes = 0;
        try {
            for (Pending<?> write : group) {
                execute("SAVEPOINT work");
                SqliteTx tx = new SqliteTx(statements, damage);
                try {
                    write.run(tx);
                } catch (Throwable e) { // as above
                    write.fail(e);
                }
                if (tx.broken() != null) {
                    rollback();
                    failAll(group, tx.broken());
                    return size;
                }
                if (write.failed()) {
                    execute("ROLLBACK TO work");
                } else {
                    bytes += tx.bytes();
                }
                execute("RELEASE work");
            }
            commitOrFail(group, bytes);
        } catch (SQLException e) {
            rollback();
            failAll(group, damage.explain(e));
        }
        return size;
    }

    private void commitOrFail(List<Pending<?>> group, long bytes) {
        try {
            execute("COMMIT"); // prepared; the driver's own commit() parses two statements each time
            beginAgain();
            commits = commits + 1;
            writes = writes + group.size();
            written = written + bytes + COMMIT_BYTES;
            if (lastFailure != null) {
                LOG.info("The database takes writes again");
                lastFailure = null;
            }
            afterEach.run();
        } catch (SQLException e) {
            rollback();
            failAll(group, damage.explain(e));
        }
    }

    private void failAll(List<Pending<?>> group, Throwable cause) {
        group.forEach(write -> write.fail(cause));
        if (cause instanceof KoshiException known) {
            if (lastFailure == null) {
                LOG.error("The database cannot be written: {}", known.getMessage());
            }
            lastFailure = known;
        }
    }

    private void rollback() {
        try {
            statements.connection().rollback();
        } catch (SQLException e) {
            // SQLite had already rolled back by itself; what matters is that a new transaction begins.
            beginAgain();
        }
    }

    /** The driver begins only after a rollback of its own that worked. */
    private void beginAgain() {
        try {
            execute("BEGIN");
        } catch (SQLException e) {
            LOG.warn("The database's writer could not begin anew: {}", e.getMessage());
        }
    }

    private void execute(String sql) throws SQLException {
        Statements.Prepared prepared = statements.borrow(sql);
        try {
            prepared.statement.executeUpdate();
        } catch (SQLException e) {
            statements.discard(sql);
            throw e;
        } finally {
            prepared.release();
        }
    }
}

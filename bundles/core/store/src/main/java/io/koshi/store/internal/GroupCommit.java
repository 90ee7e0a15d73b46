package io.koshi.store.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer: joins the writes that wait into one commit.
 *
 * <p>A group first runs bare. When one of its works fails the group is rolled back and every work runs
 * again behind a savepoint of its own, so that a failing one takes nothing of its neighbours along; a work
 * so runs at most twice. When the commit itself fails, or SQLite gives the transaction up (full disk, I/O
 * error), every write of the group fails and none was acknowledged; the next group tries afresh.
 * Thread-safe.
 */
final class GroupCommit implements AutoCloseable {
    /** Writes that may wait; beyond that callers are told to come again. */
    static final int QUEUE = 8192;

    private static final int GROUP = 512;
    private static final long GROUP_NANOS = Duration.ofMillis(20).toNanos();
    private static final long SLOW_NANOS = Duration.ofMillis(50).toNanos();
    private static final int RELEASED_BY_WRITER = 4;
    private static final int COMMIT_BYTES = 2 * Database.PAGE;
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    private final ArrayBlockingQueue<Pending<?>> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Statements statements;
    private final Path file;
    private final Completions completions;
    private final Thread thread = new Thread(this::loop, "koshi-store-writer");
    private final AtomicBoolean closing = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Runnable> chores = new ConcurrentLinkedQueue<>();

    private volatile Runnable afterEach = () -> {};
    private volatile long commits;
    private volatile long writes;
    private volatile long written;
    private volatile long groupSince;
    private volatile KoshiException lastFailure;

    GroupCommit(Statements statements, Path file, Completions completions) {
        this.statements = statements;
        this.file = file;
        this.completions = completions;
        thread.setDaemon(true);
        thread.start();
    }

    /** Queues a write; fails it at once when too many wait or the store is closed. */
    void add(Pending<?> write) {
        if (closing.get()) {
            write.future.completeExceptionally(closed());
        } else if (!queue.offer(write)) {
            write.future.completeExceptionally(KoshiException.overloaded(
                    "the database has " + QUEUE + " writes waiting; try again", Duration.ofSeconds(1)));
        } else if (closing.get() && queue.remove(write)) {
            write.future.completeExceptionally(closed());
        }
    }

    /** What to do with the writer's connection outside of any transaction. */
    @FunctionalInterface
    interface Chore<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Runs a chore on the writer's thread between two commits. */
    <T> CompletableFuture<T> between(Chore<T> chore) {
        CompletableFuture<T> done = new CompletableFuture<>();
        chores.add(() -> {
            try {
                done.complete(chore.run(statements.connection()));
            } catch (SQLException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        Pending<Void> nudge = new Pending<>(tx -> null, true);
        nudge.future.whenComplete((nothing, failure) -> {
            if (failure != null) {
                done.completeExceptionally(failure);
            }
        });
        add(nudge);
        return done;
    }

    /** Calls back on the writer's thread after each commit; must cost next to nothing. */
    void afterEach(Runnable then) {
        afterEach = then;
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
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

    int queued() {
        return queue.size();
    }

    /** How long the group under way has taken, 0 when there is none. */
    Duration busyFor() {
        long since = groupSince;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** Why the database cannot be written, null when the last group could. */
    KoshiException lastFailure() {
        return lastFailure;
    }

    /** Commits what waits, then ends. */
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            Pending<Void> last = new Pending<>(tx -> null, true);
            boolean interrupted = false;
            while (true) {
                try {
                    queue.put(last);
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        Waits.join(thread);
    }

    private KoshiException closed() {
        return new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the hub is stopping; try again when it is back");
    }

    private void loop() {
        List<Pending<?>> taken = new ArrayList<>(GROUP);
        while (!closing.get() || !queue.isEmpty()) {
            taken.add(Waits.take(queue));
            queue.drainTo(taken, GROUP - 1);
            groupSince = System.nanoTime();
            for (Runnable chore = chores.poll(); chore != null; chore = chores.poll()) {
                chore.run();
            }
            int from = 0;
            while (from < taken.size()) {
                from += commit(taken.subList(from, taken.size()));
            }
            groupSince = 0;
            taken.clear();
        }
    }

    /** Commits as many as fit into one transaction's time and returns their number. */
    private int commit(List<Pending<?>> waiting) {
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
        List<Pending<?>> group = new ArrayList<>(waiting.subList(0, size));
        release(group);
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
        SqliteTx tx = new SqliteTx(statements, file);
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
                SqliteTx tx = new SqliteTx(statements, file);
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
            failAll(group, SqlFailures.explain(e, file));
        }
        return size;
    }

    private void commitOrFail(List<Pending<?>> group, long bytes) {
        try {
            statements.connection().commit();
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
            failAll(group, SqlFailures.explain(e, file));
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

    /** The driver begins only after a rollback that worked. */
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

    /** A few waiting threads are woken from here, which saves them a thread switch; many would hold the writer up. */
    private void release(List<Pending<?>> group) {
        if (group.size() > RELEASED_BY_WRITER) {
            completions.add(group);
            return;
        }
        List<Pending<?>> rest = new ArrayList<>(group.size());
        for (Pending<?> write : group) {
            if (write.awaited) {
                write.complete();
            }
            if (!write.awaited || write.hasHooks()) {
                rest.add(write);
            }
        }
        completions.add(rest);
    }
}

package io.koshi.store.internal;

import io.koshi.api.KoshiException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A few connections that only read, opened when first needed. Thread-safe. */
final class Readers implements AutoCloseable {
    private static final int SIZE = 8;
    private static final Duration WAIT = Duration.ofSeconds(10);

    private final Database database;
    private final Semaphore free = new Semaphore(SIZE, true);
    private final ConcurrentLinkedDeque<Reader> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger schema = new AtomicInteger();
    private volatile boolean closed;

    Readers(Database database) {
        this.database = database;
    }

    /** One connection's statements and the version of the tables they were prepared for. */
    static final class Reader {
        final Statements statements;
        private int schema;

        private Reader(Statements statements, int schema) {
            this.statements = statements;
            this.schema = schema;
        }
    }

    /**
     * A connection for the calling thread alone, until it is given back.
     *
     * @throws KoshiException OVERLOADED when all are in use for {@link #WAIT}
     */
    Reader borrow() throws SQLException {
        acquire();
        try {
            Reader reader = idle.pollFirst();
            int now = schema.get();
            if (reader == null) {
                return new Reader(new Statements(database.openReader()), now);
            }
            if (reader.schema != now) {
                reader.statements.clear();
                reader.schema = now;
            }
            return reader;
        } catch (SQLException | RuntimeException e) {
            free.release();
            throw e;
        }
    }

    /** Ends the reader's snapshot and keeps its connection for the next. */
    void giveBack(Reader reader) {
        try {
            reader.statements.connection().rollback();
            idle.addFirst(reader);
        } catch (SQLException e) {
            reader.statements.close();
        } finally {
            free.release();
        }
        if (closed) {
            closeIdle();
        }
    }

    /** Statements prepared before now may name columns that are no more. */
    void schemaChanged() {
        schema.incrementAndGet();
    }

    @Override
    public void close() {
        closed = true;
        closeIdle();
    }

    private void closeIdle() {
        for (Reader reader = idle.pollFirst(); reader != null; reader = idle.pollFirst()) {
            reader.statements.close();
        }
    }

    /** An interrupted caller still reads: its thread's flag says nothing about the database. */
    private void acquire() {
        if (free.tryAcquire()) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            if (!free.tryAcquire(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw KoshiException.overloaded("all " + SIZE + " readers of the database are busy", WAIT);
            }
        } catch (InterruptedException e) {
            interrupted = true;
            free.acquireUninterruptibly();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

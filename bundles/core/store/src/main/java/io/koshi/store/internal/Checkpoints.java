package io.koshi.store.internal;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the write-ahead log into the file beside the writer, and keeps the log bounded.
 *
 * <p>Passive checkpoints run on a connection of their own while the writer goes on. Under steady load they
 * never catch up, and only a log that is moved whole can be begun anew; so when it has grown past {@link
 * #RESET_BYTES} this goes on until little is left, and the writer moves that rest between two commits. SQLite
 * syncs the file only when all of the log is in it, which would be in the writer's part: so it is synced from
 * here each time, while little is to be synced.
 *
 * <p>Where the disk moves less than is written, the log would grow without end. Past {@link #MOST_BYTES} the writer
 * is therefore held until the log was moved; when it could not be begun anew then, for somebody still reads an old
 * state, the writer goes on and is held again only after as much more. Thread-safe.
 */
final class Checkpoints implements AutoCloseable {
    /** Log size at which it should be begun anew. */
    static final long RESET_BYTES = 64L << 20;

    /** Log size at which the writer waits until it was moved. */
    static final long MOST_BYTES = 2 * RESET_BYTES;

    private static final long STEP_BYTES = 8L << 20;
    private static final long GRACE_BYTES = 32L << 20;
    private static final int LOOK_COMMITS = 32;
    private static final long LOOK_BYTES = 1L << 20;
    private static final long SHORT_BYTES = 512L << 10;
    private static final int MOST_ROUNDS = 8;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration LONGEST_HELD = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private final Database database;
    private final GroupCommit writer;
    private final File log;
    private final AtomicReference<CountDownLatch> held = new AtomicReference<>();
    private final Thread thread = new Thread(this::loop, "koshi-store-checkpoint");
    private volatile boolean closed;
    private volatile boolean idle;
    private volatile long seen;
    private volatile long pending;
    private volatile String failure;

    /** Whether the writer is asked for its part or nobody would ask: it must not be held then. */
    private volatile boolean writersTurn;

    private int commitsSince; // this and the next by who commits
    private long looked;

    /** Log size past which the writer is held. */
    private volatile long bound = MOST_BYTES;

    Checkpoints(Database database, GroupCommit writer) {
        this.database = database;
        this.writer = writer;
        this.log = database.wal().toFile();
        writer.afterEach(this::committed);
        thread.setDaemon(true);
        thread.start();
    }

    /** Bytes of the log that were not yet moved into the file, as of the last look. */
    long pending() {
        return pending;
    }

    /** Why the log could not be moved, null when it could. */
    String failure() {
        return failure;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        Waits.join(thread);
    }

    /** What PRAGMA wal_checkpoint answered, in bytes. */
    private record Progress(long log, long moved) {
        long rest() {
            return log - moved;
        }
    }

    private void loop() {
        try (Connection connection = database.openCheckpointer();
                RandomAccessFile file = new RandomAccessFile(database.file().toFile(), "r");
                Statement statement = connection.createStatement()) {
            while (!closed) {
                idle = !due();
                if (idle) {
                    LockSupport.park(this);
                    idle = false;
                }
                rest();
                if (!closed && due()) {
                    seen = writer.written();
                    step(statement, file);
                }
            }
        } catch (SQLException | IOException e) {
            failure = e.getMessage();
            LOG.error("The log of the database is no longer moved into it; restart the hub", e);
        } finally {
            giveWriterItsTurn();
        }
    }

    private boolean due() {
        return writer.written() != seen || held.get() != null;
    }

    /** Lets a second go by, less when much is written. */
    private void rest() {
        long end = System.nanoTime() + PAUSE_NANOS;
        long left = PAUSE_NANOS;
        while (!closed && left > 0 && held.get() == null && writer.written() - seen <= STEP_BYTES) {
            LockSupport.parkNanos(this, left);
            left = end - System.nanoTime();
        }
    }

    private void step(Statement statement, RandomAccessFile file) {
        try {
            if (database.damage().found() == null) { // or what the log holds would be put over it
                move(statement, file);
                failure = null;
            }
        } catch (SQLException e) {
            failed(database.damage().explain(e).getMessage(), e);
        } catch (ExecutionException | IOException e) {
            failed(e.getMessage(), e);
        } finally {
            giveWriterItsTurn();
            writersTurn = false;
        }
    }

    private void move(Statement statement, RandomAccessFile file) throws SQLException, IOException, ExecutionException {
        Progress progress = checkpoint(statement);
        file.getFD().sync();
        if (progress.log() > RESET_BYTES) {
            chase(statement, file);
            CompletableFuture<Progress> rest = writerStep();
            giveWriterItsTurn();
            progress = Waits.get(rest);
            bound = Math.max(MOST_BYTES, progress.log() + GRACE_BYTES); // until it is seen to have begun anew
        } else {
            bound = MOST_BYTES;
        }
        pending = progress.rest();
    }

    /** Holding the writer again at once would only ask, and warn, at each of its looks. */
    private void failed(String why, Exception e) {
        failure = why;
        bound = Math.max(MOST_BYTES, log.length() + GRACE_BYTES);
        LOG.warn("A checkpoint failed and will be tried again: {}", e.getMessage());
    }

    /** Moves what came meanwhile, and what came meanwhile again, so that the writer's part is short. */
    private void chase(Statement statement, RandomAccessFile file) throws SQLException, IOException {
        long before;
        int rounds = 0;
        do {
            before = writer.written();
            checkpoint(statement);
            file.getFD().sync();
            rounds++;
        } while (writer.written() - before > SHORT_BYTES && rounds < MOST_ROUNDS && !closed);
    }

    private CompletableFuture<Progress> writerStep() {
        return writer.between(connection -> {
            try (Statement statement = connection.createStatement()) {
                return checkpoint(statement);
            }
        });
    }

    private static Progress checkpoint(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
            row.next();
            long frame = Database.PAGE + 24L; // sqlite.org/fileformat2.html, 4.1
            return new Progress(Math.max(0, row.getLong(2)) * frame, Math.max(0, row.getLong(3)) * frame);
        }
    }

    /** Called by the writer: wakes this thread when there is enough to move. */
    private void committed() {
        if (idle || writer.written() - seen > STEP_BYTES) {
            LockSupport.unpark(thread);
        }
        // Asking the file system costs more than all else here, and a page more or less is no matter.
        commitsSince++;
        if (commitsSince >= LOOK_COMMITS || writer.written() - looked > LOOK_BYTES) {
            commitsSince = 0;
            looked = writer.written();
            if (log.length() > bound) {
                hold();
            }
        }
    }

    /** Waits, on the thread that has committed, until its part of the work is asked for. */
    private void hold() {
        CountDownLatch turn = new CountDownLatch(1);
        held.set(turn);
        if (writersTurn) {
            held.set(null);
            return;
        }
        LockSupport.unpark(thread);
        if (!Waits.await(turn, LONGEST_HELD)) {
            LOG.warn("The disk is too slow to move the database's log of {} MB into it", log.length() >> 20);
            held.set(null);
            bound = log.length() + GRACE_BYTES;
        }
    }

    private void giveWriterItsTurn() {
        writersTurn = true; // before the look, as the writer looks here after it has said that it waits
        CountDownLatch turn = held.getAndSet(null);
        if (turn != null) {
            turn.countDown();
        }
    }
}

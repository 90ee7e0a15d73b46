package io.koshi.task.internal;

import io.koshi.api.Pools;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Brings tasks into the index of the queue that are not done within about a second of being made.
 *
 * <p>Most are done sooner and never touch it: a page less in the commit that makes a task and in the one that ends it.
 * Meanwhile {@link Ready} knows them. Up to a mark on disk no row is unsorted, so that a start looks at the last ones
 * only. Thread-safe.
 */
final class Sorting {
    /** Rows sorted at a time while many are made; as many of the newest are left alone. */
    static final int SLICE = 512;

    private static final long LATER_MILLIS = 1000;

    private final Store store;
    private final Pools pools;
    private final AtomicBoolean alarm = new AtomicBoolean();
    private long tried; // confined to the writer
    private volatile long sorted;
    private volatile long last;

    Sorting(Store store, Pools pools) {
        this.store = store;
        this.pools = pools;
    }

    /** Sorts what an earlier start left; called inside the room's first write. */
    void begin(Tx tx) {
        sorted = tx.number("SELECT sorted FROM task_epoch");
        sort(tx, tx.number("SELECT COALESCE(MAX(n), 0) FROM task"));
    }

    /** A row was written unsorted. */
    void made(Tx tx, long n) {
        if (n - Math.max(tried, sorted) >= 2 * SLICE) {
            tried = n - SLICE;
            sort(tx, tried);
        }
        tx.afterCommit(() -> {
            last = Math.max(last, n);
            watch();
        });
    }

    /** Has the index know every queued task, but for those of works that come after this one. */
    void all(Tx tx) {
        sort(tx, tx.number("SELECT COALESCE(MAX(n), 0) FROM task"));
    }

    private void watch() {
        if (alarm.compareAndSet(false, true)) {
            long to = last;
            try {
                pools.timer().schedule(() -> ring(to), LATER_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopping) {
                alarm.set(false); // the next start sorts them
            }
        }
    }

    private void ring(long to) {
        alarm.set(false);
        if (to > sorted) {
            store.write(tx -> sort(tx, to));
        }
        if (last > to) {
            watch();
        }
    }

    private boolean sort(Tx tx, long to) {
        long from = sorted;
        if (to <= from) {
            return false;
        }
        tx.update(
                "UPDATE task SET unsorted = 0 WHERE n > ? AND n <= ? AND unsorted = 1 AND status <> 'done'", from, to);
        tx.update("UPDATE task_epoch SET sorted = ?", to);
        tx.afterCommit(() -> sorted = Math.max(sorted, to));
        return true;
    }
}

package io.koshi.task.internal;

import io.koshi.api.Pools;
import io.koshi.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** What time does to leases in memory: those that are over are lost, those that last are written down. Thread-safe. */
final class Overdue {
    private static final Duration RECORD_AFTER = Duration.ofSeconds(1);

    private final Store store;
    private final Pools pools;
    private final Holds holds;
    private final Book book;
    private final Consumer<List<Hold>> lose;
    private final AtomicBoolean recording = new AtomicBoolean();
    private volatile Alarm next;

    /** The one look that is due next; an earlier one takes its place, or each would bring others for ever. */
    private record Alarm(long deadline, Future<?> timer) {}

    Overdue(Store store, Pools pools, Holds holds, Book book, Consumer<List<Hold>> lose) {
        this.store = store;
        this.pools = pools;
        this.holds = holds;
        this.book = book;
        this.lose = lose;
    }

    /** Sees to it that the next expiry and the next record are looked at in time. */
    void watch() {
        holds.nextDeadline().ifPresent(this::lookAt);
        if (recording.compareAndSet(false, true)) {
            schedule(this::record, RECORD_AFTER.toNanos());
        }
    }

    private void lookAt(long deadline) {
        Alarm before = next;
        if (before != null && before.deadline() - deadline <= 0) {
            return;
        }
        synchronized (this) {
            before = next;
            if (before != null && before.deadline() - deadline <= 0) {
                return;
            }
            if (before != null) {
                before.timer().cancel(false);
            }
            next = new Alarm(deadline, schedule(this::expire, deadline - System.nanoTime()));
        }
    }

    private void expire() {
        synchronized (this) {
            next = null; // before the look: what is leased from here on sees to itself
        }
        lose.accept(holds.claimExpired(System.nanoTime()));
        holds.nextDeadline().ifPresent(this::lookAt);
    }

    /** Writes leases that are not quite new down, so that the history of a task has them even after a crash. */
    private void record() {
        recording.set(false);
        long old = System.nanoTime() - RECORD_AFTER.toNanos() / 2;
        boolean more = false;
        for (Hold hold : holds.all()) {
            if (hold.recorded().get()) {
                continue;
            }
            if (hold.since() - old > 0 || !hold.recorded().compareAndSet(false, true)) {
                more = true;
                continue;
            }
            store.write(tx -> book.record(tx, Held.of(hold), hold.until()));
        }
        if (more && recording.compareAndSet(false, true)) {
            schedule(this::record, RECORD_AFTER.toNanos());
        }
    }

    private Future<?> schedule(Runnable then, long nanos) {
        try {
            return pools.timer().schedule(then, Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopping) {
            // leases in memory end with this start of the hub anyway
            return CompletableFuture.completedFuture(null);
        }
    }
}

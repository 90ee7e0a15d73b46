package io.koshi.buffer.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.config.Settings;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes, once a day and a little at a time, what was done or dropped longer ago than {@code
 * buffer.retentionDays}. What is unrouted, open or dead is never deleted. Thread-safe.
 */
@Component(
        name = "io.koshi.buffer.retention",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Retention {
    private static final Duration FIRST = Duration.ofMinutes(2);
    private static final Duration EVERY = Duration.ofDays(1);
    private static final Duration BETWEEN_SLICES = Duration.ofMillis(30);
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int LOOKED_AT = 2000;
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private final Store store;
    private final Settings settings;
    private final Pools pools;
    private final Clock clock;
    private final ScheduledFuture<?> daily;
    private volatile boolean closed;

    /** @param inbox has made the tables */
    @Activate
    public Retention(
            @Reference Store store,
            @Reference Settings settings,
            @Reference Pools pools,
            @Reference DurableInbox inbox) {
        this(store, settings, pools, Clock.systemUTC());
    }

    Retention(Store store, Settings settings, Pools pools, Clock clock) {
        this.store = store;
        this.settings = settings;
        this.pools = pools;
        this.clock = clock;
        daily = pools.timer()
                .scheduleWithFixedDelay(
                        () -> later(0, 0, Duration.ZERO), FIRST.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Deactivate
    void close() {
        closed = true;
        daily.cancel(false);
    }

    /** Where a slice ended. */
    record Slice(long after, int deleted, boolean last) {}

    private void later(long after, long deleted, Duration pause) {
        if (closed) {
            return;
        }
        try {
            pools.timer()
                    .schedule(
                            () -> pools.work().execute(() -> step(after, deleted)),
                            pause.toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Stopped before all old messages were deleted; the rest goes another day");
        }
    }

    private void step(long after, long deleted) {
        try {
            Slice slice = slice(after);
            long all = deleted + slice.deleted();
            if (!slice.last()) {
                later(slice.after(), all, BETWEEN_SLICES);
            } else if (all > 0) {
                LOG.info("Deleted {} messages that were dealt with more than {} days ago", all, days());
            }
        } catch (KoshiException e) {
            LOG.warn("Old messages were not deleted, tomorrow again: {}", e.getMessage());
        }
    }

    /** Deletes as much of what is past its time as takes a short transaction. */
    Slice slice(long after) {
        Instant before = clock.instant().minus(Duration.ofDays(days()));
        List<Row> rows = store.read(tx -> tx.query(
                "SELECT entry, state IN ('done', 'dropped') AND ended_at < ? AS old, coalesce(ended_at, 0) >= ? AS young"
                        + " FROM buffer_state WHERE entry > ? ORDER BY entry LIMIT ?",
                row -> new Row(row.number("entry"), row.flag("old"), row.flag("young")),
                before,
                before,
                after,
                LOOKED_AT));
        if (rows.isEmpty()) {
            return new Slice(after, 0, true);
        }
        return store.writeNow(tx -> delete(tx, rows));
    }

    private record Row(long entry, boolean old, boolean young) {}

    private Slice delete(Tx tx, List<Row> rows) {
        long start = System.nanoTime();
        int deleted = 0;
        int young = 0;
        for (Row row : rows) {
            if (row.old()) {
                tx.update("DELETE FROM buffer_message WHERE entry = ?", row.entry());
                tx.update("DELETE FROM buffer_state WHERE entry = ?", row.entry());
                deleted++;
            }
            young += row.young() ? 1 : 0;
            if (System.nanoTime() - start > SLICE_NANOS) {
                return new Slice(row.entry(), deleted, false);
            }
        }
        // Entries end in about the order they came: a whole look at young ones means that only such follow.
        boolean last = rows.size() < LOOKED_AT || young == rows.size();
        return new Slice(rows.get(rows.size() - 1).entry(), deleted, last);
    }

    private int days() {
        return Math.max(1, settings.config().buffer().retentionDays());
    }
}

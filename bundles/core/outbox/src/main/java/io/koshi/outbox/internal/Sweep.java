package io.koshi.outbox.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.Pools;
import io.koshi.config.Settings;
import io.koshi.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes dead letters of replies that wait past their time, at the time the first of them expires, and
 * forgets what ended longer ago than {@code buffer.retentionDays}. Thread-safe.
 */
final class Sweep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sweep.class);
    private static final int SLICE = 200;
    private static final Duration LONGEST = Duration.ofHours(6);

    private final Store store;
    private final Ledger ledger;
    private final Pools pools;
    private final Settings settings;
    private final SendingEvents events;
    private Future<?> alarm;
    private Instant due = Instant.MAX;
    private boolean closed;

    Sweep(Store store, Ledger ledger, Pools pools, Settings settings, SendingEvents events) {
        this.store = store;
        this.ledger = ledger;
        this.pools = pools;
        this.settings = settings;
        this.events = events;
        by(Instant.now().plusSeconds(1));
    }

    /** Sweeps at this time if it would not sooner. */
    synchronized void by(Instant at) {
        if (closed || !at.isBefore(due)) {
            return;
        }
        if (alarm != null) {
            alarm.cancel(false);
        }
        due = at;
        long millis = Math.max(1, Duration.between(Instant.now(), at).toMillis() + 1);
        alarm = pools.timer().schedule(() -> pools.work().execute(this::run), millis, TimeUnit.MILLISECONDS);
    }

    private void run() {
        synchronized (this) {
            due = Instant.MAX;
        }
        Instant next = Instant.now().plus(LONGEST);
        try {
            Instant now = Instant.now();
            List<Ledger.Line> late = store.writeNow(tx -> ledger.expire(tx, now, SLICE));
            late.forEach(line -> events.failed(line, ErrorCode.TIMEOUT, Ledger.expired(line), true));
            Instant before =
                    now.minus(Duration.ofDays(settings.config().buffer().retentionDays()));
            int pruned = store.writeNow(tx -> ledger.prune(tx, before, SLICE));
            Instant expiry = store.read(ledger::nextExpiry).orElse(Instant.MAX);
            next = pruned == SLICE || late.size() == SLICE ? now.plusMillis(20) : expiry.isBefore(next) ? expiry : next;
        } catch (RuntimeException e) {
            log.warn("Old replies could not be looked through: {}", e.getMessage());
            next = Instant.now().plusSeconds(60);
        }
        by(next);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (alarm != null) {
            alarm.cancel(false);
        }
    }
}

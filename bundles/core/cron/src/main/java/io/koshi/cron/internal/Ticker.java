package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.cron.internal.CronViews.State;
import io.koshi.cron.internal.JobTable.Stored;
import io.koshi.cron.internal.Plan.Step;
import io.koshi.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one timer of all jobs: wakes for the next slot, and often enough in between to see that the clock jumped, which
 * a timer does not. Thread-safe.
 */
final class Ticker {
    private static final Logger LOG = LoggerFactory.getLogger(Ticker.class);
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(5);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(2);
    private static final Duration JUMP = Duration.ofSeconds(30);
    /** A last slot so far ahead was claimed by a clock that was wrong. */
    private static final Duration WRONG_CLOCK = Duration.ofHours(25);

    private static final int MOST_AT_ONCE = 500;

    private final Pools pools;
    private final Store store;
    private final InstantSource clock;
    private final JobTable table;
    private final Agenda agenda;
    private final Slots slots;
    private final Heartbeats heartbeats;
    private final AtomicInteger wakes = new AtomicInteger();
    private final Object timing = new Object();
    private Future<?> timer; // guarded by timing
    private volatile boolean closed;
    private Instant seen; // confined to the look that is on
    private long seenNanos;

    Ticker(
            Pools pools,
            Store store,
            InstantSource clock,
            JobTable table,
            Agenda agenda,
            Slots slots,
            Heartbeats heartbeats) {
        this.pools = pools;
        this.store = store;
        this.clock = clock;
        this.table = table;
        this.agenda = agenda;
        this.slots = slots;
        this.heartbeats = heartbeats;
    }

    /** Looks at what is due, soon and on a thread of its own; any number of calls make one look. */
    void wake() {
        if (!closed && wakes.getAndIncrement() == 0) {
            try {
                pools.work().execute(this::look);
            } catch (RejectedExecutionException stopping) {
                wakes.set(0);
            }
        }
    }

    /** Whether nobody looks now. */
    boolean idle() {
        return wakes.get() == 0;
    }

    private void look() {
        int calls;
        do {
            calls = wakes.get();
            Duration sleep;
            try {
                sleep = tick();
            } catch (RuntimeException e) {
                LOG.warn("the jobs that are due could not be started, trying again: {}", e.toString());
                sleep = AFTER_TROUBLE;
            }
            wakeIn(sleep);
        } while (!wakes.compareAndSet(calls, 0));
    }

    /** Starts what is due; returns how long there is nothing to do. */
    Duration tick() {
        Instant now = clock.instant();
        watch(now);
        boolean trouble = false;
        List<Job> due = agenda.due(now, MOST_AT_ONCE);
        for (CompletableFuture<Boolean> write :
                due.stream().map(job -> attempt(job, now)).toList()) {
            trouble |= !write.join();
        }
        putBack(due);
        if (trouble) {
            return AFTER_TROUBLE;
        }
        return agenda.next()
                .map(at -> Duration.between(clock.instant(), at))
                .map(left -> left.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : left)
                .orElse(LONGEST_SLEEP);
    }

    private void watch(Instant now) {
        long nanos = System.nanoTime();
        Duration jump =
                seen == null ? Duration.ZERO : Duration.between(seen, now).minusNanos(nanos - seenNanos);
        if (jump.abs().compareTo(JUMP) > 0) {
            LOG.warn(
                    "the clock went {} by {} s; no slot is started twice, and what was missed follows each job's policy",
                    jump.isNegative() ? "back" : "forward",
                    jump.abs().toSeconds());
        }
        if (seen == null || jump.isNegative() && jump.abs().compareTo(WRONG_CLOCK) > 0) {
            agenda.all().stream()
                    .filter(job -> job.lastSlot().isAfter(now.plus(WRONG_CLOCK)))
                    .forEach(job -> agenda.put(rewound(job, now)));
        }
        seen = now;
        seenNanos = nanos;
    }

    private CompletableFuture<Boolean> attempt(Job job, Instant now) {
        try {
            return work(job, now);
        } catch (RuntimeException e) {
            LOG.warn("job {} waits: {}", job.name(), e.toString());
            return CompletableFuture.completedFuture(false);
        }
    }

    /** Completes with false when the job is to be tried again. */
    private CompletableFuture<Boolean> work(Job job, Instant now) {
        Plan plan = Plan.of(job, now);
        CompletableFuture<Boolean> done = CompletableFuture.completedFuture(true);
        if (plan.steps().isEmpty()) {
            return done;
        }
        Job ready = heartbeats.ready(job);
        Optional<String> quiet = heartbeats.quiet(ready);
        for (Step step : plan.steps()) {
            Step take = quiet.isPresent() ? new Step(step.slot(), quiet) : step;
            done = done.thenCompose(well -> well ? take(ready, take, now) : CompletableFuture.completedFuture(false));
        }
        return done;
    }

    private CompletableFuture<Boolean> take(Job job, Step step, Instant now) {
        return store.write(tx -> {
                    slots.take(tx, job, step, now);
                    return true;
                })
                .exceptionallyCompose(thrown -> refused(job, step, now, cause(thrown)));
    }

    /** What may work later is left for later; what never will is a failed run. */
    private CompletableFuture<Boolean> refused(Job job, Step step, Instant now, Throwable why) {
        if (why instanceof KoshiException e && e.code().retryable()) {
            LOG.warn("job {} waits: {}", job.name(), e.getMessage());
            return CompletableFuture.completedFuture(false);
        }
        LOG.warn("job {} could not be started at {}: {}", job.name(), step.slot(), why.toString());
        return store.write(tx -> {
                    slots.refused(tx, job, step.slot(), String.valueOf(why.getMessage()), now);
                    return true;
                })
                .exceptionally(again -> false);
    }

    private static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    /** Takes up what is on disk of these jobs now; where that cannot be read they are due still. */
    private void putBack(List<Job> due) {
        List<Job> known =
                due.stream().flatMap(job -> agenda.find(job.n()).stream()).toList();
        try {
            Map<Long, Stored> stored = new HashMap<>();
            store.read(tx -> {
                known.forEach(job -> table.find(tx, job.n()).ifPresent(row -> stored.put(job.n(), row)));
                return known.size();
            });
            for (Job job : known) {
                Stored row = stored.get(job.n());
                if (row != null && row.state() == State.ACTIVE) {
                    agenda.put(job.at(row.lastSlot()));
                } else {
                    agenda.remove(job.n());
                }
            }
        } catch (RuntimeException e) {
            known.forEach(agenda::put);
            throw e;
        }
    }

    private Job rewound(Job job, Instant now) {
        LOG.warn(
                "job {} ran last at {}, which is to come: the clock was wrong then, and it counts from now",
                job.name(),
                job.lastSlot());
        Instant from = Instant.ofEpochSecond(now.getEpochSecond());
        store.writeNow(tx -> {
            table.rewind(tx, job.n(), from);
            return true;
        });
        return job.at(from);
    }

    private void wakeIn(Duration sleep) {
        synchronized (timing) {
            if (timer != null) {
                timer.cancel(false);
            }
            if (closed) {
                return;
            }
            try {
                timer = pools.timer().schedule(this::wake, Math.max(1, sleep.toMillis() + 1), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopping) {
                LOG.debug("no more slots: the hub stops");
            }
        }
    }

    void close() {
        closed = true;
        synchronized (timing) {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}

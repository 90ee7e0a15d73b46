package io.koshi.hub.internal;

import io.koshi.api.Health;
import io.koshi.api.Health.Report;
import io.koshi.api.Health.Status;
import io.koshi.api.Pools;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Asks every part how it is. Core parts answer on the spot; a plugin's check has a thread and half a second, and one
 * that hangs is not asked again before it has answered. What was found serves whoever asks within the next moment, unless
 * a part has come or gone: a hub that is asked a thousand times a second does not spend itself on answering. Thread-safe.
 */
final class HealthBook {
    private static final long PATIENCE_MS = 500;

    /** Short enough that nobody who acts on an answer can tell it from one made for him. */
    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final PartTable parts;
    private final Pools pools;
    private final LongSupplier nanos;
    private final Map<Health, CompletableFuture<Report>> asked = new ConcurrentHashMap<>();
    private volatile Look last = new Look(List.of(), Instant.EPOCH, 0, -1);

    HealthBook(PartTable parts, Pools pools) {
        this(parts, pools, System::nanoTime);
    }

    HealthBook(PartTable parts, Pools pools, LongSupplier nanos) {
        this.parts = parts;
        this.pools = pools;
        this.nanos = nanos;
    }

    /**
     * What was found.
     *
     * @param reports of all parts, by kind and name
     * @param at when the parts were asked
     * @param ended when the last one had answered, by the clock of this book
     * @param change the table's count of comings and goings before
     */
    record Look(List<Report> reports, Instant at, long ended, long change) {}

    /** The parts as they are, or were a moment ago. */
    Look look() {
        Look look = last;
        return serves(look) ? look : lookAgain();
    }

    private synchronized Look lookAgain() {
        if (!serves(last)) { // another caller may just have looked
            long change = parts.changes();
            Instant at = Instant.now();
            last = new Look(List.copyOf(reports()), at, nanos.getAsLong(), change);
        }
        return last;
    }

    private boolean serves(Look look) {
        return look.change() == parts.changes() && nanos.getAsLong() - look.ended() < MOMENT_NANOS;
    }

    private List<Report> reports() {
        List<Report> reports = new ArrayList<>();
        List<Health> guests = new ArrayList<>();
        for (PartTable.Part part : parts.healths()) {
            if (part.core()) {
                reports.add(ask(part.health()));
            } else {
                guests.add(part.health());
            }
        }
        guests.forEach(this::begin);
        asked.keySet().retainAll(guests);
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        guests.forEach(guest -> reports.add(await(guest, until)));
        reports.sort(Comparator.comparing(Report::kind).thenComparing(Report::name));
        return reports;
    }

    /** As bad as the worst core part; a plugin alone can only degrade the hub. */
    static Status overall(List<Report> reports) {
        Status worst = Status.HEALTHY;
        for (Report each : reports) {
            Status counted =
                    each.kind().equals("core") || each.status() == Status.HEALTHY ? each.status() : Status.DEGRADED;
            worst = counted.compareTo(worst) > 0 ? counted : worst;
        }
        return worst;
    }

    private void begin(Health guest) {
        CompletableFuture<Report> before = asked.get(guest);
        if (before == null || before.isDone()) {
            try {
                asked.put(guest, CompletableFuture.supplyAsync(() -> ask(guest), pools.work()));
            } catch (RejectedExecutionException busy) {
                asked.put(guest, CompletableFuture.failedFuture(busy));
            }
        }
    }

    private Report await(Health guest, long until) {
        String name = guest.getClass().getName();
        try {
            long left = Math.max(0, until - System.nanoTime());
            return asked.get(guest).get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Report.degraded(name, "plugin", "Its health check does not answer; see 'koshi logs'.");
        } catch (ExecutionException e) {
            return Report.degraded(name, "plugin", "Its health check could not run: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Report.degraded(name, "plugin", "Its health check was cut off.");
        }
    }

    private static Report ask(Health health) {
        try {
            return health.health();
        } catch (RuntimeException | LinkageError e) {
            return Report.unhealthy(health.getClass().getName(), "plugin", "Its health check failed: " + e);
        }
    }
}

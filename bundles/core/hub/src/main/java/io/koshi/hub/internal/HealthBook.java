package io.koshi.hub.internal;

import io.koshi.api.Health;
import io.koshi.api.Health.Report;
import io.koshi.api.Health.Status;
import io.koshi.api.Pools;
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

/**
 * Asks every part how it is. Core parts answer on the spot; a plugin's check has a thread and half a second, and one
 * that hangs is not asked again before it has answered. Thread-safe.
 */
final class HealthBook {
    private static final long PATIENCE_MS = 500;

    private final PartTable parts;
    private final Pools pools;
    private final Map<Health, CompletableFuture<Report>> asked = new ConcurrentHashMap<>();

    HealthBook(PartTable parts, Pools pools) {
        this.parts = parts;
        this.pools = pools;
    }

    /** Reports of all parts, by name. */
    List<Report> reports() {
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

package io.koshi.hub.internal;

import io.koshi.api.Pools;
import io.koshi.hub.Drain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets parts finish, phase after phase; those of one phase at the same time. Confined to one thread. */
final class Draining {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.hub");

    private final SortedMap<Integer, List<Drain>> phases = new TreeMap<>();
    private final Pools pools;

    Draining(List<Drain> drains, Pools pools) {
        drains.forEach(each ->
                phases.computeIfAbsent(each.phase(), phase -> new ArrayList<>()).add(each));
        this.pools = pools;
    }

    /** Returns within the limit; what was not finished then is as safe as after a crash. */
    void run(Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        for (List<Drain> phase : phases.values()) {
            List<Future<?>> under = new ArrayList<>();
            for (Drain each : phase) {
                under.add(pools.work().submit(() -> {
                    each.drain(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
                    return null;
                }));
            }
            try {
                await(under, until);
            } finally {
                under.forEach(each -> each.cancel(true));
            }
        }
    }

    private static void await(List<Future<?>> under, long until) throws InterruptedException {
        for (Future<?> each : under) {
            try {
                each.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                LOG.warn("A part did not finish in time; it is taken up again at the next start");
            } catch (ExecutionException e) {
                LOG.error("A part could not finish", e.getCause());
            }
        }
    }
}

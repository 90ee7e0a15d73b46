package io.koshi.tool.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.tool.Tool;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where tools run, each on a thread of its own and within its limits. What a tool does wrong, its caller is told in
 * words; one that goes on after its time keeps its place, so a tool that hangs takes no more threads than it may have.
 * Thread-safe.
 */
final class Bench {
    private static final Logger LOG = LoggerFactory.getLogger(Bench.class);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MOST_AT_ONCE = 64;

    private final Pools pools;
    private final Map<String, Semaphore> places = new ConcurrentHashMap<>();

    Bench(Pools pools) {
        this.pools = pools;
    }

    Tool.Output run(String name, Tool tool, Tool.Context context, Map<String, Object> arguments)
            throws InterruptedException {
        Duration limit;
        Semaphore free;
        try {
            limit = within(tool.limit());
            int atOnce = Math.max(1, Math.min(tool.atOnce(), MOST_AT_ONCE));
            free = places.computeIfAbsent(name, n -> new Semaphore(atOnce, true));
        } catch (RuntimeException | LinkageError e) {
            return broken(name, e);
        }
        if (!free.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            return Tool.Output.failed("Not run: " + name + " is busy; try again later.");
        }
        Map<String, Object> given = Collections.unmodifiableMap(arguments);
        Future<Tool.Output> running;
        try {
            running = pools.work().submit(() -> {
                try {
                    return tool.run(context, given);
                } finally {
                    free.release();
                }
            });
        } catch (RejectedExecutionException e) {
            free.release();
            return Tool.Output.failed("Not run: the hub has too much to do; try again later.");
        }
        return outcome(name, running, limit);
    }

    private static Tool.Output outcome(String name, Future<Tool.Output> running, Duration limit)
            throws InterruptedException {
        try {
            Tool.Output output = running.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return output == null ? Tool.Output.of("") : output;
        } catch (TimeoutException e) {
            running.cancel(true);
            return Tool.Output.failed(name + " took longer than " + limit.toSeconds() + " s and was stopped.");
        } catch (InterruptedException e) {
            running.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            return e.getCause() instanceof KoshiException told
                    ? Tool.Output.failed(told.getMessage())
                    : broken(name, e.getCause());
        }
    }

    private static Duration within(Duration limit) {
        return limit.isNegative() || limit.isZero() || limit.compareTo(LONGEST) > 0 ? LONGEST : limit;
    }

    private static Tool.Output broken(String name, Throwable failure) {
        LOG.warn("Tool {} failed in a way it should not", name, failure);
        return Tool.Output.failed(name + " failed: " + failure);
    }
}

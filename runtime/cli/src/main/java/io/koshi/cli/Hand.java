package io.koshi.cli;

import io.koshi.client.HubClient;
import io.koshi.client.HubException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Does one task at a time until it is told to drain: leases, renews while it works, and brings the result. A lease that
 * is lost ends the work on it at once. Confined to its thread, but for {@link #drain} and {@link #stop}.
 */
final class Hand implements Runnable {
    private static final int WAIT_MS = 5000;
    private static final long SOONEST_MS = 200;
    private static final long LATEST_MS = 10_000;

    private final String name;
    private final HubClient hub;
    private final Means means;
    private final Workplace workplace;
    private final Duration lease;
    private final ScheduledExecutorService clock;
    private final PrintStream log;
    private volatile boolean draining;
    private volatile boolean idle;
    private volatile Thread working;
    private volatile boolean lost;

    Hand(
            String name,
            HubClient hub,
            Means means,
            Workplace workplace,
            Duration lease,
            ScheduledExecutorService clock,
            PrintStream log) {
        this.name = name;
        this.hub = hub;
        this.means = means;
        this.workplace = workplace;
        this.lease = lease;
        this.clock = clock;
        this.log = log;
    }

    /** Whether it has nothing under way and only waits for a task, or has ended. */
    boolean idle() {
        return idle;
    }

    /** Takes no further task. */
    void drain() {
        draining = true;
    }

    /** Gives up the task under way: others get it. */
    synchronized void stop() {
        draining = true;
        if (working != null) {
            working.interrupt();
        }
    }

    @Override
    public void run() {
        try {
            long pause = SOONEST_MS;
            while (!draining) {
                pause = round() ? SOONEST_MS : rest(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (HubException refused) {
            log.println(name + ": " + refused.getMessage());
        } finally {
            idle = true;
        }
    }

    /** Leases and does what there is; false when the hub could not be asked. */
    private boolean round() throws InterruptedException {
        List<?> tasks;
        idle = true;
        try {
            tasks = next();
            idle = tasks.isEmpty();
        } catch (HubException e) {
            if (e.isFinal() || hub.refused() != null) {
                throw e;
            }
            return false;
        }
        for (Object task : tasks) {
            take(Work.of((Map<?, ?>) task));
        }
        return true;
    }

    private long rest(long pause) throws InterruptedException {
        Pause.of(pause);
        return Math.min(LATEST_MS, pause * 2);
    }

    private List<?> next() throws InterruptedException {
        Map<String, Object> ask = new LinkedHashMap<>();
        ask.put("worker", name);
        ask.put("types", means.types());
        ask.put("models", means.offered());
        ask.put("max", 1L);
        ask.put("leaseMs", lease.toMillis());
        ask.put("waitMs", (long) WAIT_MS);
        return hub.call("task.lease", ask, HubClient.DEADLINE).get("tasks") instanceof List<?> tasks
                ? tasks
                : List.of();
    }

    private void take(Work work) throws InterruptedException {
        if (draining) {
            end(work, "task.nack", Map.of("error", "the worker is stopping", "then", "release"));
            return;
        }
        long renewMs = Math.max(10, lease.toMillis() / 3);
        lost = false;
        begin();
        ScheduledFuture<?> renewal =
                clock.scheduleAtFixedRate(() -> renew(work), renewMs, renewMs, TimeUnit.MILLISECONDS);
        String result = null;
        String error = null;
        boolean stopped = false;
        try {
            Path place = workplace.of(work);
            Path input = workplace.input(work, place, hub);
            result = means.of(work).work(work, workplace.instructions(work), place, input);
        } catch (InterruptedException e) {
            stopped = true;
        } catch (IOException | RuntimeException e) {
            error = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        } finally {
            rested();
            renewal.cancel(false);
        }
        if (lost) {
            log.println(name + ": task " + work.number() + " was taken away; the work on it ended");
        } else if (stopped) {
            end(work, "task.nack", Map.of("error", "the worker was stopped", "then", "release"));
        } else if (error != null) {
            log.println(name + ": task " + work.number() + " failed: " + error);
            end(work, "task.nack", Map.of("error", error));
        } else {
            end(work, "task.ack", Map.of("result", result));
        }
    }

    private synchronized void begin() {
        working = Thread.currentThread();
    }

    private synchronized void rested() {
        working = null;
        Thread.interrupted(); // it was meant for the work
    }

    private void renew(Work work) {
        Map<String, Object> ask = new LinkedHashMap<>();
        ask.put("taskId", work.taskId());
        ask.put("fence", work.fence());
        ask.put("leaseMs", lease.toMillis());
        hub.ask("task.renew", ask, lease).whenComplete((done, failure) -> {
            if (code(failure).equals("CONFLICT") || code(failure).equals("NOT_FOUND")) {
                synchronized (this) {
                    lost = true;
                    if (working != null) {
                        working.interrupt();
                    }
                }
            }
        });
    }

    private static String code(Throwable failure) {
        Throwable cause = failure instanceof java.util.concurrent.CompletionException ? failure.getCause() : failure;
        return cause instanceof HubException known ? known.code() : "";
    }

    /** Brings the end of a task, over a lost connection too, until the hub has taken or refused it. */
    private void end(Work work, String method, Map<String, ?> what) throws InterruptedException {
        Map<String, Object> ask = new LinkedHashMap<>(what);
        ask.put("taskId", work.taskId());
        ask.put("fence", work.fence());
        long pause = SOONEST_MS;
        while (true) {
            try {
                hub.call(method, ask);
                return;
            } catch (HubException e) {
                boolean again = e.code().equals("SERVICE_UNAVAILABLE")
                        || e.code().equals("TIMEOUT")
                        || e.code().equals("OVERLOADED");
                if (!again || hub.refused() != null) {
                    log.println(name + ": the end of task " + work.number() + " was refused: " + e.getMessage());
                    return;
                }
                pause = rest(pause);
            }
        }
    }
}

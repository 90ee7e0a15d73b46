package io.koshi.pool.internal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One bundle's share of the timer; a task that throws is logged, a periodic one goes on. Thread-safe. */
final class TimerView extends AbstractExecutorService implements ScheduledExecutorService {
    private static final int SWEEP_FROM = 64;

    private final TimerPool pool;
    private final String owner;
    private final Map<Future<?>, Job> tasks = new ConcurrentHashMap<>();
    private volatile int sweepAt = SWEEP_FROM;
    private volatile boolean closed;

    TimerView(TimerPool pool, String owner) {
        this.pool = pool;
        this.owner = owner;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return start(command, job -> pool.schedule(job, delay, unit));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        FutureTask<V> result = new FutureTask<>(callable);
        return start(
                result,
                job -> pool.schedule(
                        () -> {
                            job.run();
                            return valueOf(result);
                        },
                        delay,
                        unit));
    }

    private static <V> V valueOf(FutureTask<V> done) throws Exception {
        try {
            return done.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long first, long period, TimeUnit unit) {
        return start(command, job -> pool.scheduleAtFixedRate(job, first, period, unit));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long first, long delay, TimeUnit unit) {
        return start(command, job -> pool.scheduleWithFixedDelay(job, first, delay, unit));
    }

    @Override
    public void execute(Runnable command) {
        schedule(command, 0, TimeUnit.NANOSECONDS);
    }

    private <F extends ScheduledFuture<?>> F start(Runnable command, Function<Job, F> how) {
        if (closed) {
            throw new RejectedExecutionException(owner + " has stopped and schedules no more");
        }
        Job job = new Job(owner, command, done -> {});
        F task = how.apply(job);
        tasks.put(task, job);
        if (closed) { // stopped in between: nobody else would end it
            end(task, job);
        }
        if (tasks.size() >= sweepAt) {
            tasks.keySet().removeIf(Future::isDone);
            sweepAt = Math.max(SWEEP_FROM, 2 * tasks.size());
        }
        return task;
    }

    private static void end(Future<?> task, Job job) {
        task.cancel(false);
        job.cancel();
    }

    @Override
    public void shutdown() {
        shutdownNow();
    }

    @Override
    public List<Runnable> shutdownNow() {
        closed = true;
        tasks.forEach(TimerView::end);
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return closed;
    }

    @Override
    public boolean isTerminated() {
        return closed;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return awaitEnd(System.nanoTime() + unit.toNanos(timeout)) == null;
    }

    /** Waits for the task that runs; returns its thread when it does not end in time, else null. */
    Thread awaitEnd(long deadlineNanos) throws InterruptedException {
        for (Job job : tasks.values()) {
            Thread thread = job.awaitEnd(deadlineNanos);
            if (thread != null) {
                return thread;
            }
        }
        return null;
    }
}

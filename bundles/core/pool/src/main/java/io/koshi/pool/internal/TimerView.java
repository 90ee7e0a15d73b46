package io.koshi.pool.internal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One bundle's share of the timer; a task that throws is logged, a periodic one goes on. What has run or was cancelled is
 * not kept, and nothing that it knew: a plugin's objects must go with the plugin. Thread-safe.
 */
final class TimerView extends AbstractExecutorService implements ScheduledExecutorService {
    private static final Future<?> BEING_SCHEDULED = new CompletableFuture<>();

    private final TimerPool pool;
    private final String owner;
    private final Map<Job, Future<?>> tasks = new ConcurrentHashMap<>();
    private volatile boolean closed;

    TimerView(TimerPool pool, String owner) {
        this.pool = pool;
        this.owner = owner;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return start(command, this::over, job -> pool.schedule(job, delay, unit));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        FutureTask<V> result = new FutureTask<>(callable);
        return start(
                result,
                this::over,
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
        return start(command, this::overIfCancelled, job -> pool.scheduleAtFixedRate(job, first, period, unit));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long first, long delay, TimeUnit unit) {
        return start(command, this::overIfCancelled, job -> pool.scheduleWithFixedDelay(job, first, delay, unit));
    }

    @Override
    public void execute(Runnable command) {
        schedule(command, 0, TimeUnit.NANOSECONDS);
    }

    private <V> ScheduledFuture<V> start(
            Runnable command, Consumer<Job> ran, Function<Job, ScheduledFuture<? extends V>> how) {
        if (closed) {
            throw new RejectedExecutionException(owner + " has stopped and schedules no more");
        }
        Job job = new Job(owner, command, ran);
        tasks.put(job, BEING_SCHEDULED); // before it can run
        ScheduledFuture<? extends V> task;
        try {
            task = how.apply(job);
        } catch (RejectedExecutionException e) {
            over(job);
            throw e;
        }
        tasks.replace(job, task); // unless it is over
        if (closed) { // stopped in between: nobody else would end it
            end(job, task);
        }
        return new Ticket<>(task, () -> cancelled(job));
    }

    private void over(Job job) {
        tasks.remove(job);
        job.forget();
    }

    private void overIfCancelled(Job job) {
        Future<?> task = tasks.get(job);
        if (task != null && task.isCancelled()) {
            over(job);
        }
    }

    /** One that runs is waited for at the end, and is over by itself. */
    private void cancelled(Job job) {
        if (!job.isRunning()) {
            over(job);
        }
    }

    private static void end(Job job, Future<?> task) {
        if (task != BEING_SCHEDULED) {
            task.cancel(false);
        }
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
        for (Job job : tasks.keySet()) {
            Thread thread = job.awaitEnd(deadlineNanos);
            if (thread != null) {
                return thread;
            }
        }
        return null;
    }

    /** What a caller has of its task. */
    private record Ticket<V>(ScheduledFuture<? extends V> task, Runnable cancelled) implements ScheduledFuture<V> {
        @Override
        public boolean cancel(boolean interrupt) {
            boolean now = task.cancel(interrupt);
            cancelled.run();
            return now;
        }

        @Override
        public boolean isCancelled() {
            return task.isCancelled();
        }

        @Override
        public boolean isDone() {
            return task.isDone();
        }

        @Override
        public V get() throws InterruptedException, ExecutionException {
            return task.get();
        }

        @Override
        public V get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            return task.get(timeout, unit);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return task.getDelay(unit);
        }

        @Override
        public int compareTo(Delayed other) {
            return task.compareTo(other instanceof Ticket<?> ticket ? ticket.task() : other);
        }
    }
}

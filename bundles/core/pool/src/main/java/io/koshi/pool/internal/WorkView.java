package io.koshi.pool.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** One bundle's share of the work pool. Thread-safe. */
final class WorkView extends AbstractExecutorService {
    private final ElasticPool pool;
    private final String owner;
    private final Set<Job> jobs = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    WorkView(ElasticPool pool, String owner) {
        this.pool = pool;
        this.owner = owner;
    }

    @Override
    public void execute(Runnable command) {
        Job job = new Job(owner, command, jobs::remove);
        jobs.add(job);
        try {
            if (closed) {
                throw new RejectedExecutionException(owner + " has stopped and starts no more work");
            }
            pool.execute(job);
        } catch (RejectedExecutionException e) {
            jobs.remove(job);
            throw e;
        }
    }

    @Override
    public void shutdown() {
        closed = true;
    }

    /** Ends what waits or runs; the list is empty, as what waited cannot be handed to another bundle. */
    @Override
    public List<Runnable> shutdownNow() {
        closed = true;
        for (Job job : jobs) {
            job.cancel();
            if (pool.remove(job)) {
                jobs.remove(job);
            }
        }
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return closed;
    }

    @Override
    public boolean isTerminated() {
        return closed && jobs.isEmpty();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return awaitEnd(System.nanoTime() + unit.toNanos(timeout)).isEmpty();
    }

    /** Waits for running tasks and returns the threads of those that did not end in time. */
    List<Thread> awaitEnd(long deadlineNanos) throws InterruptedException {
        List<Thread> stuck = new ArrayList<>();
        for (Job job : jobs) {
            Thread thread = job.awaitEnd(deadlineNanos);
            if (thread != null) {
                stuck.add(thread);
            }
        }
        return stuck;
    }
}

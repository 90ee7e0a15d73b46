package io.koshi.pool.internal;

import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A pool that takes an idle thread, else makes one, and queues only when it may make no more: tasks that
 * wait for other tasks do not stop each other as they would behind a queue. Thread-safe.
 */
final class ElasticPool extends ThreadPoolExecutor {
    private static final long KEEP_ALIVE_MS = 30_000;

    private final CleanThreads threads;

    ElasticPool(String name, int most, int queue) {
        this(new CleanThreads(name), most, queue);
    }

    private ElasticPool(CleanThreads threads, int most, int queue) {
        super(2, most, KEEP_ALIVE_MS, TimeUnit.MILLISECONDS, new HandOff(threads), threads);
        this.threads = threads;
        allowCoreThreadTimeOut(true);
        setRejectedExecutionHandler((task, pool) -> {
            HandOff waiting = (HandOff) getQueue();
            if (isShutdown()) {
                throw new RejectedExecutionException("the hub is stopping");
            }
            if (waiting.size() >= queue) {
                throw new RejectedExecutionException(
                        most + " threads are busy and " + queue + " tasks wait: try again later");
            }
            waiting.put(task);
        });
    }

    /** Replaces every thread, idle ones now and busy ones after their task: a plugin's thread locals go with them. */
    void renewThreads() {
        threads.renew();
        // Lowering the keep-alive time is what wakes idle workers; they then find that they are stale.
        setKeepAliveTime(KEEP_ALIVE_MS - 1, TimeUnit.MILLISECONDS);
        setKeepAliveTime(KEEP_ALIVE_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void afterExecute(Runnable task, Throwable failure) {
        Thread thread = Thread.currentThread();
        if (thread.getContextClassLoader() != CleanThreads.LOADER) {
            thread.setContextClassLoader(CleanThreads.LOADER);
        }
    }

    /** Accepts a task only where a thread waits for one; tells stale threads that there is nothing to do. */
    private static final class HandOff extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1L;

        private final transient CleanThreads threads;

        HandOff(CleanThreads threads) {
            this.threads = threads;
        }

        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }

        @Override
        public Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
            return threads.isStale() ? poll() : super.poll(timeout, unit);
        }
    }
}

package io.koshi.pool.internal;

import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The one thread that wakes what is due; replaced when a bundle that used it is gone. Thread-safe. */
final class TimerPool extends ScheduledThreadPoolExecutor {
    private final CleanThreads threads;

    TimerPool(String name) {
        this(new CleanThreads(name));
    }

    private TimerPool(CleanThreads threads) {
        super(1, body -> {
            Thread thread = threads.newThread(body);
            thread.setUncaughtExceptionHandler((dead, failure) -> {
                if (failure != Retired.NOW) {
                    Job.LOG.error("the timer's thread ended; another takes over", failure);
                }
            });
            return thread;
        });
        this.threads = threads;
        setRemoveOnCancelPolicy(true);
    }

    /** Has another thread take over, so that a plugin's thread locals go. */
    void renewThreads() {
        threads.renew();
        if (!isShutdown()) {
            execute(() -> {}); // runs afterExecute on the thread that is to go
        }
    }

    @Override
    protected void afterExecute(Runnable task, Throwable failure) {
        Thread.currentThread().setContextClassLoader(CleanThreads.LOADER);
        if (threads.isStale()) {
            throw Retired.NOW; // documented by ThreadPoolExecutor: the worker ends and is replaced
        }
    }

    /** Ends a worker; has no stack trace. */
    private static final class Retired extends RuntimeException {
        private static final long serialVersionUID = 1L;

        static final Retired NOW = new Retired();

        private Retired() {
            super("retired", null, false, false);
        }
    }
}

package io.koshi.pool.internal;

import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bundle's task on a shared pool: can be ended with the bundle, and its failure is logged. Thread-safe. */
final class Job implements Runnable {
    static final Logger LOG = LoggerFactory.getLogger("io.koshi.pool");

    private final String owner;
    private final Consumer<Job> after;

    private Runnable body;
    private Thread runner;
    private boolean cancelled;
    private boolean failing;

    /** @param after called when a run has ended, on its thread */
    Job(String owner, Runnable body, Consumer<Job> after) {
        this.owner = owner;
        this.body = body;
        this.after = after;
    }

    @Override
    public void run() {
        Runnable now;
        synchronized (this) {
            if (cancelled || body == null) {
                return;
            }
            now = body;
            runner = Thread.currentThread();
        }
        try {
            now.run();
            failing = false;
        } catch (Throwable failure) { // whatever it is, the thread belongs to everyone
            log(failure);
        } finally {
            synchronized (this) {
                runner = null;
                if (cancelled) {
                    Thread.interrupted();
                }
                notifyAll();
            }
            after.accept(this);
        }
    }

    /** Loud once: a periodic task that keeps failing must not fill the log. */
    private synchronized void log(Throwable failure) {
        if (cancelled || failing) {
            LOG.debug("A task of {} failed again or ended with its bundle", owner, failure);
        } else {
            failing = true;
            LOG.error("A task of {} failed", owner, failure);
        }
    }

    /** Keeps it from starting, or interrupts it where it runs. */
    synchronized void cancel() {
        cancelled = true;
        if (runner == null) {
            if (body instanceof Future<?> future) {
                future.cancel(false);
            }
            body = null;
        } else if (runner != Thread.currentThread()) {
            runner.interrupt();
        }
    }

    synchronized boolean isRunning() {
        return runner != null;
    }

    /** It runs no more, and whoever has it keeps nothing of what it was to do. */
    synchronized void forget() {
        body = null;
    }

    /** Waits for a run that goes on; returns its thread when it does not end in time, else null. */
    synchronized Thread awaitEnd(long deadlineNanos) throws InterruptedException {
        while (runner != null && runner != Thread.currentThread()) {
            long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return runner;
            }
            wait(left);
        }
        return null;
    }
}

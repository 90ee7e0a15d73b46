package io.koshi.pool.internal;

import io.koshi.api.Loop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A body on a thread of its own, run again after a pause whenever it throws. Thread-safe. */
final class BackoffLoop implements Loop {
    /** How long {@link #close} waits for the body. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final long FIRST_PAUSE_MS = 1_000;
    private static final long LONGEST_PAUSE_MS = 60_000;
    private static final long NUDGE_MS = 500;

    private final String name;
    private final Body body;
    private final Consumer<BackoffLoop> ended;
    private final Consumer<Thread> leftBehind;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param ended called when the thread is about to end, whatever the reason
     * @param leftBehind called with the thread when the body does not end in time
     */
    BackoffLoop(String name, Body body, Consumer<BackoffLoop> ended, Consumer<Thread> leftBehind) {
        this.name = name;
        this.body = body;
        this.ended = ended;
        this.leftBehind = leftBehind;
        this.thread = CleanThreads.single(this::run, "koshi-loop-" + name);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            long pause = FIRST_PAUSE_MS;
            while (!isClosing()) {
                long began = System.nanoTime();
                if (runOnce(pause)) {
                    return;
                }
                if (TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) > LONGEST_PAUSE_MS) {
                    pause = FIRST_PAUSE_MS; // it had worked for a while: a new trouble, not the old one
                }
                closing.await(pause, TimeUnit.MILLISECONDS);
                pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
            }
        } catch (InterruptedException e) {
            Job.LOG.debug("Loop {} was ended while it paused", name);
        } finally {
            ended.accept(this);
        }
    }

    /** Whether the body is done for good. */
    private boolean runOnce(long pause) {
        try {
            body.run();
            return true;
        } catch (Throwable failure) { // the thread is this loop's own; anything may be tried again
            if (isClosing()) {
                return true;
            }
            Job.LOG.warn("Loop {} failed; it runs again in {} s", name, pause / 1000, failure);
            Thread.interrupted();
            return false;
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    String name() {
        return name;
    }

    /** Asks the body to end, without waiting. */
    void signal() {
        closing.countDown();
        if (thread != Thread.currentThread()) {
            thread.interrupt();
        }
    }

    @Override
    public void close() {
        signal();
        await(System.nanoTime() + PATIENCE.toNanos());
    }

    /** Waits for the end; a body that swallowed one interrupt is given more. */
    void await(long deadlineNanos) {
        if (thread == Thread.currentThread()) {
            return;
        }
        try {
            long left = 1;
            while (thread.isAlive() && left > 0) {
                left = (deadlineNanos - System.nanoTime()) / 1_000_000;
                thread.join(Math.max(1, Math.min(left, NUDGE_MS)));
                if (thread.isAlive()) {
                    thread.interrupt();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            leftBehind.accept(thread);
        }
    }
}

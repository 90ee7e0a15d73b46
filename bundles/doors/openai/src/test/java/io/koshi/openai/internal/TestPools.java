package io.koshi.openai.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Threads of a test, ended with it. */
final class TestPools implements Pools, AutoCloseable {
    private final ExecutorService work = Executors.newCachedThreadPool();
    private final ExecutorService none = Executors.newSingleThreadExecutor();
    private volatile boolean busy;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    TestPools() {
        none.shutdown();
    }

    /** From now on there is too much to do for anything more, or no longer. */
    void busy(boolean now) {
        busy = now;
    }

    @Override
    public ExecutorService work() {
        return busy ? none : work;
    }

    @Override
    public ScheduledExecutorService timer() {
        return timer;
    }

    @Override
    public Loop loop(String name, Loop.Body body) {
        Thread thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } catch (Exception e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return () -> {
            thread.interrupt();
            try {
                thread.join(5000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    @Override
    public void close() {
        work.shutdownNow();
        timer.shutdownNow();
    }
}

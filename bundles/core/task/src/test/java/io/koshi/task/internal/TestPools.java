package io.koshi.task.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Threads of a test's own. */
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
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        work.shutdownNow();
    }
}

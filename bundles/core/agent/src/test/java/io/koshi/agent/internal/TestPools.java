package io.koshi.agent.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;

/** Threads of a test's own. */
final class TestPools implements Pools, AutoCloseable {
    private final ExecutorService work = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @Override
    public ExecutorService work() {
        return work;
    }

    @Override
    public ScheduledExecutorService timer() {
        return timer;
    }

    @Override
    public Loop loop(String name, Loop.Body body) {
        Future<?> running = work.submit(() -> {
            body.run();
            return null;
        });
        return () -> running.cancel(true);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        work.shutdownNow();
    }
}

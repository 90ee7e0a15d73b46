package io.koshi.event.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Threads of the test's own. */
final class TestPools implements Pools, AutoCloseable {
    private final ExecutorService work = Executors.newCachedThreadPool();

    @Override
    public ExecutorService work() {
        return work;
    }

    @Override
    public ScheduledExecutorService timer() {
        throw new UnsupportedOperationException("the bus needs no timer");
    }

    @Override
    public Loop loop(String name, Loop.Body body) {
        throw new UnsupportedOperationException("the bus needs no loop");
    }

    @Override
    public void close() {
        work.shutdownNow();
    }
}

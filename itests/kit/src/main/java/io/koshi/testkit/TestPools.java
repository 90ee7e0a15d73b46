package io.koshi.testkit;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Threads of a test, ended with it; none is started before its first use. Thread-safe. */
public final class TestPools implements Pools, AutoCloseable {
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

    /** The loop's {@code close} returns when its body has. */
    @Override
    public Loop loop(String name, Loop.Body body) {
        Thread thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return () -> {
            thread.interrupt();
            try {
                thread.join(30_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    @Override
    public void close() {
        timer.shutdownNow();
        work.shutdownNow();
    }
}

package io.koshi.testkit;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Threads of a test, ended with it; none is started before its first use. Thread-safe. */
public final class TestPools implements Pools, AutoCloseable {
    private final ExecutorService work = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Set<Thread> loops = ConcurrentHashMap.newKeySet();

    @Override
    public ExecutorService work() {
        return work;
    }

    @Override
    public ScheduledExecutorService timer() {
        return timer;
    }

    /** The loop's {@code close} returns when its body has, or after five seconds, as the hub's does. */
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
                    } finally {
                        loops.remove(Thread.currentThread());
                    }
                },
                name);
        thread.setDaemon(true);
        loops.add(thread);
        thread.start();
        return () -> {
            thread.interrupt();
            if (thread == Thread.currentThread()) {
                return; // it ends itself
            }
            try {
                thread.join(5_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** Interrupts all that runs, and waits for none of it. */
    @Override
    public void close() {
        timer.shutdownNow();
        work.shutdownNow();
        loops.forEach(Thread::interrupt);
    }
}

package io.koshi.pool.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.osgi.framework.Bundle;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/** One bundle's view of the shared threads; what it started there ends with it. Thread-safe. */
@Component(
        name = "io.koshi.pool",
        service = Pools.class,
        scope = ServiceScope.BUNDLE,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class BundlePools implements Pools {
    private final Threads threads;
    private final String owner;
    private final WorkView work;
    private final TimerView timer;
    private final Set<BackoffLoop> loops = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    @Activate
    public BundlePools(@Reference Threads threads, ComponentContext context) {
        this(threads, nameOf(context.getUsingBundle()));
    }

    BundlePools(Threads threads, String owner) {
        this.threads = threads;
        this.owner = owner;
        this.work = new WorkView(threads.work(), owner);
        this.timer = new TimerView(threads.timer(), owner);
    }

    private static String nameOf(Bundle user) {
        return user == null ? "an unknown bundle" : user.getSymbolicName();
    }

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
        BackoffLoop loop = new BackoffLoop(name, body, loops::remove, thread -> threads.leaveBehind(thread, owner));
        loops.add(loop);
        if (closed) {
            loops.remove(loop);
            throw new RejectedExecutionException(owner + " has stopped and starts no more loops");
        }
        loop.start();
        return loop;
    }

    /** Ends everything the bundle started: asks all at once, then waits for all, 5 s together. */
    @Deactivate
    void close() {
        closed = true;
        loops.forEach(BackoffLoop::signal);
        timer.shutdownNow();
        work.shutdownNow();
        long deadline = System.nanoTime() + BackoffLoop.PATIENCE.toNanos();
        loops.forEach(loop -> loop.await(deadline));
        try {
            work.awaitEnd(deadline).forEach(thread -> threads.leaveBehind(thread, owner));
            Thread ticking = timer.awaitEnd(deadline);
            if (ticking != null) {
                threads.leaveBehind(ticking, owner);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.forget();
    }
}

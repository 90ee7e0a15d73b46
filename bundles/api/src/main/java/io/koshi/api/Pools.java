package io.koshi.api;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The hub's threads; nothing else starts one. Each bundle gets its own view, and what a bundle started
 * through it is interrupted and ended when the bundle stops using it.
 */
@ProviderType
public interface Pools {
    /** The pool named {@code koshi-work}: for anything that may block; grows to a limit, then queues. */
    ExecutorService work();

    /**
     * The pool named {@code koshi-timer}, one thread for everyone: for short tasks at a time; hand long
     * work to {@link #work}. A task that throws is logged; unlike elsewhere a periodic one goes on.
     */
    ScheduledExecutorService timer();

    /**
     * Runs a body on a thread of its own until it returns, is closed or the calling bundle stops; for
     * polling a platform or reading a connection. A body that throws is run again after a backoff of 1 s
     * doubling to 60 s.
     *
     * @param name shown in thread dumps and health
     */
    Loop loop(String name, Loop.Body body);
}

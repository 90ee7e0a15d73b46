package io.koshi.api;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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

    /**
     * As {@link #loop}, for a body that does one round: runs it, pauses, runs it again. A round that throws
     * is followed by the backoff of {@link #loop} instead of the pause.
     */
    default Loop every(String name, Duration pause, Loop.Body round) {
        CountDownLatch never = new CountDownLatch(1);
        return loop(name, () -> {
            do {
                round.run();
            } while (!never.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        });
    }
}

package io.koshi.event.internal;

import io.koshi.api.Pools;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The readers that never block take turns on a few threads: an event to a thousand of them wakes two threads and not a
 * thousand. Thread-safe.
 */
final class Lane {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.event");
    private static final int MOST = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final Pools pools;
    private final Queue<Reader> ready = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();

    Lane(Pools pools) {
        this.pools = pools;
    }

    /** Has a reader that was claimed run soon. */
    void add(Reader reader) {
        ready.add(reader);
        start();
    }

    private void start() {
        int now = running.get();
        while (now < MOST && !ready.isEmpty()) {
            if (running.compareAndSet(now, now + 1)) {
                try {
                    pools.work().execute(this::drain);
                } catch (RejectedExecutionException e) {
                    running.decrementAndGet(); // the next event tries again
                    LOG.warn("No thread for subscribers: {}", e.getMessage());
                }
                return;
            }
            now = running.get();
        }
    }

    private void drain() {
        try {
            for (Reader reader = ready.poll(); reader != null; reader = ready.poll()) {
                if (reader.round()) {
                    ready.add(reader); // behind the others
                }
            }
        } finally {
            running.decrementAndGet();
        }
        start(); // for one that came after the last look
    }
}

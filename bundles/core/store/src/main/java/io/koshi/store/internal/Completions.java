package io.koshi.store.internal;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells callers, in order and off the writer's path, that their writes are on disk. Thread-safe. */
final class Completions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Completions.class);
    private static final List<Pending<?>> END = List.of();

    private final LinkedBlockingQueue<List<Pending<?>>> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger under = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "koshi-store-completion");

    Completions() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Hands over a group whose fate is decided; never waits. The caller holds the writer. */
    void add(List<Pending<?>> group) {
        if (!group.isEmpty()) {
            under.incrementAndGet();
            queue.add(group);
        }
    }

    /**
     * Does what follows a write's commit on the calling thread, which holds the writer, when nothing before it is left
     * to be done; hands it over otherwise.
     *
     * @return false when it was handed over and is completed elsewhere
     */
    boolean tellHere(Pending<?> write) {
        if (write.hasHooks() && under.get() > 0) {
            add(List.of(write));
            return false;
        }
        runHooks(write);
        return true;
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    int waiting() {
        return queue.size();
    }

    /** Finishes what was added, then ends. */
    @Override
    public void close() {
        queue.add(END);
        Waits.join(thread);
    }

    private void run() {
        while (true) {
            List<Pending<?>> group = Waits.take(queue);
            if (group == END) {
                return;
            }
            for (Pending<?> write : group) {
                finish(write);
            }
            under.decrementAndGet();
        }
    }

    private static void finish(Pending<?> write) {
        runHooks(write);
        try {
            write.complete();
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "A caller of {} failed after its commit",
                    write.work.getClass().getName(),
                    e);
        }
    }

    private static void runHooks(Pending<?> write) {
        for (Runnable hook : write.hooks()) {
            try {
                hook.run();
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "What should have followed a commit failed in {}",
                        hook.getClass().getName(),
                        e);
            }
        }
    }
}

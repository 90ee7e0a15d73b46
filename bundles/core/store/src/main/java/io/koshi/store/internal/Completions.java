package io.koshi.store.internal;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells callers, in order and off the writer's path, that their writes are on disk. Thread-safe. */
final class Completions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Completions.class);
    private static final List<Pending<?>> END = List.of();

    private final LinkedBlockingQueue<List<Pending<?>>> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "koshi-store-completion");

    Completions() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Hands over a group whose fate is decided; never waits. */
    void add(List<Pending<?>> group) {
        if (!group.isEmpty()) {
            queue.add(group);
        }
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
        }
    }

    private static void finish(Pending<?> write) {
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
        try {
            write.complete();
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "A caller of {} failed after its commit",
                    write.work.getClass().getName(),
                    e);
        }
    }
}

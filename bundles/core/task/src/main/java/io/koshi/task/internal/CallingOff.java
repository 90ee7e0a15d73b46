package io.koshi.task.internal;

import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the batches of a split off, some in each commit; what a crash leaves of them is called off at the next start.
 * Thread-safe.
 */
final class CallingOff {
    private static final int SOME = 200;
    private static final Logger LOG = LoggerFactory.getLogger(CallingOff.class);

    private final Store store;
    private final Counter counter;

    CallingOff(Store store, Counter counter) {
        this.store = store;
        this.counter = counter;
    }

    /** Done when all batches of a split have ended; at once where it is no split. */
    CompletionStage<Void> batches(long split, String reason) {
        return store.write(tx -> {
                    List<Long> open = tx.query(
                            "SELECT n FROM task WHERE split IN (?, ?)"
                                    + " AND status NOT IN ('done', 'failed', 'cancelled') LIMIT " + SOME,
                            row -> row.number("n"),
                            split,
                            -split); // its splitter
                    open.forEach(n -> counter.cancel(tx, n, reason));
                    return open.size() < SOME;
                })
                .thenCompose(over -> over ? CompletableFuture.completedFuture(null) : batches(split, reason));
    }

    /** Goes on with what was under way when the hub ended. */
    void resume(Tx tx) {
        List<Long> open = tx.query(
                "SELECT s.task FROM task_split s JOIN task t ON t.n = s.task WHERE t.status = 'cancelled'"
                        + " AND (s.done + s.failed < s.batches OR EXISTS (SELECT 1 FROM task p WHERE p.n = s.splitter"
                        + " AND p.status NOT IN ('done', 'failed', 'cancelled')))",
                row -> row.number("task"));
        tx.afterCommit(() ->
                open.forEach(n -> batches(n, "its split was called off").exceptionally(failure -> {
                    LOG.warn("Batches of a split that was called off could not be: {}", failure.getMessage());
                    return null;
                })));
    }
}

package io.koshi.task.internal;

import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start of the hub owes to tasks: a number of its own for tokens, the leases of the start before given back, and
 * pauses and splits that were under way taken up. It is the first write of this room. Thread-safe.
 */
final class Opening {
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private Opening() {}

    private record Later(long n, Instant at) {}

    static void begin(Store store, Fences fences, Notices notices, Splits splits, Intake intake, Sorting sorting) {
        store.write(tx -> {
                    tx.update("UPDATE task_epoch SET epoch = epoch + 1");
                    fences.begin(tx.number("SELECT epoch FROM task_epoch"));
                    intake.begin(tx);
                    sorting.begin(tx);
                    giveBack(tx);
                    List<Later> later = tx.query(
                            "SELECT n, next_at FROM task WHERE next_at IS NOT NULL AND status = 'queued'",
                            row -> new Later(row.number("n"), row.instant("next_at")));
                    tx.afterCommit(() -> later.forEach(each -> notices.later(each.n(), pause(each.at()))));
                    splits.resume(tx);
                    return later.size();
                })
                .whenComplete((count, failure) -> {
                    if (failure != null) {
                        LOG.error("The task queue could not be opened; restart the hub when the disk is well", failure);
                    }
                });
    }

    /** Leases of workers that spoke to an earlier start; the hub's end is no fault of the task. */
    private static void giveBack(Tx tx) {
        Instant now = Instant.now();
        tx.update(
                "UPDATE task_attempt SET status = 'lost', error = 'the hub was restarted', ended_at = ?"
                        + " WHERE status = 'leased' AND task IN (SELECT n FROM task WHERE status = 'leased'"
                        + " AND leased_until IS NOT NULL)",
                now);
        tx.update(
                "UPDATE task SET status = ?, worker = NULL, leased_until = NULL, updated_at = ?"
                        + " WHERE status = 'leased' AND leased_until IS NOT NULL",
                Status.QUEUED,
                now);
    }

    private static Duration pause(Instant at) {
        Duration left = Duration.between(Instant.now(), at);
        return left.isNegative() ? Duration.ZERO : left.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : left;
    }
}

package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.store.Tx;
import io.koshi.task.internal.TaskViews.Failure;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where people change tasks: approve, retry, cancel, have the hub do one. Thread-safe. */
final class Counter {
    private static final int RETRIED_AT_ONCE = 500;

    private final Notices notices;
    private final Endings endings;
    private final Holds holds;

    Counter(Notices notices, Endings endings, Holds holds) {
        this.notices = notices;
        this.endings = endings;
        this.holds = holds;
    }

    private record Now(Facts facts, Status status, long fence) {}

    private static Now now(Tx tx, long n) {
        return tx.first(
                        "SELECT " + Facts.COLUMNS + ", t.status, t.fence FROM task t WHERE t.n = ?",
                        row -> new Now(
                                Facts.of(row),
                                Status.valueOf(row.text("status").toUpperCase(Locale.ROOT)),
                                row.number("fence")),
                        n)
                .orElseThrow();
    }

    private static KoshiException conflict(Now now, String wanted) {
        return new KoshiException(
                ErrorCode.CONFLICT,
                "task " + now.facts().id() + " is " + now.status().word() + "; " + wanted);
    }

    /** A person has done, or agreed to, a task that waits for one. */
    void approve(Tx tx, long n, String by, String result) {
        Now now = now(tx, n);
        if (now.status() != Status.WAITING) {
            throw conflict(now, "only one that waits for a person can be approved");
        }
        close(tx, now, by, result);
    }

    /** Somebody has done a queued task beside the queue, or tried to. */
    void close(Tx tx, long n, String by, boolean well, String result) {
        Now now = now(tx, n);
        if (now.status() != Status.QUEUED || holds.holds(n)) {
            throw conflict(now, "only a queued one that nobody holds can be ended without a lease");
        }
        if (well) {
            close(tx, now, by, result);
        } else {
            Held held = new Held(now.facts(), now.fence() + 1, by, now.facts().attempts() + 1, Instant.now(), false);
            notices.taken(tx, held);
            endings.failed(tx, held, Outcome.failed(ErrorCode.METHOD_ERROR, result));
        }
    }

    private void close(Tx tx, Now now, String by, String result) {
        Facts facts = now.facts();
        Instant at = Instant.now();
        tx.update(
                "UPDATE task SET status = 'done', worker = ?, attempts = attempts + 1, next_at = NULL, updated_at = ?"
                        + " WHERE n = ?",
                by,
                at,
                facts.n());
        tx.update(
                "INSERT INTO task_attempt (task, n, worker, leased_at, ended_at, status, result)"
                        + " VALUES (?, ?, ?, ?, ?, 'done', ?)",
                facts.n(),
                facts.attempts() + 1,
                by,
                at,
                at,
                result);
        notices.moved(tx, facts, now.status(), Status.DONE, Optional.empty());
        endings.settled(tx, facts, true);
    }

    /** Calls a task off; false when it has ended already. */
    boolean cancel(Tx tx, long n, String why) {
        Now now = now(tx, n);
        if (TaskQueue.terminal(now.status())) {
            return false;
        }
        Facts facts = now.facts();
        Instant at = Instant.now();
        tx.update(
                "UPDATE task SET status = 'cancelled', error_code = ?, error = ?, leased_until = NULL, next_at = NULL,"
                        + " updated_at = ? WHERE n = ?",
                ErrorCode.CONFLICT.name(),
                why,
                at,
                n);
        tx.update(
                "UPDATE task_attempt SET status = 'cancelled', error = ?, ended_at = ? WHERE task = ?"
                        + " AND status = 'leased'",
                why,
                at,
                n);
        Optional<Failure> failure = Optional.of(new Failure(ErrorCode.CONFLICT.name(), why));
        tx.afterCommit(() -> holds.of(n).ifPresent(hold -> holds.drop(n, hold.fence())));
        boolean leased = now.status() == Status.LEASED || holds.holds(n);
        notices.moved(tx, facts, leased ? Status.LEASED : now.status(), Status.CANCELLED, failure);
        endings.settled(tx, facts, false);
        return true;
    }

    /** The refusal of a change of what has ended. */
    KoshiException ended(Tx tx, long n) {
        return conflict(now(tx, n), "what has ended does not change");
    }

    /** Opens a new attempt at a failed task, with all its tries before it again. */
    void retry(Tx tx, long n) {
        Now now = now(tx, n);
        if (now.status() != Status.FAILED) {
            throw conflict(now, "only a failed one can be tried again");
        }
        if (!reopen(tx, now)) {
            throw conflict(now, "retry the tasks first that it depends on");
        }
    }

    /** What a round of {@link #retryFailed} did: how many were opened, and the last one that was looked at. */
    record Round(int retried, long last, boolean more) {}

    /** The same for failed ones after a row, oldest first: those that others depend on come before these. */
    Round retryFailed(Tx tx, long after) {
        List<Long> failed = tx.query(
                "SELECT n FROM task WHERE status = 'failed' AND n > ? ORDER BY n LIMIT " + RETRIED_AT_ONCE,
                row -> row.number("n"),
                after);
        int retried = 0;
        for (long n : failed) {
            retried += reopen(tx, now(tx, n)) ? 1 : 0;
        }
        boolean more = failed.size() == RETRIED_AT_ONCE;
        return new Round(retried, failed.isEmpty() ? after : failed.get(failed.size() - 1), more);
    }

    private boolean reopen(Tx tx, Now now) {
        Facts facts = now.facts();
        if (needs(tx, facts.n(), "IN ('failed', 'cancelled')")) {
            return false;
        }
        boolean gathers = endings.reopened(tx, facts);
        boolean blocked = gathers || needs(tx, facts.n(), "<> 'done'");
        Status next = blocked ? Status.BLOCKED : Endings.unblocked(facts.kind());
        tx.update(
                "UPDATE task SET status = ?, failures = 0, losses = 0, error_code = NULL, error = NULL, worker = NULL,"
                        + " updated_at = ? WHERE n = ?",
                next,
                Instant.now(),
                facts.n());
        notices.moved(tx, facts.withoutFailures(), Status.FAILED, next, Optional.empty());
        return true;
    }

    private static boolean needs(Tx tx, long n, String status) {
        return tx.number(
                        "SELECT COUNT(*) FROM task_needs d JOIN task p ON p.n = d.needs WHERE d.task = ?"
                                + " AND p.status " + status,
                        n)
                > 0;
    }

    /** Has the hub's own agent do a queued task. */
    void runByTheHub(Tx tx, long n, Optional<String> model) {
        Now now = now(tx, n);
        if (now.status() != Status.QUEUED || holds.holds(n) || now.facts().kind() != Kind.CHAT) {
            throw conflict(now, "the hub itself runs queued tasks of type chat");
        }
        tx.update(
                "UPDATE task SET auto_run = 1, only_model = NULL, unsorted = 0, next_at = NULL, updated_at = ? WHERE n = ?",
                Instant.now(),
                n);
        model.ifPresent(name -> tx.update(
                "INSERT INTO task_body (task, prompt, model) SELECT n, short_prompt, ? FROM task WHERE n = ?"
                        + " ON CONFLICT (task) DO UPDATE SET model = excluded.model",
                name,
                n));
        notices.handedOver(tx, now.facts());
    }

    /** Changes what a list shows and sorts by; empty leaves as it is. */
    void edit(Tx tx, long n, Optional<String> title, Optional<Integer> priority) {
        Now now = now(tx, n);
        if (TaskQueue.terminal(now.status())) {
            throw conflict(now, "what has ended does not change");
        }
        if (title.isPresent()) {
            tx.update("UPDATE task SET title = ?, updated_at = ? WHERE n = ?", title, Instant.now(), n);
            notices.renamed(tx, n);
        }
        if (priority.isPresent() && !holds.holds(n)) {
            tx.update("UPDATE task SET priority = ?, updated_at = ? WHERE n = ?", priority, Instant.now(), n);
            if (now.status() == Status.QUEUED && !now.facts().autoRun()) {
                Facts after = now(tx, n).facts();
                notices.resorted(tx, now.facts(), after);
            }
        }
    }
}

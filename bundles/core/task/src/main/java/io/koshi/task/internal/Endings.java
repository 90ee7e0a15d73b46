package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.store.Tx;
import io.koshi.task.internal.TaskViews.Failure;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How tasks end, and what follows from it for those that wait for them; each within one commit. A row changes only
 * while it is not terminal and only under the newest token. Thread-safe.
 */
final class Endings {
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** Workers that may be lost with a task: more than it may fail, as most are lost by no fault of the task. */
    static final int MOST_LOSSES = 10;

    private static final String NO_ACCIDENT = MOST_LOSSES + " workers were lost with this task, which may be what ended"
            + " them: see its history, then koshi task retry";
    private static final String OPEN =
            " WHERE n = ? AND (status = 'leased' AND fence = ? OR status = 'queued' AND fence < ?)";

    private final Notices notices;
    private final Splits splits;
    private final Intake intake;

    Endings(Notices notices, Splits splits, Intake intake) {
        this.intake = intake;
        this.notices = notices;
        this.splits = splits;
    }

    /** Ends a leased task well; false, with nothing changed, when the token is old or the task has ended. */
    boolean done(Tx tx, Held held, Outcome outcome) {
        Instant now = Instant.now();
        boolean brief = brief(held, outcome);
        int changed = tx.update(
                "UPDATE task SET status = 'done', worker = ?, fence = ?, attempts = ?, leased_until = NULL,"
                        + " next_at = NULL, error_code = NULL, error = NULL, updated_at = ?, short_result = ?,"
                        + " first_at = ?" + OPEN,
                held.worker(),
                held.fence(),
                held.attempt(),
                now,
                brief ? outcome.result() : null,
                brief ? held.leasedAt() : null,
                held.facts().n(),
                held.fence(),
                held.fence());
        if (changed == 0) {
            return false;
        }
        if (!brief) {
            record(tx, held, outcome, now);
        }
        notices.ended(tx, held, Status.DONE, Optional.empty());
        settled(tx, held.facts(), true);
        return true;
    }

    /** Whether the task's own row can tell of the attempt: the first one, short, with nothing on disk yet. */
    private static boolean brief(Held held, Outcome outcome) {
        return held.attempt() == 1
                && !held.begun()
                && held.facts().split().isEmpty()
                && outcome.result().filter(Payloads::brief).isPresent();
    }

    /** Ends a leased task badly for good; false as with {@link #done}. */
    boolean failed(Tx tx, Held held, Outcome outcome) {
        Instant now = Instant.now();
        int changed = tx.update(
                "UPDATE task SET status = 'failed', worker = ?, fence = ?, attempts = ?, failures = failures + ?, losses = losses + ?,"
                        + " leased_until = NULL, next_at = NULL, error_code = ?, error = ?, updated_at = ?" + OPEN,
                held.worker(),
                held.fence(),
                held.attempt(),
                outcome.lost() ? 0 : 1,
                outcome.lost() ? 1 : 0,
                outcome.code().map(ErrorCode::name),
                outcome.error(),
                now,
                held.facts().n(),
                held.fence(),
                held.fence());
        if (changed == 0) {
            return false;
        }
        record(tx, held, outcome, now);
        notices.ended(tx, held, Status.FAILED, failure(outcome));
        settled(tx, held.facts(), false);
        return true;
    }

    /**
     * Ends an attempt badly: the task is queued again, after a pause that doubles with each failure where the task may
     * be the reason, or has failed when no attempt is left. Of workers that were lost many more are put up with. False as with {@link #done}.
     */
    boolean again(Tx tx, Held held, Outcome outcome, Optional<Duration> pause) {
        int failures = held.facts().failures() + (outcome.failed() ? 1 : 0);
        int losses = held.facts().losses() + (outcome.lost() ? 1 : 0);
        if (outcome.failed() && failures >= held.facts().maxAttempts()) {
            return failed(tx, held, outcome);
        }
        if (outcome.lost() && losses >= MOST_LOSSES) {
            return failed(tx, held, outcome.andNoMore(NO_ACCIDENT));
        }
        Instant now = Instant.now();
        Duration wait = pause.orElseGet(() -> outcome.failed() ? backoff(failures) : Duration.ZERO);
        Optional<Instant> nextAt = wait.isZero() ? Optional.empty() : Optional.of(now.plus(wait));
        int changed = tx.update(
                "UPDATE task SET status = 'queued', worker = NULL, fence = ?, attempts = ?, failures = ?, losses = ?,"
                        + " leased_until = NULL, next_at = ?, updated_at = ?" + OPEN,
                held.fence(),
                held.attempt(),
                failures,
                losses,
                nextAt,
                now,
                held.facts().n(),
                held.fence(),
                held.fence());
        if (changed == 0) {
            return false;
        }
        record(tx, held, outcome, now);
        notices.again(tx, held, wait, failure(outcome));
        return true;
    }

    /** One second, doubling, a fifth more or less, at most five minutes. */
    private static Duration backoff(int failures) {
        long base = Math.min(LONGEST_PAUSE.toMillis(), 1000L << Math.min(20, failures - 1));
        return Duration.ofMillis((long) (base * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }

    private static Optional<Failure> failure(Outcome outcome) {
        return outcome.code()
                .map(code -> new Failure(code.name(), outcome.error().orElse("")));
    }

    private static void record(Tx tx, Held held, Outcome outcome, Instant now) {
        tx.update(
                "INSERT OR REPLACE INTO task_attempt (task, n, worker, leased_at, ended_at, status, error, result,"
                        + " result_ref) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                held.facts().n(),
                held.attempt(),
                held.worker(),
                held.leasedAt(),
                now,
                outcome.word(),
                outcome.error(),
                outcome.result(),
                outcome.resultRef());
    }

    /** What follows for others when a task has ended, well or not. */
    void settled(Tx tx, Facts facts, boolean well) {
        if (intake.needed() && well) {
            unblock(tx, facts.n());
        } else if (intake.needed()) {
            fell(tx, facts);
        }
        facts.split().ifPresent(split -> splits.partEnded(tx, split, well));
    }

    private void unblock(Tx tx, long n) {
        List<Facts> freed = tx.query(
                "SELECT " + Facts.COLUMNS + " FROM task_needs d JOIN task t ON t.n = d.task"
                        + " WHERE d.needs = ? AND t.status = 'blocked' AND NOT EXISTS (SELECT 1 FROM task_needs o"
                        + " JOIN task p ON p.n = o.needs WHERE o.task = t.n AND p.status <> 'done')",
                Facts::of,
                n);
        for (Facts next : freed) {
            free(tx, next);
        }
    }

    /** A blocked task may go on. */
    void free(Tx tx, Facts facts) {
        Status next = unblocked(facts.kind());
        tx.update("UPDATE task SET status = ?, updated_at = ? WHERE n = ?", next, Instant.now(), facts.n());
        notices.moved(tx, facts, Status.BLOCKED, next, Optional.empty());
    }

    static Status unblocked(Kind kind) {
        return kind == Kind.HUMAN ? Status.WAITING : Status.QUEUED;
    }

    /** All that depend on a task that did not end well fail with it. */
    private void fell(Tx tx, Facts first) {
        Deque<Facts> fallen = new ArrayDeque<>(List.of(first));
        while (!fallen.isEmpty()) {
            Facts cause = fallen.poll();
            List<Facts> dependents = tx.query(
                    "SELECT " + Facts.COLUMNS + " FROM task_needs d JOIN task t ON t.n = d.task"
                            + " WHERE d.needs = ? AND t.status = 'blocked'",
                    Facts::of,
                    cause.n());
            for (Facts dependent : dependents) {
                fall(tx, dependent, "task " + first.id() + ", which it depends on, did not end well");
                fallen.add(dependent);
            }
        }
    }

    private void fall(Tx tx, Facts facts, String why) {
        tx.update(
                "UPDATE task SET status = 'failed', error_code = ?, error = ?, updated_at = ? WHERE n = ?",
                ErrorCode.CONFLICT.name(),
                why,
                Instant.now(),
                facts.n());
        notices.moved(
                tx, facts, Status.BLOCKED, Status.FAILED, Optional.of(new Failure(ErrorCode.CONFLICT.name(), why)));
        facts.split().ifPresent(split -> splits.partEnded(tx, split, false));
    }

    /** A blocked task is done by what others did. */
    void gathered(Tx tx, Facts facts, String resultRef) {
        Instant now = Instant.now();
        tx.update(
                "UPDATE task SET status = 'done', worker = 'hub', attempts = attempts + 1, updated_at = ? WHERE n = ?",
                now,
                facts.n());
        Held held = new Held(facts, 0, "hub", facts.attempts() + 1, now, false);
        record(tx, held, Outcome.doneByReference(resultRef), now);
        notices.moved(tx, facts, Status.BLOCKED, Status.DONE, Optional.empty());
        settled(tx, facts, true);
    }

    /** A failed task is open again: true when it is an aggregator, which then waits for its batches. */
    boolean reopened(Tx tx, Facts facts) {
        facts.split().ifPresent(split -> splits.partReopened(tx, split));
        return splits.waits(tx, facts.n());
    }

    /** A blocked task fails for a reason of its own, and those that wait for it. */
    void collapse(Tx tx, Facts facts, String why) {
        fall(tx, facts, why);
        fell(tx, facts);
    }
}

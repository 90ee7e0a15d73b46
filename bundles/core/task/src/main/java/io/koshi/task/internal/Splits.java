package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Tasks.Order;
import io.koshi.task.internal.TaskViews.Progress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many items, one task for each batch of them, and an aggregator that waits until all have ended. The aggregator is an
 * ordinary task, blocked until then; its row numbers the split. Items come in pieces, each numbered, so that a piece
 * that is sent again changes nothing. Thread-safe.
 */
final class Splits {
    /** Items in one piece. */
    static final int PIECE = 500;

    private static final long SOONEST_MS = 500;
    private static final long LATEST_MS = 60_000;

    private static final Logger LOG = LoggerFactory.getLogger(Splits.class);

    private final Store store;
    private final Pools pools;
    private final Intake intake;
    private final Batches batches;
    private final Found found;
    private final Gathering gathering;
    private Endings endings;

    Splits(Store store, Pools pools, Intake intake, Payloads payloads, Codec codec) {
        this.store = store;
        this.pools = pools;
        this.intake = intake;
        this.batches = new Batches(intake, codec);
        this.found = new Found(store, payloads, codec);
        this.gathering = new Gathering(store, payloads, codec);
    }

    /** What ends tasks and what splits them need each other. */
    void endWith(Endings which) {
        this.endings = which;
    }

    /**
     * How batches are made.
     *
     * @param prompt of each batch, with the items in place of {{items}} or behind it
     * @param size items in a batch
     * @param like type, skill, model and system prompt of each batch
     */
    record Plan(String prompt, int size, Order like, Policy policy, double threshold) {}

    /** Begins a split: its aggregator, and a splitter where one is to find the items. */
    long begin(Tx tx, Order aggregator, Plan plan, Optional<Order> splitter) {
        Facts made = intake.add(tx, new Intake.New(aggregator, Optional.empty(), Optional.empty(), true));
        Optional<Long> finder = splitter.map(order -> intake.add(
                        tx, new Intake.New(order, Optional.empty(), Optional.of(-made.n()), false))
                .n());
        tx.update(
                "INSERT INTO task_split (task, splitter, prompt, kind, skill, model, system_prompt, batch, policy,"
                        + " threshold) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                made.n(),
                finder.orElse(null),
                plan.prompt(),
                plan.like().type(),
                plan.like().skill(),
                plan.like().model(),
                plan.like().systemPrompt(),
                plan.size(),
                plan.policy(),
                plan.threshold());
        return made.n();
    }

    private static Optional<Split> find(Tx tx, long n) {
        return tx.first(
                "SELECT s.*, t.title, t.priority, t.project, t.max_attempts FROM task_split s"
                        + " JOIN task t ON t.n = s.task WHERE s.task = ?",
                Split::of,
                n);
    }

    /** Adds a piece of the items; see {@link Batches#add}. */
    void add(Tx tx, long n, List<Object> items, long from, boolean last) {
        Split split = find(tx, n).orElseThrow(() -> KoshiException.notFound("task number " + n + " is no split"));
        batches.add(tx, split, items, from, last);
        check(tx, n);
    }

    /** A batch, or (negative) a splitter, has ended. */
    void partEnded(Tx tx, long split, boolean well) {
        if (split < 0) {
            if (well) {
                tx.afterCommit(() -> run(() -> feed(-split)));
            } else {
                collapse(tx, -split, "its splitter did not end well");
            }
            return;
        }
        tx.update(
                well
                        ? "UPDATE task_split SET done = done + 1 WHERE task = ?"
                        : "UPDATE task_split SET failed = failed + 1 WHERE task = ?",
                split);
        check(tx, split);
    }

    /** A batch that failed is open again. */
    void partReopened(Tx tx, long split) {
        if (split > 0) {
            tx.update("UPDATE task_split SET failed = failed - 1 WHERE task = ?", split);
        }
    }

    /** Whether a task is an aggregator that has not got its results; if all are there it gets them now. */
    boolean waits(Tx tx, long n) {
        Optional<Split> split = find(tx, n).filter(found -> !found.gathered());
        split.ifPresent(found -> check(tx, n));
        return split.isPresent();
    }

    private void check(Tx tx, long n) {
        find(tx, n).filter(Split::over).ifPresent(over -> tx.afterCommit(() -> run(() -> finish(n))));
    }

    private void run(Runnable step) {
        run(step, SOONEST_MS);
    }

    /** Tries again, later each time, while the hub has too much to do or its disk takes nothing. */
    private void run(Runnable step, long pauseMs) {
        try {
            pools.work().execute(() -> {
                try {
                    step.run();
                } catch (RuntimeException e) {
                    LOG.warn("A split cannot go on now and is tried again: {}", e.getMessage(), e);
                    later(step, pauseMs);
                }
            });
        } catch (RejectedExecutionException busy) {
            later(step, pauseMs);
        }
    }

    private void later(Runnable step, long pauseMs) {
        try {
            pools.timer().schedule(() -> run(step, Math.min(LATEST_MS, pauseMs * 2)), pauseMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            LOG.info("A split goes on at the next start");
        }
    }

    /** Everything has ended: the aggregator gets the results, or fails. */
    private void finish(long n) {
        Optional<Split> over = store.read(tx -> find(tx, n)).filter(Split::over);
        if (over.isEmpty() || over.get().gathered()) {
            return;
        }
        Split split = over.get();
        if (split.spoilt()) {
            store.writeNow(tx -> {
                collapse(tx, n, split.failed() + " of " + split.batches() + " batches did not end well");
                return null;
            });
            return;
        }
        Gathering.Results results = gathering.gather(n);
        store.writeNow(tx -> {
            blocked(tx, n).ifPresent(facts -> {
                tx.update("UPDATE task_split SET gathered = 1 WHERE task = ?", n);
                if (gathering.hand(tx, n, results)) {
                    endings.free(tx, facts);
                } else {
                    endings.gathered(tx, facts, results.ref());
                }
            });
            return null;
        });
    }

    private static Optional<Facts> blocked(Tx tx, long n) {
        return tx.first(
                "SELECT " + Facts.COLUMNS + " FROM task t WHERE t.n = ? AND t.status = 'blocked'", Facts::of, n);
    }

    private void collapse(Tx tx, long n, String why) {
        blocked(tx, n).ifPresent(facts -> endings.collapse(tx, facts, why));
    }

    /** Makes items of what a splitter found, a piece in memory at a time; those of before a crash are passed over. */
    private void feed(long n) {
        found.pieces(
                n,
                PIECE,
                (items, from, last) -> store.writeNow(tx -> {
                    add(tx, n, items, from, last);
                    return null;
                }));
    }

    /** Takes up what was under way when the hub ended. */
    void resume(Tx tx) {
        List<Long> open = tx.query(
                "SELECT s.task FROM task_split s JOIN task t ON t.n = s.task WHERE s.gathered = 0"
                        + " AND t.status = 'blocked'",
                row -> row.number("task"));
        for (long n : open) {
            check(tx, n);
            long ready = tx.number(
                    "SELECT COUNT(*) FROM task_split s JOIN task p ON p.n = s.splitter WHERE s.task = ?"
                            + " AND s.closed = 0 AND p.status = 'done'",
                    n);
            if (ready > 0) {
                tx.afterCommit(() -> run(() -> feed(n)));
            }
        }
    }

    static Optional<Progress> progress(Tx tx, long n) {
        return tx.first(
                "SELECT * FROM task_split WHERE task = ?",
                row -> new Progress(
                        row.number("items"),
                        row.number("batches"),
                        row.number("done"),
                        row.number("failed"),
                        row.flag("closed"),
                        row.text("policy")),
                n);
    }
}

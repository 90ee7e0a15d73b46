package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Tasks.Order;
import io.koshi.task.internal.TaskViews.Progress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
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

    private static final String PLACE = "{{items}}";
    private static final Logger LOG = LoggerFactory.getLogger(Splits.class);

    private final Store store;
    private final Pools pools;
    private final Intake intake;
    private final Codec codec;
    private final Gathering gathering;
    private Endings endings;

    Splits(Store store, Pools pools, Intake intake, Payloads payloads, Codec codec) {
        this.store = store;
        this.pools = pools;
        this.intake = intake;
        this.codec = codec;
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

    /**
     * Adds a piece of the items.
     *
     * @param from the number of the first one, from 0; what came before is passed over
     * @param last no more will come
     */
    void add(Tx tx, long n, List<Object> items, long from, boolean last) {
        Split split = find(tx, n).orElseThrow(() -> KoshiException.notFound("task number " + n + " is no split"));
        if (from > split.items()) {
            throw new KoshiException(
                    ErrorCode.CONFLICT,
                    "items " + split.items() + " to " + (from - 1) + " are missing; send them first");
        }
        List<Object> fresh = items.subList((int) Math.min(items.size(), split.items() - from), items.size());
        if (split.closed()) {
            if (fresh.isEmpty()) {
                return;
            }
            throw new KoshiException(ErrorCode.CONFLICT, "this split has all its items already");
        }
        List<Object> open = new ArrayList<>(lines(split.rest()));
        long batches = split.batches();
        for (Object item : fresh) {
            open.add(item);
            if (open.size() == split.size()) {
                batch(tx, split, open);
                batches++;
                open.clear();
            }
        }
        if (last && !open.isEmpty()) {
            batch(tx, split, open);
            batches++;
            open.clear();
        }
        tx.update(
                "UPDATE task_split SET rest = ?, items = items + ?, batches = ?, closed = ? WHERE task = ?",
                open.isEmpty() ? "" : json(open),
                fresh.size(),
                batches,
                last,
                n);
        check(tx, n);
    }

    @SuppressWarnings("unchecked")
    private List<Object> lines(String rest) {
        return rest.isEmpty() ? List.of() : (List<Object>) codec.parseJson(rest.getBytes(StandardCharsets.UTF_8));
    }

    private String json(Object value) {
        return new String(codec.json(value), StandardCharsets.UTF_8);
    }

    private void batch(Tx tx, Split split, List<Object> items) {
        StringBuilder text = new StringBuilder();
        for (Object item : items) {
            boolean plain = items.size() == 1 && item instanceof String;
            text.append(text.isEmpty() ? "" : "\n").append(plain ? (String) item : json(item));
        }
        String prompt =
                split.prompt().contains(PLACE) ? split.prompt().replace(PLACE, text) : split.prompt() + "\n\n" + text;
        Payloads.checkPrompt(prompt);
        Order like = split.like();
        Order order = new Order(
                like.title(),
                prompt,
                like.type(),
                like.priority(),
                like.project(),
                like.skill(),
                List.of(),
                Optional.empty(),
                List.of(),
                false,
                like.model(),
                like.systemPrompt(),
                Optional.empty(),
                like.maxAttempts());
        intake.add(tx, new Intake.New(order, Optional.empty(), Optional.of(split.n()), false));
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
        try {
            pools.work().execute(() -> {
                try {
                    step.run();
                } catch (RuntimeException e) {
                    LOG.error("A split could not go on; it does at the next start", e);
                }
            });
        } catch (RejectedExecutionException busy) {
            LOG.warn("A split goes on at the next start: the hub has too much to do");
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

    /** Makes items of what a splitter found: a JSON list, or lines. */
    private void feed(long n) {
        List<Object> items = gathering.items(n);
        for (int from = 0; from == 0 || from < items.size(); from += PIECE) {
            int start = from;
            int end = Math.min(items.size(), from + PIECE);
            store.writeNow(tx -> {
                add(tx, n, items.subList(start, end), start, end == items.size());
                return null;
            });
        }
    }

    /** Takes up what was under way when the hub ended. */
    void resume(Tx tx) {
        List<Long> open = tx.query(
                "SELECT s.task FROM task_split s JOIN task t ON t.n = s.task WHERE s.gathered = 0"
                        + " AND t.status = 'blocked'",
                row -> row.number("task"));
        for (long n : open) {
            check(tx, n);
            long found = tx.number(
                    "SELECT COUNT(*) FROM task_split s JOIN task p ON p.n = s.splitter WHERE s.task = ?"
                            + " AND s.closed = 0 AND p.status = 'done'",
                    n);
            if (found > 0) {
                tx.afterCommit(() -> run(() -> feed(n)));
            }
        }
    }

    /** Batches of a split that have not ended, some at a time. */
    static List<Long> openBatches(Tx tx, long n, int limit) {
        return tx.query(
                "SELECT n FROM task WHERE split = ? AND status NOT IN ('done', 'failed', 'cancelled') LIMIT ?",
                row -> row.number("n"),
                n,
                limit);
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

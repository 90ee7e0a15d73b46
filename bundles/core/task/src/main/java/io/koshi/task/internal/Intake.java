package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.config.Settings;
import io.koshi.store.Tx;
import io.koshi.task.Tasks.Order;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Writes new tasks. A task can only need older ones, so no cycle can be made. Thread-safe. */
final class Intake {
    private static final int MAX_NEEDS = 1000;

    private final Settings settings;
    private final Notices notices;
    private final Sorting sorting;
    private long last; // confined to the writer's thread
    private volatile boolean needed;

    Intake(Settings settings, Notices notices, Sorting sorting) {
        this.settings = settings;
        this.notices = notices;
        this.sorting = sorting;
    }

    /** What the disk has when the hub starts; called inside the room's first write. */
    void begin(Tx tx) {
        last = tx.number("SELECT COALESCE(MAX(n), 0) FROM task");
        needed = tx.number("SELECT EXISTS (SELECT 1 FROM task_needs)") > 0;
    }

    /** Whether any task ever needed another, so that an end may concern others. */
    boolean needed() {
        return needed;
    }

    /** Counts on the writer's thread; a work that runs twice leaves a gap. */
    private long next(Tx tx) {
        if (last == 0) {
            begin(tx);
        }
        return ++last;
    }

    /**
     * A task as it is written.
     *
     * @param promptRef the blob that has the prompt where it is long; the order's is not kept then
     * @param split as in {@link Facts}
     * @param held stays blocked until it is freed by name, whatever it depends on
     */
    record New(Order order, Optional<String> promptRef, Optional<Long> split, boolean held) {
        static New of(Order order) {
            return new New(order, Optional.empty(), Optional.empty(), false);
        }
    }

    /** The task that an earlier order with the same request id made. */
    static Optional<String> known(Tx tx, Order order) {
        return order.requestId()
                .flatMap(request ->
                        tx.first("SELECT id FROM task WHERE request_id = ?", row -> row.text("id"), request));
    }

    static void check(Order order) {
        Kind kind = Kind.of(order.type());
        if (order.autoRun() && kind != Kind.CHAT) {
            throw KoshiException.invalid("/autoRun", "the hub itself runs tasks of type chat only");
        }
        Payloads.checkPrompt(order.prompt());
        if (order.dependsOn().size() > MAX_NEEDS) {
            throw KoshiException.invalid("/dependsOn", "a task depends on at most " + MAX_NEEDS + " others");
        }
    }

    /** Writes a checked order. */
    Facts add(Tx tx, New made) {
        Order order = made.order();
        Kind kind = Kind.of(order.type());
        Set<Long> needs = new LinkedHashSet<>();
        boolean blocked = made.held();
        for (String needed : order.dependsOn()) {
            blocked |= need(tx, needed, needs);
        }
        Status status = blocked ? Status.BLOCKED : Endings.unblocked(kind);
        long n = next(tx);
        Facts facts = new Facts(
                n,
                TaskIds.of(n),
                order.title(),
                order.project(),
                kind,
                order.priority(),
                order.autoRun(),
                made.split(),
                order.maxAttempts().orElse(settings.config().tasks().maxAttempts()),
                0,
                0,
                0,
                order.model().filter(named -> !named.isEmpty() && kind == Kind.CHAT && !order.autoRun()),
                Instant.now());
        boolean soon = soon(facts, status, made);
        write(tx, facts, status, made, soon);
        if (soon) {
            sorting.made(tx, n);
        }
        needed |= !needs.isEmpty();
        needs.forEach(need -> tx.update("INSERT INTO task_needs (task, needs) VALUES (?, ?)", facts.n(), need));
        Set.copyOf(order.sourceIds())
                .forEach(message ->
                        tx.update("INSERT INTO task_source (task, message) VALUES (?, ?)", facts.n(), message));
        notices.made(tx, facts, status, soon ? work(facts, made) : Optional.empty());
        return facts;
    }

    /** Whether the next worker may well take it and have it done before the queue's index is needed. */
    private static boolean soon(Facts facts, Status status, New made) {
        return status == Status.QUEUED && !facts.autoRun() && made.split().isEmpty();
    }

    /** What a worker needs of it. */
    private static Optional<Book.Work> work(Facts facts, New made) {
        Order order = made.order();
        if (made.promptRef().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new Book.Work(
                facts,
                order.prompt(),
                order.skill(),
                order.model(),
                order.systemPrompt(),
                order.context(),
                Optional.empty(),
                order.trust()));
    }

    /** Whether there is nothing but a short prompt, and nobody adds to it. */
    private static boolean brief(New made) {
        Order order = made.order();
        return Payloads.brief(order.prompt())
                && made.split().isEmpty()
                && !made.held()
                && order.trust() == Trust.MEDIUM
                && order.skill().isEmpty()
                && order.model().isEmpty()
                && order.systemPrompt().isEmpty()
                && order.context().isEmpty();
    }

    private static void write(Tx tx, Facts facts, Status status, New made, boolean unsorted) {
        Order order = made.order();
        boolean brief = brief(made);
        tx.update(
                "INSERT INTO task (n, id, status, type, priority, auto_run, title, project, request_id, split,"
                        + " max_attempts, created_at, updated_at, unsorted, short_prompt, only_model)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                facts.n(),
                facts.id(),
                status,
                facts.kind(),
                facts.priority(),
                facts.autoRun(),
                facts.title(),
                facts.project(),
                order.requestId(),
                facts.split().orElse(null),
                facts.maxAttempts(),
                facts.createdAt(),
                facts.createdAt(),
                unsorted,
                brief ? order.prompt() : null,
                facts.onlyModel());
        if (brief) {
            return;
        }
        tx.update(
                "INSERT INTO task_body (task, prompt, prompt_ref, skill, model, system_prompt, context, trust)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                facts.n(),
                made.promptRef().isPresent() ? null : order.prompt(),
                made.promptRef(),
                order.skill(),
                order.model(),
                order.systemPrompt(),
                order.context(),
                order.trust());
    }

    /** Adds a task that must be done first; true when it is not done yet. */
    private static boolean need(Tx tx, String needed, Set<Long> needs) {
        record Needed(long n, String status) {}
        Needed need = TaskIds.find(tx, needed)
                .flatMap(row -> tx.first(
                        "SELECT n, status FROM task WHERE n = ?",
                        found -> new Needed(found.number("n"), found.text("status")),
                        row))
                .orElseThrow(() -> KoshiException.invalid("/dependsOn", "there is no task " + needed));
        if (need.status().equals("failed") || need.status().equals("cancelled")) {
            throw KoshiException.invalid(
                    "/dependsOn", "task " + needed + " is " + need.status() + " already; see task.retry");
        }
        needs.add(need.n());
        return !need.status().equals("done");
    }
}

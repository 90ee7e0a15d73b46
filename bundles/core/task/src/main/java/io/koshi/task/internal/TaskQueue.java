package io.koshi.task.internal;

import io.koshi.api.Blobs;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.hub.Traced;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Leased;
import io.koshi.task.Tasks;
import io.koshi.task.internal.TaskViews.Attempt;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Keeps tasks, each change one commit; what has ended never changes. Thread-safe. */
@Component(
        name = "io.koshi.task",
        service = {Tasks.class, TaskQueue.class, Traced.class})
public final class TaskQueue implements Tasks, Traced {
    /** Longest prompt, in characters. */
    static final int MAX_PROMPT = 1_000_000;

    private static final Set<String> TYPES = Set.of("chat", "python", "shell", "human");
    private static final String HUMAN = "human";
    private static final int MAX_NEEDS = 1000;

    private final Store store;
    private final Blobs blobs;
    private final Pools pools;
    private final Set<Runnable> takers = new CopyOnWriteArraySet<>();
    private final Events events;
    private final Settings settings;

    @Activate
    public TaskQueue(
            @Reference Store store,
            @Reference Blobs blobs,
            @Reference Events events,
            @Reference Settings settings,
            @Reference Pools pools) {
        this.store = store;
        this.blobs = blobs;
        this.pools = pools;
        this.events = events;
        this.settings = settings;
        store.migrate("task", TaskTables.STEPS);
    }

    @Override
    public String enqueue(Tx tx, Order order) {
        Optional<String> known = known(tx, order);
        if (known.isPresent()) {
            return known.get();
        }
        check(order);
        Set<Long> needs = new LinkedHashSet<>();
        boolean blocked = false;
        for (String needed : order.dependsOn()) {
            blocked |= need(tx, needed, needs);
        }
        Status status = blocked ? Status.BLOCKED : unblocked(order.type());
        Instant now = Instant.now();
        String id = Ulid.next();
        long n = tx.insert(
                "INSERT INTO task (id, title, prompt, type, status, priority, project, skill, request_id,"
                        + " auto_run, model, system_prompt, context, max_attempts, created_at, updated_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                id,
                order.title(),
                order.prompt(),
                order.type(),
                status,
                order.priority(),
                order.project(),
                order.skill(),
                order.requestId(),
                order.autoRun(),
                order.model(),
                order.systemPrompt(),
                order.context(),
                order.maxAttempts().orElse(settings.config().tasks().maxAttempts()),
                now,
                now);
        needs.forEach(need -> tx.update("INSERT INTO task_needs (task, needs) VALUES (?, ?)", n, need));
        Set.copyOf(order.sourceIds())
                .forEach(message -> tx.update("INSERT INTO task_source (task, message) VALUES (?, ?)", n, message));
        tell(tx, n, status);
        return id;
    }

    /** The task that an earlier order with the same request id made. */
    Optional<String> known(Tx tx, Order order) {
        return order.requestId()
                .flatMap(request ->
                        tx.first("SELECT id FROM task WHERE request_id = ?", row -> row.text("id"), request));
    }

    private static void check(Order order) {
        if (!TYPES.contains(order.type())) {
            throw KoshiException.invalid("/type", "a task's type is chat, python, shell or human");
        }
        if (order.prompt().isBlank()) {
            throw KoshiException.invalid("/prompt", "say what is to be done");
        }
        if (order.prompt().length() > MAX_PROMPT) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE, "a prompt has at most " + MAX_PROMPT + " characters; refer to a file");
        }
        if (order.dependsOn().size() > MAX_NEEDS) {
            throw KoshiException.invalid("/dependsOn", "a task depends on at most " + MAX_NEEDS + " others");
        }
    }

    /** Adds a task that must be done first; true when it is not done yet. A task can only need older ones. */
    private static boolean need(Tx tx, String needed, Set<Long> needs) {
        record Needed(long n, String status) {}
        Needed found = tx.first(
                        "SELECT n, status FROM task WHERE id = ?",
                        row -> new Needed(row.number("n"), row.text("status")),
                        needed)
                .orElseThrow(() -> KoshiException.invalid("/dependsOn", "there is no task " + needed));
        if (found.status().equals("failed") || found.status().equals("cancelled")) {
            throw KoshiException.invalid("/dependsOn", "task " + needed + " is " + found.status() + " already");
        }
        needs.add(found.n());
        return !found.status().equals("done");
    }

    private static Status unblocked(String type) {
        return type.equals(HUMAN) ? Status.WAITING : Status.QUEUED;
    }

    @Override
    public Optional<Long> lease(Tx tx, String taskId, String worker) {
        Instant now = Instant.now();
        int leased = tx.update(
                "UPDATE task SET status = 'leased', fence = fence + 1, attempts = attempts + 1, worker = ?,"
                        + " leased_until = NULL, updated_at = ? WHERE id = ? AND status = 'queued'",
                worker,
                now,
                taskId);
        if (leased == 0) {
            return Optional.empty();
        }
        long n = number(tx, taskId);
        tx.update(
                "INSERT INTO task_attempt (task, n, worker, leased_at, status)"
                        + " SELECT n, attempts, worker, ?, 'leased' FROM task WHERE n = ?",
                now,
                n);
        tell(tx, n, Status.LEASED);
        return Optional.of(tx.number("SELECT fence FROM task WHERE n = ?", n));
    }

    @Override
    public List<Leased> take(Tx tx, String worker, int max) {
        List<String> next = tx.query(
                "SELECT id FROM task WHERE status = 'queued' AND auto_run = 1 ORDER BY priority, n LIMIT ?",
                row -> row.text("id"),
                max);
        List<Leased> taken = new ArrayList<>();
        for (String id : next) {
            lease(tx, id, worker).ifPresent(fence -> taken.add(leased(tx, id)));
        }
        return taken;
    }

    private static Leased leased(Tx tx, String id) {
        return tx.first(
                        "SELECT * FROM task WHERE id = ?",
                        row -> new Leased(
                                id,
                                row.number("n"),
                                row.optional("title"),
                                row.text("prompt"),
                                row.text("type"),
                                (int) row.number("priority"),
                                row.optional("project"),
                                row.optional("skill"),
                                row.optional("model"),
                                row.optional("system_prompt"),
                                row.optional("context"),
                                (int) row.number("attempts"),
                                row.text("worker"),
                                row.number("fence"),
                                Optional.ofNullable(row.instant("leased_until")),
                                row.instant("created_at")),
                        id)
                .orElseThrow();
    }

    @Override
    public AutoCloseable onTakeable(Runnable listener) {
        takers.add(listener);
        pools.work().execute(listener);
        return () -> takers.remove(listener);
    }

    @Override
    public boolean nack(Tx tx, String taskId, long fence, ErrorCode code, String error) {
        return failed(tx, taskId, fence, code, error);
    }

    @Override
    public boolean cancel(Tx tx, String taskId, String why) {
        int changed = tx.update(
                "UPDATE task SET status = 'cancelled', error_code = 'CONFLICT', error = ?, updated_at = ? WHERE id = ?"
                        + " AND status NOT IN ('done', 'failed', 'cancelled')",
                why,
                Instant.now(),
                taskId);
        if (changed > 0) {
            tell(tx, number(tx, taskId), Status.CANCELLED);
        }
        return changed > 0;
    }

    @Override
    public boolean done(Tx tx, String taskId, long fence, String result) {
        if (!end(tx, taskId, fence, Status.DONE, Optional.of(result), Optional.empty(), Optional.empty())) {
            return false;
        }
        List<Long> freed = tx.query(
                "SELECT t.n FROM task_needs d JOIN task t ON t.n = d.task WHERE d.needs = ? AND t.status = 'blocked'"
                        + " AND NOT EXISTS (SELECT 1 FROM task_needs o JOIN task p ON p.n = o.needs"
                        + " WHERE o.task = t.n AND p.status <> 'done')",
                row -> row.number("n"),
                number(tx, taskId));
        for (long n : freed) {
            Status next = unblocked(tx.first("SELECT type FROM task WHERE n = ?", row -> row.text("type"), n)
                    .orElseThrow());
            tx.update("UPDATE task SET status = ?, updated_at = ? WHERE n = ?", next, Instant.now(), n);
            tell(tx, n, next);
        }
        return true;
    }

    @Override
    public boolean failed(Tx tx, String taskId, long fence, ErrorCode code, String error) {
        if (!end(tx, taskId, fence, Status.FAILED, Optional.empty(), Optional.of(code), Optional.of(error))) {
            return false;
        }
        Deque<Long> fallen = new ArrayDeque<>(List.of(number(tx, taskId)));
        while (!fallen.isEmpty()) {
            List<Long> dependents = tx.query(
                    "SELECT t.n FROM task_needs d JOIN task t ON t.n = d.task"
                            + " WHERE d.needs = ? AND t.status = 'blocked'",
                    row -> row.number("n"),
                    fallen.poll());
            for (long n : dependents) {
                tx.update(
                        "UPDATE task SET status = 'failed', error_code = ?, error = ?, updated_at = ? WHERE n = ?",
                        code.name(),
                        "task " + taskId + ", which it depends on, failed",
                        Instant.now(),
                        n);
                tell(tx, n, Status.FAILED);
                fallen.add(n);
            }
        }
        return true;
    }

    private boolean end(
            Tx tx,
            String taskId,
            long fence,
            Status status,
            Optional<String> result,
            Optional<ErrorCode> code,
            Optional<String> error) {
        Instant now = Instant.now();
        int ended = tx.update(
                "UPDATE task SET status = ?, result = ?, error_code = ?, error = ?, leased_until = NULL,"
                        + " updated_at = ? WHERE id = ? AND status = 'leased' AND fence = ?",
                status,
                result,
                code.map(ErrorCode::name),
                error,
                now,
                taskId,
                fence);
        if (ended == 0) {
            return false;
        }
        long n = number(tx, taskId);
        tx.update(
                "UPDATE task_attempt SET status = ?, error = ?, ended_at = ? WHERE task = ?"
                        + " AND n = (SELECT attempts FROM task WHERE n = ?)",
                status,
                error,
                now,
                n,
                n);
        tell(tx, n, status);
        return true;
    }

    /** A task in full. */
    Optional<TaskViews.Task> get(String taskId) {
        return store.read(tx -> {
            List<String> needs = tx.query(
                    "SELECT p.id FROM task t JOIN task_needs d ON d.task = t.n JOIN task p ON p.n = d.needs"
                            + " WHERE t.id = ? ORDER BY p.n",
                    row -> row.text("id"),
                    taskId);
            List<Attempt> attempts = tx.query(
                    "SELECT a.* FROM task_attempt a JOIN task t ON t.n = a.task WHERE t.id = ? ORDER BY a.n",
                    Attempt::of,
                    taskId);
            return tx.first("SELECT * FROM task WHERE id = ?", row -> TaskViews.Task.of(row, needs, attempts), taskId);
        });
    }

    /** Tasks, the newest first. */
    List<TaskViews.Brief> list(Optional<Status> status, Optional<String> project, int limit, Optional<String> before) {
        return store.read(tx -> {
            long end = before.map(id -> number(tx, id)).orElse(Long.MAX_VALUE);
            return tx.query(
                    "SELECT * FROM task WHERE (? IS NULL OR status = ?) AND (? IS NULL OR project = ?)"
                            + " AND n < ? ORDER BY n DESC LIMIT ?",
                    TaskViews.Brief::of,
                    status,
                    status,
                    project,
                    project,
                    end,
                    limit);
        });
    }

    /** How many tasks have a status. */
    long count(Status status) {
        return store.read(tx -> tx.number("SELECT COUNT(*) FROM task WHERE status = ?", status));
    }

    @Override
    public List<String> resolve(String ref) {
        return store.read(tx -> tx.query(
                "SELECT s.message FROM task t JOIN task_source s ON s.task = t.n WHERE t.id = ? ORDER BY s.message",
                row -> row.text("message"),
                ref));
    }

    @Override
    public List<Hop> hops(String messageId) {
        return store.read(tx -> tx.query(
                "SELECT t.* FROM task_source s JOIN task t ON t.n = s.task WHERE s.message = ? ORDER BY t.n",
                row -> new Hop(
                        row.instant("created_at"),
                        "routed",
                        row.text("id"),
                        (int) Math.max(1, row.number("attempts")),
                        0,
                        "task " + row.optional("title").orElse(row.text("type")) + ": " + row.text("status")),
                messageId));
    }

    private static long number(Tx tx, String taskId) {
        return tx.number("SELECT n FROM task WHERE id = ?", taskId);
    }

    private void tell(Tx tx, long n, Status status) {
        TaskViews.Changed changed = tx.first("SELECT * FROM task WHERE n = ?", TaskViews.Changed::of, n)
                .orElseThrow();
        tx.afterCommit(() -> {
            events.publish("task", "task." + status.word(), changed);
            if (status == Status.QUEUED) {
                takers.forEach(listener -> pools.work().execute(listener));
            }
        });
    }
}

package io.koshi.task.internal;

import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.task.internal.TaskViews.Attempt;
import io.koshi.task.internal.TaskViews.Brief;
import io.koshi.task.internal.TaskViews.Failure;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Shows tasks as they are now: what the disk has, and over it the leases that are only in memory. Thread-safe. */
final class Catalogue {
    private static final String BRIEF =
            "SELECT t.*, substr(COALESCE(t.short_prompt, b.prompt), 1, 80) AS words FROM task t"
                    + " LEFT JOIN task_body b ON b.task = t.n";
    private static final String FULL = "SELECT t.*, b.prompt, b.prompt_ref, b.system_prompt,"
            + " COALESCE(t.short_result, a.result) AS result, a.result_ref FROM task t"
            + " LEFT JOIN task_body b ON b.task = t.n"
            + " LEFT JOIN task_attempt a ON a.task = t.n AND a.n = t.attempts AND t.status = 'done'";

    private final Store store;
    private final Holds holds;
    private final Payloads payloads;
    private final Offers offers;

    Catalogue(Store store, Holds holds, Payloads payloads, Offers offers) {
        this.store = store;
        this.holds = holds;
        this.payloads = payloads;
        this.offers = offers;
    }

    /** A task in full. */
    Optional<TaskViews.Task> get(String ref) {
        return store.read(tx -> TaskIds.find(tx, ref).flatMap(n -> {
            List<String> needs = tx.query(
                    "SELECT p.id FROM task_needs d JOIN task p ON p.n = d.needs WHERE d.task = ? ORDER BY p.n",
                    row -> row.text("id"),
                    n);
            List<Attempt> attempts =
                    new ArrayList<>(tx.query("SELECT * FROM task_attempt WHERE task = ? ORDER BY n", Attempt::of, n));
            Optional<TaskViews.Progress> split = Splits.progress(tx, n);
            return tx.first(
                    "SELECT t.*, b.*, COALESCE(t.short_result, a.result) AS result, a.result_ref FROM task t"
                            + " LEFT JOIN task_body b ON b.task = t.n LEFT JOIN task_attempt a ON a.task = t.n AND a.n = t.attempts AND t.status = 'done'"
                            + " WHERE t.n = ?",
                    row -> full(row, needs, attempts, split),
                    n);
        }));
    }

    private TaskViews.Task full(
            Row row, List<String> needs, List<Attempt> attempts, Optional<TaskViews.Progress> split) {
        Optional<Hold> hold = hold(row);
        if (!row.isNull("first_at")) {
            attempts.add(new Attempt(
                    1,
                    row.text("worker"),
                    row.instant("first_at"),
                    Optional.of(row.instant("updated_at")),
                    "done",
                    Optional.empty()));
        }
        hold.ifPresent(held -> {
            attempts.removeIf(attempt -> attempt.n() == held.attempt());
            attempts.add(new Attempt(
                    held.attempt(), held.worker(), held.leasedAt(), Optional.empty(), "leased", Optional.empty()));
        });
        return new TaskViews.Task(
                row.text("id"),
                row.number("n"),
                row.optional("title"),
                payloads.prompt(row),
                row.text("type"),
                status(row, hold),
                row.number("priority"),
                row.optional("project"),
                row.optional("skill"),
                row.optional("model"),
                row.optional("system_prompt"),
                row.optional("context"),
                row.optional("input_ref"),
                row.flag("auto_run"),
                needs,
                attempts,
                row.number("max_attempts"),
                hold.map(Hold::fence).orElse(row.number("fence")),
                hold.map(Hold::worker).or(() -> row.optional("worker")),
                until(row, hold),
                Optional.ofNullable(row.instant("next_at")),
                waitsFor(row, hold),
                row.optional("result"),
                row.optional("result_ref"),
                error(row),
                split,
                row.instant("created_at"),
                hold.map(Hold::leasedAt).orElse(row.instant("updated_at")));
    }

    private Optional<Hold> hold(Row row) {
        String status = row.text("status");
        boolean open = status.equals("queued") || status.equals("leased");
        return open ? holds.of(row.number("n")) : Optional.empty();
    }

    private static String status(Row row, Optional<Hold> hold) {
        return hold.isPresent() ? "leased" : row.text("status");
    }

    private static Optional<Instant> until(Row row, Optional<Hold> hold) {
        return hold.map(Hold::until).or(() -> Optional.ofNullable(row.instant("leased_until")));
    }

    private Optional<String> waitsFor(Row row, Optional<Hold> hold) {
        return status(row, hold).equals("queued")
                ? row.optional("only_model").flatMap(offers::lacking)
                : Optional.empty();
    }

    private static Optional<Failure> error(Row row) {
        return row.optional("error_code").map(code -> new Failure(code, row.text("error")));
    }

    /** Tasks, the newest first. */
    List<Brief> list(Query query) {
        String from = query.full() ? FULL : BRIEF;
        boolean leased = query.status().filter(Status.LEASED::equals).isPresent();
        boolean queued = query.status().filter(Status.QUEUED::equals).isPresent();
        return store.read(tx -> {
            long end = query.before().map(ref -> Book.number(tx, ref)).orElse(Long.MAX_VALUE);
            List<Hold> held = leased || queued ? List.copyOf(holds.all()) : List.of();
            List<Brief> found = new ArrayList<>(tx.query(
                    from + " WHERE (? IS NULL OR t.project = ?) AND t.n < ?"
                            + query.status().map(Catalogue::having).orElse("")
                            + " ORDER BY t.n DESC LIMIT ?",
                    row -> brief(row, query.full()),
                    query.project(),
                    query.project(),
                    end,
                    Math.min(Integer.MAX_VALUE, (long) query.limit() + held.size())));
            if (leased) {
                for (Hold hold : held) {
                    boolean other = hold.facts().n() >= end
                            || query.project().isPresent()
                                    && !query.project().equals(hold.facts().project())
                            || found.stream()
                                    .anyMatch(known ->
                                            known.number() == hold.facts().n());
                    if (!other) {
                        tx.first(
                                        from + " WHERE t.n = ?",
                                        row -> brief(row, query.full()),
                                        hold.facts().n())
                                .ifPresent(found::add);
                    }
                }
                found.sort(Comparator.comparingLong(Brief::number).reversed());
            }
            query.status()
                    .ifPresent(status -> found.removeIf(each -> !each.status().equals(status.word())));
            return found.size() > query.limit() ? found.subList(0, query.limit()) : found;
        });
    }

    /** Of the two usual statuses the newest are soon found from the end; the others have an index. */
    private static String having(Status status) {
        boolean usual = status == Status.QUEUED || status == Status.DONE;
        return " AND " + (usual ? "+" : "") + "t.status = '" + status.word() + "'";
    }

    /** Which tasks a list has. */
    record Query(Optional<Status> status, Optional<String> project, int limit, Optional<String> before, boolean full) {}

    private Brief brief(Row row, boolean full) {
        Optional<Hold> hold = hold(row);
        return new Brief(
                row.text("id"),
                row.number("n"),
                row.optional("title"),
                full ? Optional.empty() : row.optional("words"),
                row.text("type").toLowerCase(Locale.ROOT),
                status(row, hold),
                row.number("priority"),
                row.optional("project"),
                hold.map(Hold::worker).or(() -> row.optional("worker")),
                hold.map(each -> (long) each.attempt()).orElse(row.number("attempts")),
                until(row, hold),
                waitsFor(row, hold),
                error(row),
                row.instant("created_at"),
                hold.map(Hold::leasedAt).orElse(row.instant("updated_at")),
                full ? Optional.of(payloads.prompt(row)) : Optional.empty(),
                full ? row.optional("system_prompt") : Optional.empty(),
                full
                        ? row.optional("result")
                                .or(() -> row.optional("result_ref").map(payloads::read))
                        : Optional.empty());
    }
}

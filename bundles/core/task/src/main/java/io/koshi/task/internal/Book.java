package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Leased;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Tasks on disk as workers need them: what is to be done, who has it, and why an end is refused. Thread-safe. */
final class Book {
    private static final String WORK = "SELECT " + Facts.COLUMNS + ", t.short_prompt, b.prompt, b.prompt_ref,"
            + " b.skill, b.model, b.system_prompt, b.context, b.input_ref, b.trust FROM task t"
            + " LEFT JOIN task_body b ON b.task = t.n WHERE t.n = ?";
    private static final String QUEUED_WORK = WORK + " AND t.status = 'queued' AND t.auto_run = 0";

    private final Store store;
    private final Payloads payloads;

    Book(Store store, Payloads payloads) {
        this.store = store;
        this.payloads = payloads;
    }

    /** What a worker needs. */
    record Work(
            Facts facts,
            String prompt,
            Optional<String> skill,
            Optional<String> model,
            Optional<String> systemPrompt,
            Optional<String> context,
            Optional<String> inputRef,
            Trust trust) {
        Leased leased(Hold hold) {
            return leased(Held.of(hold), Optional.of(hold.until()));
        }

        Leased leased(Held held, Optional<Instant> until) {
            return new Leased(
                    facts.id(),
                    facts.n(),
                    facts.title(),
                    prompt,
                    facts.kind().word(),
                    facts.priority(),
                    facts.project(),
                    skill,
                    model,
                    systemPrompt,
                    context,
                    inputRef,
                    trust,
                    held.attempt(),
                    held.worker(),
                    held.fence(),
                    until,
                    facts.createdAt());
        }
    }

    /** A queued task, for a worker. */
    Optional<Work> work(long n) {
        return store.read(tx -> tx.first(QUEUED_WORK, this::work, n));
    }

    /** Any task, for a worker inside the hub. */
    Work work(Tx tx, long n) {
        return tx.first(WORK, this::work, n).orElseThrow();
    }

    private Work work(Row row) {
        return new Work(
                Facts.of(row),
                payloads.prompt(row),
                row.optional("skill"),
                row.optional("model"),
                row.optional("system_prompt"),
                row.optional("context"),
                row.optional("input_ref"),
                row.optional("trust")
                        .map(word -> Trust.valueOf(word.toUpperCase(Locale.ROOT)))
                        .orElse(Trust.MEDIUM));
    }

    /** Writes a lease that lives in memory down. */
    boolean record(Tx tx, Held held, Instant until) {
        int changed = tx.update(
                "UPDATE task SET status = 'leased', worker = ?, fence = ?, attempts = ?, leased_until = ?,"
                        + " updated_at = ? WHERE n = ? AND status = 'queued' AND fence < ?",
                held.worker(),
                held.fence(),
                held.attempt(),
                until,
                held.leasedAt(),
                held.facts().n(),
                held.fence());
        if (changed > 0) {
            begin(tx, held);
        }
        return changed > 0;
    }

    /** The first line of an attempt. */
    static void begin(Tx tx, Held held) {
        tx.update(
                "INSERT OR REPLACE INTO task_attempt (task, n, worker, leased_at, status)"
                        + " VALUES (?, ?, ?, ?, 'leased')",
                held.facts().n(),
                held.attempt(),
                held.worker(),
                held.leasedAt());
    }

    /**
     * The row of a task by its id or its number.
     *
     * @throws KoshiException NOT_FOUND
     */
    static long number(Tx tx, String ref) {
        return TaskIds.find(tx, ref)
                .orElseThrow(() -> KoshiException.notFound("there is no task " + ref + ": see task.list"));
    }

    long number(String ref) {
        return store.read(tx -> number(tx, ref));
    }

    /** Why an end or a renewal of a task is refused. */
    KoshiException refusal(long n) {
        return store.read(tx -> tx.first(
                        "SELECT id, status FROM task WHERE n = ?",
                        row -> new KoshiException(
                                ErrorCode.CONFLICT,
                                "task " + row.text("id") + " is " + row.text("status")
                                        + " and this token is not its newest: nothing was changed, lease the next task"),
                        n))
                .orElseGet(() -> KoshiException.notFound("there is no task number " + n + ": see task.list"));
    }
}
